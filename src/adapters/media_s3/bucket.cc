#include "adapters/media_s3/bucket.h"

#include <tuple>
#include <utility>

#include "adapters/aws_client/xml_text.h"
#include "domain/base/text.h"
#include "domain/ports/media.h"

namespace souk {

namespace {

constexpr std::string_view s3 = "s3";
/// Bytes travel longer than words.
constexpr std::chrono::milliseconds transfer_time_max{60'000};
constexpr int status_range_not_satisfiable = 416;

std::unexpected<Error> unavailable(const aws::Answer& answer) {
    return fail(errors::media_unavailable,
                cat("S3 refuses: ", answer.error_code, " (", answer.status, ")."));
}

/// What stands behind the slash of "bytes 0-9/200".
std::optional<std::uint64_t> size_in(std::string_view content_range) {
    const auto slash = content_range.rfind('/');
    const auto size = slash == std::string_view::npos ? std::nullopt
                                                      : to_integer(content_range.substr(slash + 1));
    return size && *size >= 0 ? std::optional(static_cast<std::uint64_t>(*size)) : std::nullopt;
}

}  // namespace

Bucket::Bucket(aws::AwsClient& client, std::string name)
    : client_(&client), name_(std::move(name)) {
    const bool is_aws =
        client.endpoint(s3).starts_with(cat("https://s3.", client.region(), ".amazonaws.com"));
    // A dot in the name would make one label more than AWS's certificates cover.
    const bool by_host = is_aws && name_.find('.') == std::string::npos;
    service_ = by_host ? cat(name_, '.', s3) : std::string(s3);
    path_prefix_ = by_host ? "/" : cat("/", name_, "/");
}

aws::Call Bucket::to(std::string method, std::string_view key) const {
    return {.service = service_,
            .signing_name = std::string(s3),
            .method = std::move(method),
            .path = cat(path_prefix_, key),
            .repeat = aws::Repeat::idempotent};
}

Result<aws::Answer> Bucket::call(const aws::Call& call) const {
    auto answer = client_->call(call);
    if (!answer) {
        return fail(errors::media_unavailable, cat("S3 does not answer: ", answer.error().detail));
    }
    return answer;
}

Result<std::string> Bucket::put_address(std::string_view key, aws::Headers headers,
                                        std::chrono::seconds life) const {
    auto address = client_->presign({.method = "PUT",
                                     .service = service_,
                                     .path = cat(path_prefix_, key),
                                     .signed_headers = std::move(headers),
                                     .expires = life,
                                     .signing_name = std::string(s3)});
    if (!address) {
        return fail(errors::media_unavailable, std::move(address).error().detail);
    }
    return address;
}

Result<void> Bucket::put(std::string_view key, std::string bytes) const {
    aws::Call one = to("PUT", key);
    one.headers = {{"content-type", "application/octet-stream"}};
    one.body = std::move(bytes);
    one.timeout = transfer_time_max;
    const aws::Answer answer = TRY(call(one));
    return answer.ok() ? Result<void>() : unavailable(answer);
}

Result<std::optional<aws::Answer>> Bucket::head(std::string_view key) const {
    aws::Answer answer = TRY(call(to("HEAD", key)));
    if (answer.status == 404) {
        return std::nullopt;
    }
    return answer.ok() ? Result<std::optional<aws::Answer>>(std::move(answer))
                       : unavailable(answer);
}

Result<ObjectPiece> Bucket::get(std::string_view key, std::uint64_t offset, std::uint64_t bytes_max,
                                std::string_view entity_tag) const {
    aws::Call one = to("GET", key);
    one.headers = {{"range", cat("bytes=", offset, "-", offset + bytes_max - 1)}};
    if (!entity_tag.empty()) {
        one.headers.emplace_back("if-match", entity_tag);
    }
    one.timeout = transfer_time_max;
    aws::Answer answer = TRY(call(one));
    if (answer.status == 404) {
        return fail(errors::unknown_object, "There is no such file.");
    }
    if (answer.status == status_range_not_satisfiable) {
        return ObjectPiece{.bytes = {}, .object_size = offset, .entity_tag = {}};
    }
    const auto size = size_in(answer.header("content-range"));
    if (answer.status != 206 || !size) {
        return unavailable(answer);
    }
    return ObjectPiece{std::move(answer.body), *size, std::string(answer.header("etag"))};
}

Result<void> Bucket::erase(std::string_view key) const {
    const aws::Answer answer = TRY(call(to("DELETE", key)));
    return answer.ok() || answer.status == 404 ? Result<void>() : unavailable(answer);
}

Result<std::string> Bucket::begin_upload(std::string_view key) const {
    aws::Call one = to("POST", key);
    one.query = {{"uploads", ""}};
    one.headers = {{"content-type", "application/octet-stream"}};
    const aws::Answer answer = TRY(call(one));
    auto upload = aws::xml_text(answer.body, "UploadId");
    if (!answer.ok() || !upload || upload->empty()) {
        return unavailable(answer);
    }
    return *std::move(upload);
}

Result<std::string> Bucket::put_part(std::string_view key, const std::string& upload,
                                     std::size_t number, std::string bytes) const {
    aws::Call one = to("PUT", key);
    one.query = {{"partNumber", cat(number)}, {"uploadId", upload}};
    one.body = std::move(bytes);
    one.timeout = transfer_time_max;
    const aws::Answer answer = TRY(call(one));
    std::string entity_tag(answer.header("etag"));
    if (!answer.ok() || entity_tag.empty()) {
        return unavailable(answer);
    }
    return entity_tag;
}

Result<void> Bucket::complete(std::string_view key, const std::string& upload,
                              const std::vector<std::string>& entity_tags) const {
    std::string body = "<CompleteMultipartUpload>";
    for (std::size_t i = 0; i < entity_tags.size(); ++i) {
        body += cat("<Part><PartNumber>", i + 1, "</PartNumber><ETag>",
                    aws::xml_escaped(entity_tags[i]), "</ETag></Part>");
    }
    aws::Call one = to("POST", key);
    one.query = {{"uploadId", upload}};
    one.headers = {{"content-type", "application/xml"}};
    one.body = body + "</CompleteMultipartUpload>";
    one.timeout = transfer_time_max;
    const aws::Answer answer = TRY(call(one));
    // S3 begins its answer before it knows the outcome: 200 may carry an error.
    const bool done = answer.ok() && answer.body.find("<Error>") == std::string::npos;
    return done ? Result<void>() : unavailable(answer);
}

void Bucket::abandon(std::string_view key, const std::string& upload) const {
    aws::Call one = to("DELETE", key);
    one.query = {{"uploadId", upload}};
    std::ignore = call(one);
}

}  // namespace souk
