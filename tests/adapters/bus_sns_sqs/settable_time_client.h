#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "adapters/aws_client/aws_client.h"
#include "adapters/memory/settable_clock.h"
#include "domain/base/json.h"
#include "domain/base/text.h"

namespace souk::sqs {

/// Lets an SQS that has only the real time follow a settable clock: what is received or put to rest
/// stays hidden for as long as no test takes, and is made visible when the clock says so. Receive
/// counts, redrive policies and receipts are the service's own.
class SettableTimeClient final : public aws::AwsClient {
public:
    /// Both outlive this.
    SettableTimeClient(aws::AwsClient& client, const SettableClock& clock)
        : client_(client), clock_(clock) {}

    Result<aws::Answer> call(const aws::Call& call) override {
        std::string action;
        for (const auto& [name, value] : call.headers) {
            action = name == "X-Amz-Target" ? value : action;
        }
        if (action == "AmazonSQS.ReceiveMessage") {
            return receive(call);
        }
        return action == "AmazonSQS.ChangeMessageVisibilityBatch" ? release(call)
                                                                  : client_.call(call);
    }
    Result<std::string> presign(const aws::Presigned& presigned) override {
        return client_.presign(presigned);
    }
    std::string endpoint(std::string_view service) const override {
        return client_.endpoint(service);
    }
    std::string_view region() const override { return client_.region(); }

    /// Makes visible what is due by now.
    void catch_up() {
        const std::lock_guard lock(mutex_);
        std::erase_if(hidden_by_message_, [this](const auto& entry) {
            const Hidden& hidden = entry.second;
            if (hidden.due > clock_.now()) {
                return false;
            }
            static_cast<void>(client_.call(visibility_call(hidden.url, {{hidden.handle, 0}})));
            return true;
        });
    }

private:
    struct Hidden {
        std::string url;
        std::string handle;
        Instant due;
    };
    using Rests = std::vector<std::pair<std::string, std::int64_t>>;  // Handle, seconds.

    static constexpr std::int64_t longer_than_any_test = 600;

    Result<aws::Answer> receive(const aws::Call& call) {
        auto answer = client_.call(call);
        const auto asked = JsonDocument::parse(call.body);
        const auto told = JsonDocument::parse(answer && answer->ok() ? answer->body : "{}");
        if (!asked || !told) {
            return answer;
        }
        const std::lock_guard lock(mutex_);
        const auto hidden = std::chrono::seconds(asked->root()["VisibilityTimeout"].integer_or(0));
        const JsonView messages = told->root()["Messages"];
        for (std::size_t i = 0; i < messages.size(); ++i) {
            hidden_by_message_.insert_or_assign(
                messages.at(i)["MessageId"].text_or(),
                Hidden{asked->root()["QueueUrl"].text_or(),
                       messages.at(i)["ReceiptHandle"].text_or(), clock_.now() + hidden});
        }
        return answer;
    }

    Result<aws::Answer> release(const aws::Call& call) {
        const auto asked = JsonDocument::parse(call.body);
        if (!asked) {
            return client_.call(call);
        }
        const std::lock_guard lock(mutex_);
        const JsonView entries = asked->root()["Entries"];
        Rests rests;
        for (std::size_t i = 0; i < entries.size(); ++i) {
            const std::string handle = entries.at(i)["ReceiptHandle"].text_or();
            const std::int64_t rest = entries.at(i)["VisibilityTimeout"].integer_or(0);
            rests.emplace_back(handle, rest > 0 ? longer_than_any_test : 0);
            for (auto& [id, hidden] : hidden_by_message_) {
                if (hidden.handle == handle) {
                    hidden.due = clock_.now() + std::chrono::seconds(rest);
                }
            }
            std::erase_if(hidden_by_message_, [&](const auto& entry) {
                return entry.second.handle == handle && rest == 0;
            });
        }
        return client_.call(visibility_call(asked->root()["QueueUrl"].text_or(), rests));
    }

    static aws::Call visibility_call(const std::string& url, const Rests& rests) {
        JsonWriter out;
        out.begin_object().member("QueueUrl", url).key("Entries").begin_array();
        for (std::size_t i = 0; i < rests.size(); ++i) {
            out.begin_object().member("Id", cat(i)).member("ReceiptHandle", rests[i].first);
            out.member("VisibilityTimeout", rests[i].second).end_object();
        }
        out.end_array().end_object();
        return {.service = "sqs",
                .headers = {{"Content-Type", "application/x-amz-json-1.0"},
                            {"X-Amz-Target", "AmazonSQS.ChangeMessageVisibilityBatch"}},
                .body = out.take()};
    }

    aws::AwsClient& client_;
    const SettableClock& clock_;
    std::mutex mutex_;
    std::map<std::string, Hidden> hidden_by_message_;
};

}  // namespace souk::sqs
