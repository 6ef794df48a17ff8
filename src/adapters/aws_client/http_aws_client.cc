#include "adapters/aws_client/http_aws_client.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <random>
#include <thread>
#include <utility>

#include "adapters/aws_client/credentials_cache.h"
#include "adapters/aws_client/error_reading.h"
#include "adapters/aws_client/http_date.h"
#include "adapters/aws_client/http_transport.h"
#include "adapters/aws_client/retry.h"
#include "adapters/aws_client/sigv4.h"
#include "domain/base/text.h"

namespace souk::aws {

namespace {

using Time = std::chrono::system_clock::time_point;
using std::chrono::milliseconds;

/// A smaller difference of the clocks is none: services allow five minutes (S3 fifteen).
constexpr std::chrono::minutes clock_difference_allowed{4};

double random_share() {
    thread_local std::minstd_rand engine{std::random_device{}()};
    return std::uniform_real_distribution<double>(0.0, 1.0)(engine);
}

AwsOptions with_real_clockwork(AwsOptions options) {
    if (!options.now) {
        options.now = [] { return std::chrono::system_clock::now(); };
    }
    if (!options.wait) {
        options.wait = [](milliseconds time) { std::this_thread::sleep_for(time); };
    }
    if (!options.share) {
        options.share = random_share;
    }
    return options;
}

HttpTransport::Settings transport_settings(const AwsOptions& options) {
    return {.ca_file = options.ca_file,
            .connect_time_max = options.connect_time_max,
            .pool = {.connections_max = options.connections_kept_max,
                     .idle_time_max = options.connection_idle_time_max}};
}

/// Shape: a Call or a Presigned.
template <class Signed>
std::string_view signing_name(const Signed& one) {
    return one.signing_name.empty() ? one.service : one.signing_name;
}

}  // namespace

class HttpAwsClient::State {
public:
    State(AwsOptions the_options, Endpoints the_endpoints)
        : options(with_real_clockwork(std::move(the_options))),
          endpoints(std::move(the_endpoints)),
          transport(transport_settings(options)) {}

    Result<void> find_credentials_sources() {
        auto sources = TRY(credentials_sources(options.credentials, transport));
        credentials.emplace(std::move(sources), [this] { return corrected_now(); });
        return {};
    }

    /// Our time, corrected by what a service said.
    [[nodiscard]] Time corrected_now() const { return options.now() + milliseconds(correction_); }
    /// When what begins now must end. Errors: aws_not_sent (the thread's deadline has passed).
    [[nodiscard]] Result<Deadline> deadline(std::optional<milliseconds> time_max) const;
    [[nodiscard]] Result<Answer> try_once(const Call& call, Deadline deadline);
    /// Whether the clock was off, as the refusal says, and is right now.
    [[nodiscard]] bool corrects_clock(const Answer& refusal);
    /// Whether the credentials had expired, as the refusal says, and there are others now.
    [[nodiscard]] bool replaces_credentials(const Answer& refusal, Deadline deadline);

    const AwsOptions options;
    const Endpoints endpoints;
    HttpTransport transport;
    std::optional<CredentialsCache> credentials;
    Signer signer;
    RetryBudget budget;

private:
    [[nodiscard]] Result<Headers> headers(const Call& call, const Origin& origin,
                                          Deadline deadline);

    std::atomic<std::int64_t> correction_{0};  // Milliseconds.
};

Result<Deadline> HttpAwsClient::State::deadline(std::optional<milliseconds> time_max) const {
    milliseconds left = time_max.value_or(options.try_time_max);
    if (const auto limit = DeadlineScope::current()) {
        left = std::min(left, std::chrono::floor<milliseconds>(*limit - options.now()));
    }
    if (left <= milliseconds(0)) {
        return fail(errors::aws_not_sent, "There is no time left for a call.");
    }
    return std::chrono::steady_clock::now() + left;
}

Result<Headers> HttpAwsClient::State::headers(const Call& call, const Origin& origin,
                                              Deadline deadline) {
    Headers all = call.headers;
    if (call.signing == Signing::signature_v4) {
        all.emplace_back("host", origin.authority());
        const Credentials signer_of_call = TRY(credentials->current(deadline));
        Headers added = signer.signature({.method = call.method,
                                          .path = call.path,
                                          .query = call.query,
                                          .headers = all,
                                          .body = call.body},
                                         {.credentials = signer_of_call,
                                          .region = endpoints.region(),
                                          .service = signing_name(call),
                                          .time = corrected_now()});
        all.pop_back();  // The transport writes it itself.
        std::ranges::move(added, std::back_inserter(all));
    }
    if (!TraceScope::current().empty()) {
        all.emplace_back("X-Amzn-Trace-Id", TraceScope::current());
    }
    return all;
}

Result<Answer> HttpAwsClient::State::try_once(const Call& call, Deadline deadline) {
    const Origin origin = endpoints.of(call.service);
    Headers sent = TRY(headers(call, origin, deadline));
    HttpRequest request{.method = call.method,
                        .target = wire_target(call.path, call.query),
                        .headers = std::move(sent),
                        .body = call.body,
                        .repeat = call.repeat};
    HttpAnswer answer = TRY(transport.send(origin, request, deadline));
    if (!is_intact(answer)) {
        return fail(errors::aws_no_answer, "The answer was damaged on its way.");
    }
    return read_answer(std::move(answer));
}

bool HttpAwsClient::State::corrects_clock(const Answer& refusal) {
    const auto theirs = parse_http_date(refusal.header("date"));
    if (!blames_the_clock(refusal) || !theirs ||
        std::chrono::abs(*theirs - corrected_now()) < clock_difference_allowed) {
        return false;
    }
    correction_ = std::chrono::round<milliseconds>(*theirs - options.now()).count();
    return true;
}

bool HttpAwsClient::State::replaces_credentials(const Answer& refusal, Deadline deadline) {
    if (!blames_the_credentials(refusal)) {
        return false;
    }
    const auto refused = credentials->current(deadline);
    return refused && credentials->replace(*refused, deadline);
}

namespace {

/// The tries of one call.
class Tries {
public:
    Tries(const AwsOptions& options, RetryBudget& budget, Repeat repeat)
        : options_(options),
          budget_(budget),
          repeat_(repeat),
          end_(DeadlineScope::current().value_or(options.now() + call_time_max)) {}

