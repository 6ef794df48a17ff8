#include "adapters/ledger_dynamodb/pause.h"

#include <algorithm>
#include <cstdint>
#include <thread>

#include "adapters/aws_client/aws_client.h"

namespace souk::dynamo {

namespace {

std::uint32_t drawn(const Crypto& crypto) {
    std::uint32_t number = 0;
    for (const char c : crypto.random(sizeof number)) {
        number = (number << 8U) | static_cast<unsigned char>(c);
    }
    return number;
}

}  // namespace

Pauses::Pauses(const Crypto& crypto, std::function<void(std::chrono::milliseconds)> wait)
    : crypto_(crypto), wait_(std::move(wait)) {
    if (!wait_) {
        wait_ = [](std::chrono::milliseconds pause) { std::this_thread::sleep_for(pause); };
    }
}

Pauses::Outcome Pauses::before_next(int tries_done, PauseRange range) const {
    constexpr int doublings_max = 20;
    const auto ceiling = std::min(
        range.longest, range.base * (std::int64_t{1} << std::min(tries_done - 1, doublings_max)));
    const std::chrono::milliseconds pause(drawn(crypto_) %
                                          static_cast<std::uint64_t>(ceiling.count() + 1));
    const auto deadline = aws::DeadlineScope::current();
    if (deadline && std::chrono::system_clock::now() + pause >= *deadline) {
        return Outcome::out_of_time;
    }
    wait_(pause);
    return Outcome::waited;
}

}  // namespace souk::dynamo
