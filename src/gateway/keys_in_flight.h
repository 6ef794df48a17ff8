#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>

namespace souk::gateway {

/// The idempotency keys whose first request is being answered now, in this process. Thread-safe.
class KeysInFlight {
    struct Scopes {
        std::mutex mutex;
        std::unordered_set<std::string> inside;
    };

public:
    /// One key's stay; over with `end` or when the last who knows of it is gone.
    class Flight {
    public:
        Flight(std::shared_ptr<Scopes> scopes, std::string scope)
            : scopes_(std::move(scopes)), scope_(std::move(scope)) {}
        ~Flight() { end(); }
        Flight(const Flight&) = delete;
        Flight& operator=(const Flight&) = delete;
        void end() {
            const std::lock_guard lock(scopes_->mutex);
            if (!over_) {
                over_ = true;
                scopes_->inside.erase(scope_);
            }
        }

    private:
        std::shared_ptr<Scopes> scopes_;
        std::string scope_;
        bool over_ = false;
    };

    /// Nothing if the key is in flight already.
    [[nodiscard]] std::shared_ptr<Flight> begin(const std::string& scope) {
        const std::lock_guard lock(scopes_->mutex);
        return scopes_->inside.insert(scope).second ? std::make_shared<Flight>(scopes_, scope)
                                                    : nullptr;
    }

private:
    std::shared_ptr<Scopes> scopes_ = std::make_shared<Scopes>();
};

}  // namespace souk::gateway
