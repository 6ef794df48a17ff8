#include "apps/souk/metrics_page.h"

#include <gtest/gtest.h>

#include "adapters/memory/settable_clock.h"
#include "adapters/telemetry_prometheus/server_telemetry.h"

namespace souk::app {
namespace {

class MetricsPage : public ::testing::Test {
protected:
    [[nodiscard]] bool shows(std::string peer, bool to_everyone = false) const {
        Request request;
        request.peer = std::move(peer);
        const auto shown = metrics_page(*telemetry_, to_everyone)(request);
        return shown && shown->contains("souk_sold");
    }

    SettableClock clock_;
    std::unique_ptr<ServerTelemetry> telemetry_ = [this] {
        auto made = ServerTelemetry::make({.level = LogLevel::error}, clock_).value();
        made->count("souk_sold");
        return made;
    }();
};

TEST_F(MetricsPage, IsForPrivateAddresses) {
    for (const char* peer :
         {"127.0.0.1", "10.1.2.3", "192.168.0.9", "::1", "fd00::7", "fe80::1%eth0"}) {
        EXPECT_TRUE(shows(peer)) << peer;
    }
}

TEST_F(MetricsPage, IsNotForTheInternet) {
    for (const char* peer : {"8.8.8.8", "2600:1f18::1", "", "nobody"}) {
        EXPECT_FALSE(shows(peer)) << peer;
        EXPECT_TRUE(shows(peer, true)) << peer;
    }
}

}  // namespace
}  // namespace souk::app
