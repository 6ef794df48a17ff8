#include "adapters/aws_client/credentials_sources.h"

#include <fstream>
#include <sstream>
#include <utility>

#include "adapters/aws_client/http_date.h"
#include "domain/base/instant.h"
#include "domain/base/json.h"
#include "domain/base/text.h"

namespace souk::aws {

namespace {

constexpr int fetch_tries = 2;

class FixedSource final : public CredentialsSource {
public:
    explicit FixedSource(Credentials credentials) : credentials_(std::move(credentials)) {}
    Result<std::optional<Credentials>> load(Deadline) override { return credentials_; }

private:
    Credentials credentials_;
};

}  // namespace

Result<std::vector<std::unique_ptr<CredentialsSource>>> credentials_sources(
    const CredentialsSettings& settings, HttpTransport& transport) {
    std::vector<std::unique_ptr<CredentialsSource>> sources;
    if (settings.fixed) {
        sources.push_back(std::make_unique<FixedSource>(*settings.fixed));
    }
    sources.push_back(profile_source(settings));
    if (!settings.container_url.empty()) {
        sources.push_back(TRY(container_source(settings, transport)));
    }
    if (!settings.metadata_url.empty()) {
        sources.push_back(TRY(instance_source(settings, transport)));
    }
    return sources;
}

Result<std::string> fetch(HttpTransport& transport, const Origin& origin,
                          const HttpRequest& request, CredentialsSource::Deadline deadline) {
    Error problem{.code = errors::aws_no_credentials};
    for (int tries = 0; tries < fetch_tries; ++tries) {
        auto answer = transport.send(origin, request, deadline);
        if (answer && answer->status == 200) {
            return std::move(answer->body);
        }
        problem.detail = cat("Credentials were asked for at ", origin.url(), ": ",
                             answer ? cat("status ", answer->status) : answer.error().detail);
        if (answer && answer->status < 500) {
            break;
        }
    }
    return fail(problem);
}

Result<Credentials> parse_credentials(std::string_view json) {
    const auto document = JsonDocument::parse(json);
    const JsonView root = document ? document->root() : JsonView();
    Credentials credentials{.access_key_id = root["AccessKeyId"].text_or(),
                            .secret_access_key = root["SecretAccessKey"].text_or(),
                            .session_token = root["Token"].text_or()};
    if (credentials.access_key_id.empty() || credentials.secret_access_key.empty()) {
        return fail(errors::aws_no_credentials,
                    cat("What was given for credentials is none: ", root["Code"].text_or(), ' ',
                        root["Message"].text_or()));
    }
    if (const auto expires = from_rfc3339(root["Expiration"].text_or())) {
        credentials.expires = on_system_clock(*expires);  // Nothing: not in a clock's lifetime.
    }
    return credentials;
}

std::string read_file(const std::string& path) {
    const std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();  // Of a directory, or a failing disk, nothing; an iterator would throw.
    return text.str();
}

}  // namespace souk::aws
