#include "domain/ports/event.h"

#include <gtest/gtest.h>

#include "domain/base/json.h"

namespace souk {
namespace {

Event placed() {
    return {"evt_1",
            "/stores/store_1/orders",
            "souk.order.placed.v1",
            "order_1",
            Instant::from_unix_ms(1'795'486'020'123),
            R"({"total":{"amount":1999}})",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"};
}

TEST(Event, TellsItsStore) {
    Event event = placed();
    EXPECT_EQ(event.store(), "store_1");
    event.source = "/stores/store_1";
    EXPECT_EQ(event.store(), "store_1");
    event.source = "/platform/users";
    EXPECT_EQ(event.store(), "");
    event.source = "";
    EXPECT_EQ(event.store(), "");
}

TEST(CloudEvent, IsWhatTheSpecificationAsks) {
    EXPECT_EQ(
        render_cloud_event(placed()),
        R"({"specversion":"1.0","id":"evt_1","source":"/stores/store_1/orders","type":"souk.order.placed.v1",)"
        R"("subject":"order_1","time":"2026-11-24T02:07:00.123Z","datacontenttype":"application/json",)"
        R"("traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",)"
        R"("data":{"total":{"amount":1999}}})");
}

TEST(CloudEvent, ReadsBackWhatItWrote) {
    const auto event = parse_cloud_event(render_cloud_event(placed()));
    ASSERT_TRUE(event);
    EXPECT_EQ(render_cloud_event(*event), render_cloud_event(placed()));
    EXPECT_EQ(event->body, placed().body);
}

TEST(CloudEvent, NeedsNeitherTraceNorBody) {
    Event event = placed();
    event.traceparent.clear();
    event.body.clear();
    const auto read = parse_cloud_event(render_cloud_event(event));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->traceparent, "");
    EXPECT_EQ(read->body, "{}");
}

TEST(CloudEvent, RefusesWhatIsNone) {
    EXPECT_EQ(parse_cloud_event("{").error().code, errors::malformed_json);
    for (const char* text : {"[]", "{}", R"({"id":"a","source":"/b","type":"c"})",
                             R"({"id":"a","source":"/b","type":"c","time":"soon"})",
                             R"({"id":1,"source":"/b","type":"c","time":"2026-11-24T02:07:00Z"})",
                             R"({"id":"a","type":"c","time":"2026-11-24T02:07:00Z"})"}) {
        EXPECT_EQ(parse_cloud_event(text).error().code, errors::corrupt_row) << text;
    }
}

}  // namespace
}  // namespace souk
