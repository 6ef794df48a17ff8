#include <thread>

#include "adapters/telemetry_cloudwatch/telemetry_home.h"

namespace souk::cloudwatch {
namespace {

constexpr std::string_view trace_header =
    "Root=1-6955b900-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";

TEST(CloudWatchLog, WritesALineOfJson) {
    TelemetryHome home;
    const auto telemetry = home.make({.service = "orders"});
    telemetry->begin_invocation("8476a536", trace_header);
    telemetry->log(LogLevel::notice, "Order placed.", {{"order", "order_1"}});
    EXPECT_EQ(home.file.text(),
              R"({"timestamp":"2026-01-01T00:00:00.000Z","level":"INFO",)"
              R"("message":"Order placed.","requestId":"8476a536",)"
              R"("xray_trace_id":"1-6955b900-bd862e3fe1be46a994272793","service":"orders",)"
              R"("cold_start":true,"order":"order_1"})"
              "\n");
}

TEST(CloudWatchLog, TellsTheFirstInvocationFromTheOthers) {
    TelemetryHome home;
    const auto telemetry = home.make();
    telemetry->log(LogLevel::notice, "starting");
    for (const std::string_view id : {"a", "b"}) {
        telemetry->begin_invocation(id, "");
        telemetry->log(LogLevel::notice, "serving");
        telemetry->end_invocation();
    }
    telemetry->log(LogLevel::notice, "stopping");
    std::vector<std::string> seen;
    for (const auto& document : home.file.documents()) {
        const JsonView line = document.root();
        seen.push_back(cat(line["message"].text_or(), ' ', line["requestId"].text_or("-"), ' ',
                           line["cold_start"].bool_or(false) ? "cold" : "warm"));
        EXPECT_FALSE(line["xray_trace_id"].present());
    }
    EXPECT_EQ(seen, (std::vector<std::string>{"starting - cold", "serving a cold", "serving b warm",
                                              "stopping - warm"}));
}

TEST(CloudWatchLog, ObeysTheLevel) {
    const std::vector<std::pair<std::string, std::string>> table{
        {"", "nwe"},    {"TRACE", "dnwe"}, {"DEBUG", "dnwe"}, {"INFO", "nwe"},
        {"WARN", "we"}, {"ERROR", "e"},    {"FATAL", ""},     {"warn", "we"},
    };
    for (const auto& [level, expected] : table) {
        TelemetryHome home;
        const auto telemetry = home.make({.log_level = level});
        telemetry->log(LogLevel::debug, "d");
        telemetry->log(LogLevel::notice, "n");
        telemetry->log(LogLevel::warning, "w");
        telemetry->log(LogLevel::error, "e");
        std::string written;
        for (const auto& document : home.file.documents()) {
            written += document.root()["message"].text_or();
        }
        EXPECT_EQ(written, expected) << level;
    }
}

TEST(CloudWatchLog, NamesTheLevelsAsLambdaDoes) {
    TelemetryHome home;
    const auto telemetry = home.make({.log_level = "TRACE"});
    for (const LogLevel level :
         {LogLevel::debug, LogLevel::notice, LogLevel::warning, LogLevel::error}) {
        telemetry->log(level, "x");
    }
    std::vector<std::string> names;
    for (const auto& document : home.file.documents()) {
        names.push_back(document.root()["level"].text_or());
    }
    EXPECT_EQ(names, (std::vector<std::string>{"DEBUG", "INFO", "WARN", "ERROR"}));
}

TEST(CloudWatchLog, WritesTextWhereThatIsConfigured) {
    TelemetryHome home;
    const auto telemetry = home.make({.log_format = "Text"});
    telemetry->log(LogLevel::warning, "starting\nslowly", {{"ms", "900"}});
    telemetry->begin_invocation("8476a536", "");
    telemetry->log(LogLevel::error, "failed");
    EXPECT_EQ(home.file.lines(), (std::vector<std::string>{
                                     "2026-01-01T00:00:00.000Z\t-\tWARN\tstarting slowly\tms=900",
                                     "2026-01-01T00:00:00.000Z\t8476a536\tERROR\tfailed"}));
}

TEST(CloudWatchLog, StaysOneLineOfValidJsonWhateverItIsTold) {
    TelemetryHome home;
    home.make()->log(LogLevel::error, "two\nlines \"quoted\" \\ caf\xE9 \x01",
                     {{"timestamp", "mine"}, {"requestId", "x"}, {"a\"b", "\xFF\n"}});
    const auto documents = home.file.documents();
    ASSERT_EQ(documents.size(), 1U);
    const JsonView line = documents[0].root();
    EXPECT_EQ(line["message"].text_or(), "two\nlines \"quoted\" \\ caf? \x01");
    EXPECT_EQ(line["label_timestamp"].text_or(), "mine");
    EXPECT_EQ(line["label_requestId"].text_or(), "x");
    EXPECT_EQ(line["a\"b"].text_or(), "?\n");
}

TEST(CloudWatchLog, CutsWhatIsTooLongBetweenCharacters) {
    TelemetryHome home;
    const auto telemetry = home.make();
    const std::string fits(log_value_bytes_max, 'x');
    telemetry->log(LogLevel::error, fits, {{"label", fits + "y"}});
    telemetry->log(LogLevel::error, fits.substr(1) + "é");
    const auto documents = home.file.documents();
    EXPECT_EQ(documents.at(0).root()["message"].text_or(), fits);
    EXPECT_EQ(documents.at(0).root()["label"].text_or(), fits);
    EXPECT_EQ(documents.at(1).root()["message"].text_or(), fits.substr(1));
}

TEST(CloudWatchLog, LeavesOutLabelsBeyondTheirCount) {
    TelemetryHome home;
    home.make()->log(LogLevel::error, "x",
                     {{"a", ""},
                      {"b", ""},
                      {"c", ""},
                      {"d", ""},
                      {"e", ""},
                      {"f", ""},
                      {"g", ""},
                      {"h", ""},
                      {"i", ""},
                      {"j", ""},
                      {"k", ""},
                      {"l", ""},
                      {"m", ""},
                      {"n", ""},
                      {"o", ""},
                      {"p", ""},
                      {"q", ""}});
    const auto documents = home.file.documents();
    static_assert(log_labels_max == 16);
    EXPECT_TRUE(documents.at(0).root()["p"].present());
    EXPECT_FALSE(documents.at(0).root()["q"].present());
}

TEST(CloudWatchLog, KeepsLinesOfManyThreadsApart) {
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
    EXPECT_EQ(home.file.documents().size(), 400U);
}

TEST(CloudWatchTelemetry, NamesAllMistakesOfItsOptions) {
    const SettableClock clock;
    const auto made = CloudWatchTelemetry::make(
        {.log_level = "LOUD", .log_format = "xml", .xray_daemon_address = "daemon"}, clock);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, errors::cloudwatch_misconfigured);
    EXPECT_EQ(made.error().fields.size(), 3U);
}

}  // namespace
}  // namespace souk::cloudwatch
