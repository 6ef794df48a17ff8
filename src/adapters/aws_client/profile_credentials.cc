#include <utility>

#include "adapters/aws_client/credentials_sources.h"
#include "adapters/aws_client/profile_file.h"
#include "domain/base/text.h"

namespace souk::aws {

namespace {

Result<std::optional<Credentials>> credentials_in(Profile profile, const std::string& file) {
    Credentials credentials{.access_key_id = profile["aws_access_key_id"],
                            .secret_access_key = profile["aws_secret_access_key"],
                            .session_token = profile["aws_session_token"]};
    if (credentials.access_key_id.empty()) {
        return std::nullopt;
    }
    if (credentials.secret_access_key.empty()) {
        return fail(errors::aws_no_credentials,
                    cat("The profile in ", file, " has an access key without its secret."));
    }
    return credentials;
}

class ProfileSource final : public CredentialsSource {
public:
    explicit ProfileSource(const CredentialsSettings& settings)
        : files_{settings.credentials_file, settings.config_file}, profile_(settings.profile) {}

    Result<std::optional<Credentials>> load(Deadline) override {
        for (const std::string& file : files_) {
            auto found = file.empty()
                             ? std::nullopt
                             : TRY(credentials_in(read_profile(read_file(file), profile_), file));
            if (found) {
                return found;
            }
        }
        return std::nullopt;
    }

private:
    std::vector<std::string> files_;
    std::string profile_;
};

}  // namespace

std::unique_ptr<CredentialsSource> profile_source(const CredentialsSettings& settings) {
    return std::make_unique<ProfileSource>(settings);
}

}  // namespace souk::aws
