#include "domain/ports/message_bus.h"

namespace souk {

AfterFailure after_failure(const Error& error) {
    switch (error.code.kind) {
        case ErrorKind::unavailable:
        case ErrorKind::exhausted:
        case ErrorKind::conflict: return AfterFailure::retry;
        case ErrorKind::invalid:
        case ErrorKind::not_found:
        case ErrorKind::denied:
        case ErrorKind::corrupt: return AfterFailure::dead_letter;
    }
    return AfterFailure::dead_letter;
}

}  // namespace souk
