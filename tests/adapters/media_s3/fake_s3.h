#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "adapters/aws_client/http_aws_client.h"
#include "adapters/aws_client/xml_text.h"
#include "domain/base/text.h"
#include "domain/ports/clock.h"

namespace souk::contract {

inline const aws::Credentials s3_credentials{.access_key_id = "AKIDEXAMPLE",
                                             .secret_access_key = "secret"};
inline constexpr const char* s3_region = "eu-west-1";
inline constexpr const char* s3_bucket = "souk-media";

/// A client whose clock is the test's. Without an endpoint it must only sign.
inline std::unique_ptr<aws::HttpAwsClient> s3_client(const Clock& clock, std::string endpoint) {
    aws::AwsOptions options{.region = s3_region};
    options.endpoints.all = std::move(endpoint);
    options.credentials.fixed = s3_credentials;
    options.now = [&clock] {
        return std::chrono::system_clock::time_point(
            std::chrono::milliseconds(clock.now().unix_ms()));
    };
    return aws::HttpAwsClient::make(std::move(options)).value();
}

/// One bucket in memory, as the AwsClient that talks to it: what Souk asks of S3, answered as its
/// documentation says. Signing is the real client's.
class FakeS3 final : public aws::AwsClient {
public:
    explicit FakeS3(const Clock& clock) : signer_(s3_client(clock, "")) {}

    struct Object {
        std::string bytes;
        std::string content_type;
    };

    [[nodiscard]] Result<aws::Answer> call(const aws::Call& call) override {
        const std::lock_guard lock(mutex_);
        calls_.push_back(call);
        if (cut_) {
            return fail(aws::errors::aws_no_answer, "The wire is cut.");
        }
        if (call.service != cat(s3_bucket, ".s3") || call.signing_name != "s3") {
            return refusal(404, "NoSuchBucket");
        }
        const std::string key = call.path.substr(1);
        if (call.method == "POST") {
            return post(call, key);
        }
        if (call.method == "PUT") {
            return put(call, key);
        }
        if (call.method == "DELETE") {
            if (const std::string upload = query(call, "uploadId"); !upload.empty()) {
                uploads_.erase(upload);
            } else {
                objects_.erase(key);
            }
            return aws::Answer{204, {}, {}, {}, {}};
        }
        return read(call, key);
    }
    [[nodiscard]] Result<std::string> presign(const aws::Presigned& presigned) override {
        return signer_->presign(presigned);
    }
    [[nodiscard]] std::string endpoint(std::string_view service) const override {
        return signer_->endpoint(service);
    }
    [[nodiscard]] std::string_view region() const override { return signer_->region(); }

    void keep(const std::string& key, Object object) { objects_[key] = std::move(object); }
    void cut() { cut_ = true; }
    void fail_completion() { completion_fails_ = true; }
    [[nodiscard]] std::size_t open_uploads() const { return uploads_.size(); }
    [[nodiscard]] const std::map<std::string, Object>& objects() const { return objects_; }
    /// "PUT ?partNumber" of every call so far.
    [[nodiscard]] std::vector<std::string> calls() const {
        std::vector<std::string> out;
        for (const auto& call : calls_) {
            out.push_back(cat(call.method, call.query.empty() ? "" : " ?",
                              call.query.empty() ? "" : call.query[0].first));
        }
        return out;
    }

private:
    using Answer = Result<aws::Answer>;

    static Answer refusal(int status, const char* code) {
        return aws::Answer{status, {}, {}, code, {}};
    }
    static std::string query(const aws::Call& call, std::string_view name) {
        for (const auto& [key, value] : call.query) {
            if (key == name) {
                return value;
            }
        }
        return "";
    }
    static std::string header(const aws::Call& call, std::string_view name) {
        for (const auto& [key, value] : call.headers) {
            if (key == name) {
                return value;
            }
        }
        return "";
    }
    static std::string tag_of(const std::string& bytes) {
        return cat("\"", std::hash<std::string>{}(bytes), "\"");
    }

    Answer put(const aws::Call& call, const std::string& key) {
        const std::string upload = query(call, "uploadId");
        if (upload.empty()) {
            objects_[key] = {call.body, header(call, "content-type")};
        } else {
            uploads_.at(upload)[static_cast<int>(*to_integer(query(call, "partNumber")))] =
                call.body;
        }
        return aws::Answer{200, {{"etag", tag_of(call.body)}}, {}, {}, {}};
    }
    Answer post(const aws::Call& call, const std::string& key) {
        const std::string upload = query(call, "uploadId");
        if (upload.empty()) {
            const std::string made = cat("upload+", ++made_);
            uploads_[made];
            return aws::Answer{200,
                               {},
                               cat("<InitiateMultipartUploadResult><UploadId>", made,
                                   "</UploadId></InitiateMultipartUploadResult>"),
                               {},
                               {}};
        }
        if (completion_fails_) {
            return aws::Answer{
                200, {}, "<?xml?>\n\n<Error><Code>InternalError</Code></Error>", {}, {}};
        }
        Object whole{"", "application/octet-stream"};
        std::string expected = "<CompleteMultipartUpload>";
        for (const auto& [number, bytes] : uploads_.at(upload)) {
            whole.bytes += bytes;
            expected += cat("<Part><PartNumber>", number, "</PartNumber><ETag>",
                            aws::xml_escaped(tag_of(bytes)), "</ETag></Part>");
        }
        if (call.body != expected + "</CompleteMultipartUpload>") {
            return refusal(400, "InvalidPart");
        }
        uploads_.erase(upload);
        objects_[key] = std::move(whole);
        return aws::Answer{200, {}, "<CompleteMultipartUploadResult/>", {}, {}};
    }
    Answer read(const aws::Call& call, const std::string& key) {
        const auto found = objects_.find(key);
        if (found == objects_.end()) {
            return refusal(404, "NoSuchKey");
        }
        const std::string& bytes = found->second.bytes;
        aws::Answer answer{200,
                           {{"content-length", cat(bytes.size())},
                            {"content-type", found->second.content_type},
                            {"etag", tag_of(bytes)}},
                           {},
                           {},
                           {}};
        if (call.method == "HEAD") {
            return answer;
        }
        if (const auto tag = header(call, "if-match"); !tag.empty() && tag != tag_of(bytes)) {
            return refusal(412, "PreconditionFailed");
        }
        const std::string range = header(call, "range");  // "bytes=0-99"
        const auto dash = range.find('-');
        const auto from = static_cast<std::size_t>(*to_integer(range.substr(6, dash - 6)));
        const auto last = static_cast<std::size_t>(*to_integer(range.substr(dash + 1)));
        if (from >= bytes.size()) {
            return refusal(416, "InvalidRange");
        }
        answer.status = 206;
        answer.body = bytes.substr(from, last - from + 1);
        answer.headers.emplace_back(
            "content-range",
            cat("bytes ", from, "-", from + answer.body.size() - 1, "/", bytes.size()));
        return answer;
    }

    std::unique_ptr<aws::HttpAwsClient> signer_;
    mutable std::mutex mutex_;
    std::map<std::string, Object> objects_;
    std::map<std::string, std::map<int, std::string>> uploads_;
    std::vector<aws::Call> calls_;
    bool cut_ = false;
    bool completion_fails_ = false;
    int made_ = 0;
};

}  // namespace souk::contract
