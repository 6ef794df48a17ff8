#include "adapters/mail_ses/ses_mailer.h"

#include <utility>

#include "domain/base/json.h"
#include "domain/base/text.h"

namespace souk {

namespace {

std::string request_body(const Mail& mail, const MimeMessage& message, const SesOptions& options) {
    // The id holds nothing that could end its line: build_mime has seen to that.
    const std::string raw = cat("X-Souk-Mail-Id: ", mail.id, "\r\n", message.bytes);
    JsonWriter body;
    body.begin_object().member("FromEmailAddress", options.sender.address);
    body.key("Destination").begin_object();
    body.key("ToAddresses").begin_array().value(mail.to).end_array().end_object();
    body.key("Content").begin_object();
    body.key("Raw").begin_object().member("Data", to_base64(raw)).end_object().end_object();
    if (!options.configuration_set.empty()) {
        body.member("ConfigurationSetName", options.configuration_set);
    }
    body.end_object();
    return body.take();
}

/// Whether SES will never take this mail, whatever the operator does.
bool is_final(const aws::Answer& answer) {
    const bool unverified = answer.error_message.find("not verified") != std::string::npos ||
                            answer.error_message.find("authority to send") != std::string::npos;
    return (answer.error_code == "MessageRejected" && !unverified) ||
           answer.error_code == "BadRequestException";
}

}  // namespace

SesMailer::SesMailer(aws::AwsClient& client, const Clock& clock, SesOptions options)
    : client_(client), clock_(clock), options_(std::move(options)) {}

Result<void> SesMailer::send(const Mail& mail) {
    const MimeMessage message = TRY(build_mime(mail, options_.sender, clock_.now()));
    if (message.has_utf8_address) {
        return fail(errors::mail_refused, "SES takes no address beyond ASCII.");
    }
    const auto answer = client_.call({.service = "email",
                                      .signing_name = "ses",
                                      .path = "/v2/email/outbound-emails",
                                      .headers = {{"content-type", "application/json"}},
                                      .body = request_body(mail, message, options_)});
    if (!answer) {
        return fail(errors::mail_unavailable, cat("SES does not answer: ", answer.error().detail));
    }
    if (answer->ok()) {
        return {};
    }
    const std::string detail =
        cat("SES refuses: ", answer->error_code, ": ", answer->error_message);
    return fail(is_final(*answer) ? errors::mail_refused : errors::mail_unavailable, detail);
}

}  // namespace souk
