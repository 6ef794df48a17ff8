#include <thread>

#include "adapters/telemetry_prometheus/telemetry_home.h"
#include "domain/base/json.h"

namespace souk {
namespace {

TEST(Log, WritesALineOfJson) {
    TelemetryHome home;
    home.make()->log(LogLevel::notice, "Order placed.",
                     {{"order", "order_1"}, {"store", "store_1"}});
    EXPECT_EQ(home.file.lines(),
              std::vector<std::string>{
                  R"({"time":"2026-01-01T00:00:00.000Z","level":"notice",)"
                  R"("message":"Order placed.","order":"order_1","store":"store_1"})"});
}

TEST(Log, LeavesOutWhatIsBelowItsLevel) {
    TelemetryHome home;
    ServerTelemetryOptions options;
    options.level = LogLevel::warning;
    const auto telemetry = home.make(options);
    telemetry->log(LogLevel::debug, "debug");
    telemetry->log(LogLevel::notice, "notice");
    telemetry->log(LogLevel::warning, "warning");
    telemetry->log(LogLevel::error, "error");
    ASSERT_EQ(home.file.lines().size(), 2U);
    EXPECT_NE(home.file.lines()[0].find("\"level\":\"warning\""), std::string::npos);
    EXPECT_NE(home.file.lines()[1].find("\"level\":\"error\""), std::string::npos);
}

TEST(Log, StaysOneLineOfValidJsonWhateverItIsTold) {
    TelemetryHome home;
    home.make()->log(LogLevel::error, "two\nlines \"quoted\" \\ caf\xE9 \x01",
                     {{"time", "mine"}, {"level", "x"}, {"a\"b", "\xFF\n"}});
    const auto lines = home.file.lines();
    ASSERT_EQ(lines.size(), 1U);
    const auto document = JsonDocument::parse(lines[0]);
    ASSERT_TRUE(document) << document.error().detail;
    EXPECT_EQ(document->root()["message"].text_or(), "two\nlines \"quoted\" \\ caf? \x01");
    EXPECT_EQ(document->root()["label_time"].text_or(), "mine");
}

TEST(Log, KeepsLinesOfManyThreadsApart) {
    TelemetryHome home;
    const auto telemetry = home.make();
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&] {
                for (int line = 0; line < 100; ++line) {
                    telemetry->log(LogLevel::notice, std::string(200, 'x'));
                }
            });
        }
    }
    const auto lines = home.file.lines();
    EXPECT_EQ(lines.size(), 400U);
    for (const auto& line : lines) {
        EXPECT_TRUE(JsonDocument::parse(line)) << line;
    }
}

TEST(Telemetry, NamesAllMistakesOfItsOptions) {
    const SettableClock clock;
    ServerTelemetryOptions options;
    options.otlp_endpoint = "collector:4318";
    options.otlp_headers = {{"Authorization", "Bearer x\r\nX: y"}};
    options.traces_sampled_per_mille = 1001;
    const auto made = ServerTelemetry::make(options, clock);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, errors::telemetry_misconfigured);
    EXPECT_EQ(made.error().fields.size(), 3U);
}

}  // namespace
}  // namespace souk
