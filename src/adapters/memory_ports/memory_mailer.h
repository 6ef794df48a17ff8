#pragma once

#include <mutex>
#include <optional>
#include <vector>

#include "domain/ports/mailer.h"

namespace souk {

/// Keeps the mails that it is given. Thread-safe.
class MemoryMailer final : public Mailer {
public:
    [[nodiscard]] Result<void> send(const Mail& mail) override;
    [[nodiscard]] std::chrono::milliseconds longest() const override {
        return std::chrono::seconds(1);
    }

    /// The next `mails` mails are not taken and answer `code`.
    void fail_next(int mails, ErrorCode code);
    /// Everything taken so far, in order.
    [[nodiscard]] std::vector<Mail> mails() const;
    /// The last mail to this address.
    [[nodiscard]] std::optional<Mail> last_to(std::string_view address) const;
    /// How often `send` was called, failures included.
    [[nodiscard]] int calls() const;

private:
    mutable std::mutex mutex_;
    std::vector<Mail> mails_;
    int calls_ = 0;
    int to_fail_ = 0;
    ErrorCode failure_ = errors::mail_unavailable;
};

}  // namespace souk
