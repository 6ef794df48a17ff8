#include "adapters/bus_sns_sqs/receipt.h"

#include <array>

#include "domain/base/text.h"

namespace souk::sqs {

namespace {
constexpr std::string_view version = "sqs-1";
constexpr char separator = '\n';
}  // namespace

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
    const auto delivery = to_integer(heads[1]);
    const auto expires = to_integer(heads[2]);
    if (heads[0] != version || !delivery || !expires || heads[3].empty()) {
        return std::nullopt;
    }
    return Receipt{std::string(heads[3]), static_cast<int>(*delivery),
                   Instant::from_unix_ms(*expires), std::string(text)};
}

}  // namespace souk::sqs
