#include <algorithm>
#include <utility>

#include "adapters/aws_client/credentials_sources.h"
#include "domain/base/text.h"

namespace souk::aws {

namespace {

/// All three questions together: off EC2 nobody answers.
constexpr std::chrono::milliseconds answer_time_max{1'000};
constexpr std::string_view session_seconds = "21600";
constexpr std::string_view roles_path = "/latest/meta-data/iam/security-credentials/";

class InstanceSource final : public CredentialsSource {
public:
    InstanceSource(Origin origin, HttpTransport& transport)
        : origin_(std::move(origin)), transport_(transport) {}

    Result<std::optional<Credentials>> load(Deadline deadline) override {
        const Deadline until =
            std::min(deadline, std::chrono::steady_clock::now() + answer_time_max);
        const std::string session =
            TRY(ask("PUT", "/latest/api/token",
                    {"x-aws-ec2-metadata-token-ttl-seconds", std::string(session_seconds)}, until));
        const Headers::value_type token{"x-aws-ec2-metadata-token", session};
        const std::string roles = TRY(ask("GET", std::string(roles_path), token, until));
        const std::string_view role = trimmed(split(roles, '\n').front());
        if (role.empty()) {
            return fail(errors::aws_no_credentials, "The instance has no role.");
        }
        return TRY(parse_credentials(
            TRY(ask("GET", cat(roles_path, percent_encoded(role)), token, until))));
    }

private:
    Result<std::string> ask(std::string method, std::string target, Headers::value_type header,
                            Deadline until) {
        return fetch(transport_, origin_,
                     {.method = std::move(method),
                      .target = std::move(target),
                      .headers = {std::move(header)},
                      .repeat = Repeat::idempotent},
                     until);
    }

    Origin origin_;
    HttpTransport& transport_;
};

}  // namespace

Result<std::unique_ptr<CredentialsSource>> instance_source(const CredentialsSettings& settings,
                                                           HttpTransport& transport) {
    Url url = TRY(parse_url(settings.metadata_url));
    return std::make_unique<InstanceSource>(std::move(url.origin), transport);
}

}  // namespace souk::aws
