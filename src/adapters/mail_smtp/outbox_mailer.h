#pragma once

#include <filesystem>

#include "adapters/mime/mime.h"
#include "domain/ports/clock.h"
#include "domain/ports/mailer.h"

namespace souk {

/// Keeps every mail as a file instead of sending it: the Mailer of an installation without a mail
/// server. Any mail program opens the files: `20261124T020700123Z-<id>.eml`, so names sort by time.
class OutboxMailer : public Mailer {
public:
    /// `clock` outlives this. Effects: none; the folder is made by the first mail.
    OutboxMailer(std::filesystem::path folder, MailSender sender, const Clock& clock);

    /// The file is whole and durable when it returns; a repeat is a file of its own ("…-2.eml").
    [[nodiscard]] Result<void> send(const Mail& mail) override;
    [[nodiscard]] std::chrono::milliseconds longest() const override {
        return std::chrono::seconds(10);  // A slow disk.
    }

private:
    [[nodiscard]] Result<void> keep(const std::string& name, std::string_view bytes) const;

    std::filesystem::path folder_;
    MailSender sender_;
    const Clock& clock_;
};

}  // namespace souk