    /// Whether there is another one, after a while, since this one ended so.
    bool go_on(const Result<Answer>& outcome) {
        const Verdict verdict = verdict_on(outcome);
        ++done_;
        if (verdict == Verdict::final && outcome) {
            budget_.give_back(taken_);
        }
        const bool may_repeat = verdict == Verdict::not_sent || verdict == Verdict::throttled ||
                                (verdict == Verdict::uncertain && repeat_ == Repeat::idempotent);
        if (!may_repeat || done_ >= options_.tries_max) {
            return false;
        }
        const milliseconds pause = backoff(verdict, done_, options_.share());
        if (options_.now() + pause >= end_) {
            return false;
        }
        const auto price = budget_.take(verdict);
        if (!price) {
            return false;
        }
        taken_ = *price;
        options_.wait(pause);
        return true;
    }

private:
    const AwsOptions& options_;
    RetryBudget& budget_;
    const Repeat repeat_;
    const Time end_;
    int done_ = 0;
    int taken_ = 0;
};

}  // namespace

HttpAwsClient::HttpAwsClient(std::unique_ptr<State> state) : state_(std::move(state)) {}
HttpAwsClient::~HttpAwsClient() = default;

Result<std::unique_ptr<HttpAwsClient>> HttpAwsClient::make(AwsOptions options) {
    Endpoints endpoints = TRY(Endpoints::make(options.region, options.endpoints));
    auto state = std::make_unique<State>(std::move(options), std::move(endpoints));
    if (!state->options.ca_file.empty()) {
        TRY(state->transport.warm());
    }
    TRY(state->find_credentials_sources());
    return std::unique_ptr<HttpAwsClient>(new HttpAwsClient(std::move(state)));
}

Result<void> HttpAwsClient::warm() {
    TRY(state_->transport.warm());
    TRY(state_->credentials->current(TRY(state_->deadline(std::nullopt))));
    return {};
}

Result<Answer> HttpAwsClient::call(const Call& call) {
    Tries tries(state_->options, state_->budget, call.repeat);
    bool corrected = false;
    bool replaced = false;
    Deadline deadline = TRY(state_->deadline(call.timeout));
    for (;;) {
        Result<Answer> outcome = state_->try_once(call, deadline);
        if (outcome && !corrected && state_->corrects_clock(*outcome)) {
            corrected = true;
        } else if (outcome && !replaced && state_->replaces_credentials(*outcome, deadline)) {
            replaced = true;
        } else if (!tries.go_on(outcome)) {
            return outcome;
        }
        const auto next = state_->deadline(call.timeout);
        if (!next) {
            return outcome;
        }
        deadline = *next;
    }
}

Result<std::string> HttpAwsClient::presign(const Presigned& presigned) {
    const Deadline deadline = TRY(state_->deadline(std::nullopt));
    const Credentials credentials = TRY(state_->credentials->current(deadline));
    const Origin origin = state_->endpoints.of(presigned.service);
    Headers headers = presigned.signed_headers;
    headers.emplace_back("host", origin.authority());
    const std::string query = state_->signer.presigned_query({.method = presigned.method,
                                                              .path = presigned.path,
                                                              .query = presigned.query,
                                                              .headers = headers,
                                                              .body = {}},
                                                             {.credentials = credentials,
                                                              .region = region(),
                                                              .service = signing_name(presigned),
                                                              .time = state_->corrected_now()},
                                                             presigned.expires);
    return cat(origin.url(), wire_target(presigned.path, {}), '?', query);
}

std::string HttpAwsClient::endpoint(std::string_view service) const {
    return state_->endpoints.of(service).url();
}

std::string_view HttpAwsClient::region() const { return state_->endpoints.region(); }

}  // namespace souk::aws
