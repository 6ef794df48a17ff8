#include "adapters/bus_sns_sqs/receipt.h"

#include <algorithm>
#include <array>
#include <limits>

#include "domain/base/text.h"

namespace souk::sqs {

namespace {
constexpr std::string_view version = "sqs-1";
constexpr char separator = '\n';
}  // namespace

int delivery_from(std::string_view count) {
    return static_cast<int>(std::clamp<std::int64_t>(to_integer(count).value_or(1), 1,
                                                     std::numeric_limits<int>::max()));
}

std::string to_text(const Receipt& receipt) {
    return cat(version, separator, receipt.delivery, separator, receipt.expires.unix_ms(),
               separator, receipt.handle, separator, receipt.body);
}

std::optional<Receipt> receipt_from(std::string_view text) {
    std::array<std::string_view, 4> heads;  // Version, delivery, expiry, handle.
    for (auto& head : heads) {
        const std::size_t end = text.find(separator);
        if (end == std::string_view::npos) {
            return std::nullopt;
        }
        head = text.substr(0, end);
        text.remove_prefix(end + 1);
    }
    const bool counted = to_integer(heads[1]).has_value();
    const auto expires = to_integer(heads[2]);
    if (heads[0] != version || !counted || !expires || heads[3].empty()) {
        return std::nullopt;
    }
    return Receipt{std::string(heads[3]), delivery_from(heads[1]), Instant::from_unix_ms(*expires),
                   std::string(text)};
}

}  // namespace souk::sqs
