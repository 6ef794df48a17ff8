#include "adapters/bus_sns_sqs/backoff.h"

#include <functional>

#include "domain/ports/retry_delay.h"

namespace souk::sqs {

std::chrono::seconds backoff(int deliveries, std::string_view handle) {
    return std::chrono::ceil<std::chrono::seconds>(
        retry_delay(deliveries, std::hash<std::string_view>()(handle)));
}

}  // namespace souk::sqs
