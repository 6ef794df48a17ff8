#include "domain/orders/preferred_wait.h"

#include <algorithm>
#include <string>

#include "domain/base/text.h"

namespace souk::orders {

std::optional<std::chrono::seconds> preferred_wait(std::string_view prefer) {
    for (auto preference : split(prefer, ',')) {
        preference = preference.substr(0, preference.find(';'));  // Parameters follow.
        const auto equals = std::min(preference.find('='), preference.size());
        if (ascii_equal_ignoring_case(trimmed(preference.substr(0, equals)), "wait")) {
            std::string value(trimmed(preference.substr(std::min(equals + 1, preference.size()))));
            std::erase(value, '"');
            const auto seconds = to_integer(value);
            if (seconds && *seconds > 0) {
                return std::min(std::chrono::seconds(*seconds), wait_max);
            }
        }
    }
    return std::nullopt;
}

}  // namespace souk::orders
