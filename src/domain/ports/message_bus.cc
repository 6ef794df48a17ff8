#include "domain/ports/message_bus.h"

#include <algorithm>

#include "domain/base/text.h"

namespace souk {

Result<void> act_upon(const Event& event, const Reaction& reaction) {
    if (std::ranges::find(reaction.types, event.type) == reaction.types.end()) {
        return fail(errors::not_yet,
                    cat("This version knows no ", event.type, " in ", reaction.queue, "."));
    }
    return reaction.react(event);
}

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
