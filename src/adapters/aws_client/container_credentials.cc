#include <algorithm>
#include <array>
#include <utility>

#include "adapters/aws_client/credentials_sources.h"
#include "domain/base/text.h"

namespace souk::aws {

namespace {

constexpr std::chrono::milliseconds answer_time_max{2'000};

/// ECS's and EKS's own addresses. Source: AWS SDKs Reference Guide, "Container credential
/// provider".
constexpr std::array<std::string_view, 5> hosts{"169.254.170.2", "169.254.170.23", "fd00:ec2::23",
                                                "::1", "localhost"};

bool is_private(const Origin& origin) {
    return origin.scheme == Origin::Scheme::https || origin.host.starts_with("127.") ||
           std::ranges::find(hosts, origin.host) != hosts.end();
}

class ContainerSource final : public CredentialsSource {
public:
    ContainerSource(Url url, const CredentialsSettings& settings, HttpTransport& transport)
        : url_(std::move(url)),
          token_(settings.container_token),
          token_file_(settings.container_token_file),
          transport_(transport) {}

    Result<std::optional<Credentials>> load(Deadline deadline) override {
        HttpRequest request{.method = "GET", .target = url_.target, .repeat = Repeat::idempotent};
        const std::string token =
            token_file_.empty() ? token_ : std::string(trimmed(read_file(token_file_)));
        if (!token.empty()) {
            request.headers.emplace_back("Authorization", token);
        } else if (!token_file_.empty()) {
            return fail(errors::aws_no_credentials, cat("There is no token in ", token_file_, '.'));
        }
        const Deadline until =
            std::min(deadline, std::chrono::steady_clock::now() + answer_time_max);
        return TRY(parse_credentials(TRY(fetch(transport_, url_.origin, request, until))));
    }

private:
    Url url_;
    std::string token_;
    std::string token_file_;
    HttpTransport& transport_;
};

}  // namespace

Result<std::unique_ptr<CredentialsSource>> container_source(const CredentialsSettings& settings,
                                                            HttpTransport& transport) {
    Url url = TRY(parse_url(settings.container_url));
    // 127.example.com is no address of this machine.
    const bool named = url.origin.host.starts_with("127.") &&
                       url.origin.host.find_first_not_of("0123456789.") != std::string::npos;
    if (!is_private(url.origin) || (named && url.origin.scheme == Origin::Scheme::http)) {
        return fail(errors::aws_misconfigured,
                    cat("The container's credentials at ", settings.container_url,
                        " would be asked for without protection."));
    }
    return std::make_unique<ContainerSource>(std::move(url), settings, transport);
}

}  // namespace souk::aws
