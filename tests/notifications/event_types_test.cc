#include "domain/notifications/event_types.h"

#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>
#include <string>

namespace souk::notifications {
namespace {

/// The types of docs/api/events.yaml without those marked `internal: true`.
std::set<std::string> documented_types() {
    std::ifstream file(SOUK_EVENTS_YAML);
    const std::regex heading(R"(^  (souk\.[a-z_.]+\.v\d+):.*)");
    const std::regex internal(R"(^    internal: true.*)");
    std::set<std::string> types;
    std::string latest;
    for (std::string line; std::getline(file, line);) {
        std::smatch match;
        if (std::regex_match(line, match, heading)) {
            latest = match[1];
            types.insert(latest);
        } else if (std::regex_match(line, internal)) {
            types.erase(latest);
        }
    }
    return types;
}

TEST(EventTypes, OffersWebhooksEveryDocumentedTypeThatIsNotInternal) {
    std::set<std::string> documented = documented_types();
    documented.erase(
        std::string(type::webhook_test));  // Sent on request alone; nobody subscribes to it.
    EXPECT_EQ(std::set<std::string>(public_event_types.begin(), public_event_types.end()),
              documented);
}

TEST(EventTypes, HaveShortNamesThatTellThemApart) {
    std::set<std::string_view> names;
    for (const auto type : public_event_types) {
        EXPECT_TRUE(type.starts_with("souk.") && type.ends_with(".v1")) << type;
        names.insert(short_name(type));
        EXPECT_EQ(full_type(short_name(type)), type);
        EXPECT_EQ(full_type(type), type);
    }
    EXPECT_EQ(names.size(), public_event_types.size());
    EXPECT_TRUE(names.contains("order.confirmed"));
}

}  // namespace
}  // namespace souk::notifications
