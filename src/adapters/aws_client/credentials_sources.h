#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "adapters/aws_client/credentials.h"
#include "adapters/aws_client/http_transport.h"
#include "adapters/aws_client/origin.h"

/// What `credentials_sources` chooses from.
namespace souk::aws {

/// The shared credentials file, then the config file.
[[nodiscard]] std::unique_ptr<CredentialsSource> profile_source(
    const CredentialsSettings& settings);
/// The endpoint of ECS and EKS. Errors: aws_misconfigured.
[[nodiscard]] Result<std::unique_ptr<CredentialsSource>> container_source(
    const CredentialsSettings& settings, HttpTransport& transport);
/// The instance metadata service, version 2. Errors: aws_misconfigured.
[[nodiscard]] Result<std::unique_ptr<CredentialsSource>> instance_source(
    const CredentialsSettings& settings, HttpTransport& transport);

/// The body of a 200 answer; tries twice. Errors: aws_no_credentials.
[[nodiscard]] Result<std::string> fetch(HttpTransport& transport, const Origin& origin,
                                        const HttpRequest& request,
                                        CredentialsSource::Deadline deadline);
/// Reads `{"AccessKeyId", "SecretAccessKey", "Token", "Expiration"}`. Errors: aws_no_credentials.
[[nodiscard]] Result<Credentials> parse_credentials(std::string_view json);
/// The file's text; empty if there is none.
[[nodiscard]] std::string read_file(const std::string& path);

}  // namespace souk::aws
