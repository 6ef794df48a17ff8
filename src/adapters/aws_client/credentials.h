#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "domain/base/error.h"

namespace souk::aws {

class HttpTransport;

struct Credentials {
    std::string access_key_id;
    std::string secret_access_key;
    std::string session_token = {};  // Of temporary credentials.
    std::optional<std::chrono::system_clock::time_point> expires = std::nullopt;
};

/// Where credentials may come from, in this order.
struct CredentialsSettings {
    std::optional<Credentials> fixed = std::nullopt;  // The environment's own.

    std::string credentials_file = {};  // Empty: none.
    std::string config_file = {};
    std::string profile = "default";

    std::string container_url = {};         // Of ECS or EKS; empty: not there.
    std::string container_token = {};       // Sent as the Authorization header.
    std::string container_token_file = {};  // Read at each refresh; goes before the token.

    /// The instance metadata service's URL; empty: not asked.
    std::string metadata_url = "http://169.254.169.254";
};

/// One place that credentials may come from.
class CredentialsSource {
public:
    using Deadline = std::chrono::steady_clock::time_point;

    virtual ~CredentialsSource() = default;
    /// Nothing when this place is not set up. Errors: aws_no_credentials (it is set up, and does
    /// not yield any).
    [[nodiscard]] virtual Result<std::optional<Credentials>> load(Deadline deadline) = 0;
};

/// The sources that the settings name. Errors: aws_misconfigured (a URL that cannot be used, or
/// that would show the container's token to others: plain HTTP goes to this machine only).
[[nodiscard]] Result<std::vector<std::unique_ptr<CredentialsSource>>> credentials_sources(
    const CredentialsSettings& settings, HttpTransport& transport);

}  // namespace souk::aws
