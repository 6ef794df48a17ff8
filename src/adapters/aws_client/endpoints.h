#pragma once

#include <map>
#include <string>
#include <string_view>

#include "adapters/aws_client/origin.h"
#include "domain/base/error.h"

namespace souk::aws {

/// Endpoints that were set by hand, as URLs.
struct EndpointSettings {
    std::string all;  // AWS_ENDPOINT_URL; empty: none.
    /// AWS_ENDPOINT_URL_<NAME> by NAME ("DYNAMODB", "COGNITO_IDENTITY_PROVIDER").
    std::map<std::string, std::string> by_name = {};
};

/// Which host answers for a service: the one set for it, the one set for all, or AWS's own in the
/// region.
class Endpoints {
public:
    /// Errors: aws_misconfigured (a region or URL that cannot be used).
    static Result<Endpoints> make(std::string region, const EndpointSettings& settings);

    /// Shape: the endpoint prefix, "dynamodb".
    [[nodiscard]] Origin of(std::string_view service) const;
    [[nodiscard]] const std::string& region() const { return region_; }

private:
    std::string region_;
    std::map<std::string, Origin> by_name_;  // "" is for all.
};

}  // namespace souk::aws
