#include "adapters/aws_client/retry.h"

#include <algorithm>
#include <array>

namespace souk::aws {

namespace {

/// Source: botocore's standard retry mode, without LimitExceededException, which for Cognito means
/// that a user has tried too often.
constexpr std::array<std::string_view, 14> throttling_codes{
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottled",
    "RequestThrottledException",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
    "TransactionInProgressException",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "SlowDown",
    "PriorRequestNotComplete",
    "EC2ThrottledException",
    "KMSThrottlingException"};

constexpr std::array<std::string_view, 5> clock_codes{
    "RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture", "InvalidSignatureException",
    "SignatureDoesNotMatch"};

constexpr std::array<std::string_view, 3> expiry_codes{"ExpiredToken", "ExpiredTokenException",
                                                       "TokenRefreshRequired"};

/// 4xx that say nothing about the request itself. Source: botocore's standard retry mode.
constexpr std::array<std::string_view, 3> transient_codes{"RequestTimeout",
                                                          "RequestTimeoutException", "408"};

bool is_one_of(const auto& codes, std::string_view code) {
    return std::ranges::find(codes, code) != codes.end();
}

constexpr int too_many_requests = 429;

Verdict verdict_on(const Answer& answer) {
    if (answer.ok()) {
        return Verdict::final;
    }
    if (is_one_of(throttling_codes, answer.error_code) || answer.status == too_many_requests) {
        return Verdict::throttled;
    }
    return answer.status >= 500 || is_one_of(transient_codes, answer.error_code)
               ? Verdict::uncertain
               : Verdict::final;
}

}  // namespace

Verdict verdict_on(const Result<Answer>& outcome) {
    if (outcome) {
        return verdict_on(*outcome);
    }
    if (outcome.error().code == errors::aws_not_sent) {
        return Verdict::not_sent;
    }
    return outcome.error().code == errors::aws_no_answer ? Verdict::uncertain : Verdict::final;
}

bool blames_the_clock(const Answer& answer) { return is_one_of(clock_codes, answer.error_code); }

bool blames_the_credentials(const Answer& answer) {
    return is_one_of(expiry_codes, answer.error_code);
}

std::chrono::milliseconds backoff(Verdict verdict, int tries, double share) {
    const auto base = verdict == Verdict::throttled ? throttled_backoff_base : backoff_base;
    const int doublings = std::clamp(tries - 1, 0, 10);
    const auto room = std::min(base * (1 << doublings), backoff_max);
    return std::chrono::milliseconds(
        static_cast<std::int64_t>(static_cast<double>(room.count()) * share));
}

std::optional<int> RetryBudget::take(Verdict verdict) {
    const int price = verdict == Verdict::uncertain ? uncertain_retry_tokens : retry_tokens;
    const std::lock_guard lock(mutex_);
    if (tokens_ < price) {
        return std::nullopt;
    }
    tokens_ -= price;
    return price;
}

void RetryBudget::give_back(int taken) {
    const std::lock_guard lock(mutex_);
    tokens_ = std::min(tokens_max, tokens_ + std::max(taken, success_tokens));
}

}  // namespace souk::aws
