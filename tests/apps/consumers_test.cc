#include "apps/souk/consumers.h"

#include <gtest/gtest.h>

#include <latch>

#include "adapters/memory/memory_bus.h"
#include "adapters/memory/settable_clock.h"
#include "adapters/memory/silent_telemetry.h"

namespace souk::app {
namespace {

constexpr std::string_view happened = "souk.order.confirmed.v1";

/// The lines of the log once a reaction has failed so.
std::vector<SilentTelemetry::Line> lines_after(ErrorCode failure) {
    SettableClock clock;
    MemoryLedger ledger(clock, {{"mails", {std::string(happened)}}});
    MemoryBus bus(ledger, clock);
    SilentTelemetry telemetry;
    std::latch acted(1);
    Consumers consumers(bus, telemetry);
    consumers.start({{"mails",
                      {std::string(happened)},
                      [&](const Event&) -> Result<void> {
                          acted.count_down();
                          return fail(failure, "as told");
                      }}},
                    1);
    Transaction transaction;
    transaction.token = "token";
    transaction.events.push_back({.id = "evt_1",
                                  .source = "/stores/store_1/orders",
                                  .type = std::string(happened),
                                  .subject = "order_1",
                                  .time = clock.now(),
                                  .body = "{}",
                                  .traceparent = "00-trace-span-01"});
    EXPECT_TRUE(ledger.commit(transaction));
    acted.wait();
    consumers.stop();
    return telemetry.lines();
}

// A complaint about an order could not be followed: only the event and its type were told.
TEST(Consumers, TellOfAFailureWhoseItIsAndWhatItCameFrom) {
    const std::map<std::string, std::string> told{{"queue", "mails"},
                                                  {"event", "evt_1"},
                                                  {"type", std::string(happened)},
                                                  {"subject", "order_1"},
                                                  {"source", "/stores/store_1/orders"},
                                                  {"traceparent", "00-trace-span-01"},
                                                  {"code", "not_yet"},
                                                  {"detail", "as told"}};
    const auto lines = lines_after(errors::not_yet);
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines[0].message, "reaction failed");
    EXPECT_EQ(lines[0].level, LogLevel::warning);
    EXPECT_EQ(lines[0].labels, told);
}

TEST(Consumers, TellOfADeathTheSame) {
    const auto lines = lines_after(souk::errors::validation_failed);
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_TRUE(lines[0].message.starts_with("message died")) << lines[0].message;
    EXPECT_EQ(lines[0].level, LogLevel::error);
    EXPECT_EQ(lines[0].labels.at("subject"), "order_1");
    EXPECT_EQ(lines[0].labels.at("source"), "/stores/store_1/orders");
    EXPECT_EQ(lines[0].labels.at("traceparent"), "00-trace-span-01");
}

}  // namespace
}  // namespace souk::app
