#include "adapters/bus_sns_sqs/wire.h"

#include <gtest/gtest.h>

#include <set>

#include "adapters/bus_sns_sqs/backoff.h"
#include "adapters/bus_sns_sqs/receipt.h"
#include "contracts/ledger_fixture.h"
#include "domain/base/text.h"
#include "domain/ports/retry_delay.h"

namespace souk::sqs {
namespace {

TEST(MessageBody, IsTheCloudEvent) {
    const Event sent = contract::event_of("souk.test.v1", "evt_1");
    const auto read = parse_cloud_event(message_body(sent));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->id, sent.id);
    EXPECT_EQ(read->body, sent.body);
}

TEST(MessageBody, EscapesWhatXmlCannotHold) {
    Event sent = contract::event_of("souk.test.v1", "evt_1");
    sent.body = "{\"note\":\"\xEF\xBF\xBE and \xEF\xBF\xBF\"}";
    const std::string body = message_body(sent);
    EXPECT_EQ(body.find("\xEF\xBF\xBE"), std::string::npos);
    EXPECT_EQ(body.find("\xEF\xBF\xBF"), std::string::npos);
    const auto read = parse_cloud_event(body);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->body, sent.body) << "the characters themselves come through";
}

TEST(MessageSize, CountsBodyAndAttributes) {
    EXPECT_EQ(size_of({"12345", {{"type", "abc"}}}), 5U + 4 + 6 + 3);
}

TEST(ReasonText, IsWhatAnAttributeCanHold) {
    EXPECT_EQ(reason_text("out of stock"), "out of stock");
    EXPECT_EQ(reason_text(""), "No reason was given.");
    EXPECT_EQ(reason_text("a\x01"
                          "b\n\xEF\xBF\xBF"),
              "a?b\n?");
    EXPECT_EQ(reason_text("\xFF"), "The reason is not readable text.");
    EXPECT_EQ(reason_text(std::string(1024, 'x')).size(), 1024U);
    EXPECT_EQ(reason_text(std::string(1025, 'x')).size(), 1024U);
    EXPECT_EQ(reason_text(cat(std::string(1023, 'x'), "\xC3\xA4")).size(), 1023U)
        << "no character is cut in two";
}

TEST(Md5, KnowsTheTestVectors) {
    // Source: RFC 1321, A.5.
    EXPECT_EQ(md5_hex(""), "d41d8cd98f00b204e9800998ecf8427e");
    EXPECT_EQ(md5_hex("message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
}

TEST(TraceHeader, IsXRaysFormOfATraceparent) {
    EXPECT_EQ(trace_header("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
              "Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=b7ad6b7169203331;Sampled=1");
    EXPECT_EQ(trace_header("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"),
              "Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=b7ad6b7169203331;Sampled=0");
    for (const auto* const other :
         {"", "00-trace-span-01", "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
          "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}) {
        EXPECT_EQ(trace_header(other), "") << other;
    }
}

TEST(Receipt, KeepsWhatItHolds) {
    const Receipt sent{"AQEB/+=", 3, Instant::from_unix_ms(1'767'225'600'123), "{\n\"a\":1}\n"};
    const auto read = receipt_from(to_text(sent));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->handle, sent.handle);
    EXPECT_EQ(read->delivery, sent.delivery);
    EXPECT_EQ(read->expires, sent.expires);
    EXPECT_EQ(read->body, sent.body);
}

TEST(Receipt, IsNotMistakenForAnother) {
    for (const auto* const text : {"", "x", "sqs-1\n1\n2\nhandle", "sqs-2\n1\n2\nhandle\nbody",
                                   "sqs-1\none\n2\nhandle\nbody", "sqs-1\n1\n2\n\nbody"}) {
        EXPECT_FALSE(receipt_from(text)) << text;
    }
}

TEST(Backoff, GrowsFromOneSecondUpToFiveMinutes) {
    const int wholes[] = {1, 3, 9, 27, 81, 243, 300, 300};
    for (int i = 0; i < 8; ++i) {
        for (int handle = 0; handle < 200; ++handle) {
            const auto rest = backoff(i + 1, cat("handle ", handle)).count();
            EXPECT_GE(2 * rest, wholes[i]);
            EXPECT_LE(rest, wholes[i]);
        }
    }
    EXPECT_LE(backoff(1'000'000, "x"), retry_delay_max);
}

TEST(Backoff, SpreadsMessagesThatFailedTogether) {
    std::set<std::chrono::seconds> rests;
    for (int handle = 0; handle < 100; ++handle) {
        rests.insert(backoff(3, cat("handle ", handle)));
    }
    EXPECT_EQ(rests.size(), 5U) << "5 to 9 s";
}

}  // namespace
}  // namespace souk::sqs
