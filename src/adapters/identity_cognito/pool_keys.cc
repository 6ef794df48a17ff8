#include "adapters/identity_cognito/pool_keys.h"

#include <utility>

#include "domain/base/json.h"

namespace souk {

Result<rs256::Key> PoolKeys::find(std::string_view id) {
    if (auto key = known(id)) {
        return key;
    }
    const std::lock_guard lock(fetching_);
    if (auto key = known(id)) {
        return key;
    }
    TRY(fetch());
    return known(id);
}

std::string PoolKeys::document() {
    const std::lock_guard lock(fetching_);
    if (!fetch()) {
        environment_.telemetry.log(LogLevel::warning,
                                   "identity: the user pool's keys cannot be fetched");
    }
    const std::shared_lock read(mutex_);
    return document_.empty() ? R"({"keys":[]})" : document_;
}

rs256::Key PoolKeys::known(std::string_view id) const {
    const std::shared_lock lock(mutex_);
    const auto found = keys_.find(id);
    return found == keys_.end() ? nullptr : found->second;
}

Result<void> PoolKeys::fetch() {
    const Instant now = environment_.now();
    if (now < fetch_due_) {
        const std::shared_lock lock(mutex_);
        return document_.empty()
                   ? fail(errors::identity_unavailable, "The user pool's keys cannot be fetched.")
                   : Result<void>();
    }
    fetch_due_ = now + key_fetch_pause_after_failure;
    std::string text = TRY(pool_.key_set());
    const auto document = JsonDocument::parse(text);
    const JsonView set = document ? document->root()["keys"] : JsonView{};
    std::map<std::string, rs256::Key, std::less<>> keys;
    for (std::size_t i = 0; set.is_array() && i < set.size(); ++i) {
        const JsonView jwk = set.at(i);
        // Keys of other kinds may stand beside ours; they are not for RS256.
        if (jwk["kty"].string() == "RSA" && jwk["kid"].is_string()) {
            if (auto key = rs256::public_key(jwk["n"].text_or(), jwk["e"].text_or())) {
                keys.emplace(jwk["kid"].text_or(), std::move(key));
            }
        }
    }
    if (keys.empty()) {
        return fail(errors::identity_unavailable, "The user pool's key set holds no RSA key.");
    }
    fetch_due_ = now + key_fetch_pause;
    const std::unique_lock lock(mutex_);
    keys_ = std::move(keys);
    document_ = std::move(text);
    return {};
}

}  // namespace souk
