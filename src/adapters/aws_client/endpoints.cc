#include "adapters/aws_client/endpoints.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "adapters/aws_client/aws_client.h"
#include "domain/base/text.h"

namespace souk::aws {

namespace {

constexpr std::size_t region_bytes_max = 32;

/// The service's id where it is not the endpoint prefix in capitals.
/// Source: AWS SDKs Reference Guide, "Service-specific endpoints".
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> service_ids{
    {{"cognito-idp", "COGNITO_IDENTITY_PROVIDER"},
     {"email", "SESV2"},
     {"secretsmanager", "SECRETS_MANAGER"},
     {"streams.dynamodb", "DYNAMODB_STREAMS"},
     {"logs", "CLOUDWATCH_LOGS"},
     {"monitoring", "CLOUDWATCH"},
     {"events", "EVENTBRIDGE"},
     {"states", "SFN"}}};

std::string in_capitals(std::string_view service) {
    std::string name(service);
    std::ranges::transform(name, name.begin(), [](char c) {
        return c == '-' || c == '.' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    });
    return name;
}

/// The names by which the service's endpoint may be set, the proper one first; "" is all services.
std::vector<std::string> names_of(std::string_view service) {
    std::vector<std::string> names;
    for (const auto& [prefix, id] : service_ids) {
        if (prefix == service) {
            names.emplace_back(id);
        }
    }
    names.push_back(in_capitals(service));
    names.emplace_back();
    return names;
}

bool is_region(std::string_view region) {
    return !region.empty() && region.size() <= region_bytes_max &&
           std::ranges::all_of(region, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
           });
}

Result<Origin> parse_endpoint(std::string_view url) {
    Url parsed = TRY(parse_url(url));
    if (parsed.target != "/") {
        return fail(errors::aws_misconfigured,
                    cat("The endpoint '", url, "' must be without a path."));
    }
    return std::move(parsed.origin);
}

}  // namespace

Result<Endpoints> Endpoints::make(std::string region, const EndpointSettings& settings) {
    if (!is_region(region)) {
        return fail(errors::aws_misconfigured, region.empty()
                                                   ? "No AWS region is set (AWS_REGION)."
                                                   : cat("'", region, "' is not an AWS region."));
    }
    Endpoints endpoints;
    endpoints.region_ = std::move(region);
    for (const auto& [name, url] : settings.by_name) {
        endpoints.by_name_.emplace(name, TRY(parse_endpoint(url)));
    }
    if (!settings.all.empty()) {
        endpoints.by_name_.emplace("", TRY(parse_endpoint(settings.all)));
    }
    return endpoints;
}

Origin Endpoints::of(std::string_view service) const {
    for (const std::string& name : names_of(service)) {
        if (const auto found = by_name_.find(name); found != by_name_.end()) {
            return found->second;
        }
    }
    const std::string_view domain =
        region_.starts_with("cn-") ? ".amazonaws.com.cn" : ".amazonaws.com";
    return {
        .scheme = Origin::Scheme::https, .host = cat(service, '.', region_, domain), .port = 443};
}

}  // namespace souk::aws
