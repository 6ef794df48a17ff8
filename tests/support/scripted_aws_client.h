#pragma once

#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/aws_client/aws_client.h"
#include "domain/base/text.h"

namespace souk::testing_support {

/// An AwsClient that answers what it was told, in that order, and remembers what it was asked.
/// With no answer left a call fails with aws_not_sent. Thread-safe.
class ScriptedAwsClient final : public aws::AwsClient {
public:
    /// The next answer not yet promised: a success.
    void answer(std::string body, aws::Headers headers = {}) {
        push(aws::Answer{200, std::move(headers), std::move(body), {}, {}});
    }
    /// A refusal by the service.
    void refuse(int status, std::string code, std::string message = {}, std::string body = {}) {
        push(aws::Answer{status, {}, std::move(body), std::move(code), std::move(message)});
    }
    /// An error of the transport.
    void fail_with(ErrorCode code) { push(fail(code, "As scripted.")); }

    [[nodiscard]] Result<aws::Answer> call(const aws::Call& call) override {
        const std::lock_guard lock(mutex_);
        calls_.push_back(call);
        if (answers_.empty()) {
            return fail(aws::errors::aws_not_sent, "No answer is scripted for this call.");
        }
        auto next = std::move(answers_.front());
        answers_.pop_front();
        return next;
    }
    [[nodiscard]] Result<std::string> presign(const aws::Presigned& presigned) override {
        return cat("https://", presigned.service, ".test", presigned.path, "?signed");
    }
    [[nodiscard]] std::string endpoint(std::string_view service) const override {
        return cat("https://", service, ".test");
    }
    [[nodiscard]] std::string_view region() const override { return "eu-west-1"; }

    [[nodiscard]] std::vector<aws::Call> calls() const {
        const std::lock_guard lock(mutex_);
        return calls_;
    }
    /// Answers that nobody has asked for yet.
    [[nodiscard]] std::size_t answers_left() const {
        const std::lock_guard lock(mutex_);
        return answers_.size();
    }

private:
    void push(Result<aws::Answer> answer) {
        const std::lock_guard lock(mutex_);
        answers_.push_back(std::move(answer));
    }

    mutable std::mutex mutex_;
    std::deque<Result<aws::Answer>> answers_;
    std::vector<aws::Call> calls_;
};

}  // namespace souk::testing_support
