#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string_view>

#include "adapters/aws_client/aws_client.h"
#include "domain/base/error.h"

namespace souk::aws {

/// The n-th wait is drawn from 0 to base·2ⁿ, at most the cap ("full jitter").
inline constexpr std::chrono::milliseconds backoff_base{25};
inline constexpr std::chrono::milliseconds throttled_backoff_base{50};
inline constexpr std::chrono::milliseconds backoff_max{2'000};
/// Without a deadline of the thread's own, no try begins later than this after the first.
inline constexpr std::chrono::milliseconds call_time_max{30'000};

/// How a try ended, as far as trying again goes.
enum class Verdict {
    final,      // An answer, or a refusal that stands.
    not_sent,   // Nothing happened.
    throttled,  // The service did nothing, and asks for patience.
    uncertain,  // It may have had its effect: repeat only what is idempotent.
};
[[nodiscard]] Verdict verdict_on(const Result<Answer>& outcome);

/// Whether the service refused a signature for its time.
[[nodiscard]] bool blames_the_clock(const Answer& answer);
/// Whether the service says that the credentials have run out.
[[nodiscard]] bool blames_the_credentials(const Answer& answer);

/// Shape: `share` in [0, 1), `tries` done so far, from 1.
[[nodiscard]] std::chrono::milliseconds backoff(Verdict verdict, int tries, double share);

/// Limits what all calls together spend on retries, so that a service in trouble is not buried
/// under them: each retry costs, each success gives back. Thread-safe.
/// Source: AWS SDKs' standard retry mode.
class RetryBudget {
public:
    static constexpr int tokens_max = 500;
    static constexpr int retry_tokens = 5;
    static constexpr int uncertain_retry_tokens = 10;
    static constexpr int success_tokens = 1;

    /// What the retry took, or nothing when there is not enough left.
    [[nodiscard]] std::optional<int> take(Verdict verdict);
    /// After a success: `taken` by the call's last retry, 0 if it needed none.
    void give_back(int taken);

private:
    std::mutex mutex_;
    int tokens_ = tokens_max;
};

}  // namespace souk::aws
