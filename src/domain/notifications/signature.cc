#include "domain/notifications/signature.h"

#include "domain/base/text.h"

namespace souk::notifications {

std::string secret_text(std::string_view secret) { return cat("whsec_", to_base64(secret)); }

std::string signatures(const Crypto& crypto, const std::vector<std::string>& secrets,
                       std::string_view id, Instant timestamp, std::string_view body) {
    const std::string content = cat(id, '.', timestamp.unix_seconds(), '.', body);
    std::string out;
    for (const auto& secret : secrets) {
        out += cat(out.empty() ? "" : " ", "v1,", to_base64(crypto.hmac_sha256(secret, content)));
    }
    return out;
}

}  // namespace souk::notifications
