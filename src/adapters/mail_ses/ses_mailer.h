#pragma once

#include <memory>
#include <string>

#include "adapters/aws_client/aws_client.h"
#include "adapters/aws_client/aws_options.h"
#include "adapters/aws_client/retry.h"
#include "adapters/mime/mime.h"
#include "domain/ports/clock.h"
#include "domain/ports/mailer.h"

namespace souk {

struct SesOptions {
    MailSender sender;                   // An identity that SES has verified.
    std::string configuration_set = {};  // For bounces and complaints; may be empty.
};

/// Sends mail through Amazon SES, as the very message that mail_smtp would send. SES gives it a
/// Message-ID of its own; ours travels in the header X-Souk-Mail-Id. Safe from several threads.
class SesMailer final : public Mailer {
public:
    /// The client and the clock outlive it.
    SesMailer(aws::AwsClient& client, const Clock& clock, SesOptions options);

    /// Errors: mail_refused (what the mail says, or SES for its content); mail_unavailable (no
    /// answer, throttled, paused, or an identity that is not verified: the operator's to mend).
    [[nodiscard]] Result<void> send(const Mail& mail) override;
    /// The last try begins by then, and has its own time.
    [[nodiscard]] std::chrono::milliseconds longest() const override {
        return aws::call_time_max + aws::AwsOptions{}.try_time_max;
    }

private:
    aws::AwsClient& client_;
    const Clock& clock_;
    SesOptions options_;
};

}  // namespace souk
