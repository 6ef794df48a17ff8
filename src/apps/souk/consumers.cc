#include "apps/souk/consumers.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "domain/base/text.h"

namespace souk::app {

namespace {

constexpr std::chrono::hours patience{1};
/// A queue that cannot be read is tried again after a wait that doubles up to so much: soon after a
/// moment's trouble, and without flooding the log while a disk is full.
constexpr std::chrono::milliseconds after_error{500};
constexpr std::chrono::milliseconds after_errors_max{4'000};

void wait(std::chrono::milliseconds time, const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    wake.wait_for(lock, stop, time, [] { return false; });
}

}  // namespace

void Consumers::start(std::vector<Reaction> reactions, int workers) {
    reactions_ = std::move(reactions);
    for (const auto& reaction : reactions_) {
        for (int i = 0; i < workers; ++i) {
            threads_.emplace_back(
                [this, &reaction](const std::stop_token& stop) { consume(reaction, stop); });
        }
    }
}

void Consumers::stop() {
    for (auto& thread : threads_) {
        thread.request_stop();
    }
    threads_.clear();
}

void Consumers::consume(const Reaction& reaction, const std::stop_token& stop) {
    std::chrono::milliseconds resting = after_error;
    while (!stop.stop_requested()) {
        const auto messages = bus_.receive(reaction.queue, reaction.at_once, patience, stop);
        if (!messages) {
            telemetry_.log(LogLevel::error, "queue cannot be read",
                           {{"queue", reaction.queue},
                            {"code", messages.error().code.name},
                            {"detail", messages.error().detail}});
            wait(resting, stop);
            resting = std::min(2 * resting, after_errors_max);
            continue;
        }
        resting = after_error;
        std::vector<std::string> done;
        for (const auto& message : *messages) {
            handle(reaction, message, done);
        }
        if (!done.empty()) {
            if (const auto acknowledged = bus_.acknowledge(reaction.queue, done); !acknowledged) {
                // They come again, and their inbox rows make that harmless.
                telemetry_.log(
                    LogLevel::warning, "messages not acknowledged",
                    {{"queue", reaction.queue}, {"code", acknowledged.error().code.name}});
            }
        }
    }
}

void Consumers::handle(const Reaction& reaction, const Message& message,
                       std::vector<std::string>& done) {
    const auto started = std::chrono::steady_clock::now();
    auto span = telemetry_.span(reaction.queue, message.event.traceparent);
    const auto reacted = act_upon(message.event, reaction);
    telemetry_.time("souk_reaction_seconds",
                    std::chrono::duration_cast<std::chrono::microseconds>(
                        std::chrono::steady_clock::now() - started),
                    {{"queue", reaction.queue}});
    telemetry_.count("souk_reactions_total", 1,
                     {{"queue", reaction.queue}, {"outcome", reacted ? "done" : "failed"}});
    if (reacted) {
        done.push_back(message.receipt);
        return;
    }
    const Error& error = reacted.error();
    span->failed(error.code.name);
    const AfterFailure fate = after_failure(error);
    const std::string reason = cat(error.code.name, ": ", error.detail);
    const bool dies = fate != AfterFailure::retry || message.delivery >= deliveries_max;
    if (dies) {
        telemetry_.count("souk_dead_letters_total", 1, {{"queue", reaction.queue}});
    }
    telemetry_.log(dies ? LogLevel::error : LogLevel::warning,
                   dies ? "message died, it is among the dead letters" : "reaction failed",
                   {{"queue", reaction.queue},
                    {"event", message.event.id},
                    {"type", message.event.type},
                    {"subject", message.event.subject},
                    {"source", message.event.source},
                    {"traceparent", message.event.traceparent},
                    {"code", error.code.name},
                    {"detail", error.detail}});
    const auto settled = fate == AfterFailure::retry
                             ? bus_.retry(reaction.queue, message.receipt, reason)
                             : bus_.bury(reaction.queue, message.receipt, reason);
    if (!settled) {
        // It becomes visible again by itself once its visibility has run out.
        telemetry_.log(LogLevel::warning, "message's failure not recorded",
                       {{"queue", reaction.queue}, {"code", settled.error().code.name}});
    }
}

}  // namespace souk::app
