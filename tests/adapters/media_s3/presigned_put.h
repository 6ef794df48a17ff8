#pragma once

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <string_view>

#include "adapters/aws_client/sigv4.h"
#include "domain/base/instant.h"
#include "domain/base/text.h"

/// What S3 does before it takes a presigned PUT; emulators do not.
namespace souk::contract {

struct PresignedUrl {
    std::string host;
    std::string path;   // Decoded.
    std::string query;  // As it stands.
    std::map<std::string, std::string> parameters;
};

inline PresignedUrl read_presigned(std::string_view url) {
    PresignedUrl read;
    const auto host = url.find("://") + 3;
    const auto path = url.find('/', host);
    const auto question = url.find('?', path);
    read.host = url.substr(host, path - host);
    read.path = percent_decoded(url.substr(path, question - path), PercentStyle::path).value();
    read.query = url.substr(question + 1);
    for (const auto pair : split(read.query, '&')) {
        const auto equals = pair.find('=');
        read.parameters[std::string(pair.substr(0, equals))] =
            percent_decoded(pair.substr(equals + 1), PercentStyle::path).value();
    }
    return read;
}

/// The status that S3 answers a PUT with: 200 if the address is alive and was signed by these
/// credentials for exactly these headers. Shape: names in lower case; host is added.
inline int status_of_presigned_put(std::string_view url, aws::Headers sent, Instant now,
                                   const aws::Credentials& credentials, std::string_view region) {
    const PresignedUrl read = read_presigned(url);
    const std::string date = read.parameters.at("X-Amz-Date");  // "20260101T000000Z"
    const auto signed_at =
        from_rfc3339(cat(date.substr(0, 4), "-", date.substr(4, 2), "-", date.substr(6, 2), "T",
                         date.substr(9, 2), ":", date.substr(11, 2), ":", date.substr(13, 2), "Z"));
    const std::chrono::seconds life(to_integer(read.parameters.at("X-Amz-Expires")).value());
    if (!signed_at || now >= *signed_at + life) {
        return 403;
    }
    sent.emplace_back("host", read.host);
    aws::Headers covered;
    for (const auto name : split(read.parameters.at("X-Amz-SignedHeaders"), ';')) {
        const auto found =
            std::ranges::find(sent, name, [](const auto& header) { return header.first; });
        if (found == sent.end()) {
            return 403;
        }
        covered.push_back(*found);
    }
    const auto time =
        std::chrono::system_clock::time_point(std::chrono::milliseconds(signed_at->unix_ms()));
    const std::string query = aws::Signer().presigned_query(
        {.method = "PUT", .path = read.path, .query = {}, .headers = covered, .body = {}},
        {.credentials = credentials, .region = region, .service = "s3", .time = time}, life);
    return query == read.query ? 200 : 403;
}

}  // namespace souk::contract
