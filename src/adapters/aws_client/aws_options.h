#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <string>

#include "adapters/aws_client/credentials.h"
#include "adapters/aws_client/endpoints.h"
#include "domain/base/error.h"

namespace souk::aws {

/// All that HttpAwsClient needs to know.
struct AwsOptions {
    std::string region;
    EndpointSettings endpoints = {};
    CredentialsSettings credentials = {};
    std::string ca_file = {};  // Trusted certificates, PEM; empty: Amazon's own.

    std::chrono::milliseconds try_time_max{5'000};      // Of calls that do not say.
    std::chrono::milliseconds connect_time_max{3'000};  // Name, connection and handshake.
    std::size_t connections_kept_max = 64;
    std::chrono::milliseconds connection_idle_time_max{20'000};
    int tries_max = 6;

    /// What a test sets: the time, how to wait, and the jitter's share in [0, 1).
    std::function<std::chrono::system_clock::time_point()> now = {};
    std::function<void(std::chrono::milliseconds)> wait = {};
    std::function<double()> share = {};

    /// Reads the standard variables: AWS_REGION, AWS_ENDPOINT_URL[_SERVICE], AWS_PROFILE,
    /// AWS_ACCESS_KEY_ID, AWS_CONTAINER_CREDENTIALS_…, AWS_EC2_METADATA_…, AWS_CA_BUNDLE,
    /// AWS_MAX_ATTEMPTS and their kin, and the shared files that HOME leads to.
    /// Errors: aws_misconfigured.
    static Result<AwsOptions> from_environment(
        const std::map<std::string, std::string>& variables_by_name);
};

}  // namespace souk::aws
