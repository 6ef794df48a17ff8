#include <gtest/gtest.h>

#include <ostream>

#include "adapters/http_server/harness.h"
#include "domain/base/text.h"

namespace souk::testing {
namespace {

struct BadRequest {
    std::string name;
    std::string bytes;
    int status = 400;
};

void PrintTo(const BadRequest& bad, std::ostream* out) { *out << bad.name; }

std::string request_with(std::string_view lines, std::string_view body = "") {
    return cat("POST /x HTTP/1.1\r\nHost: souk\r\n", lines, "\r\n", body);
}
std::string chunked(std::string_view body) {
    return request_with("Transfer-Encoding: chunked\r\n", body);
}

/// Each is followed by a second request, which must never be answered.
class Smuggling : public ::testing::TestWithParam<BadRequest> {};

TEST_P(Smuggling, IsRefusedAndTheConnectionClosed) {
    RunningServer souk;
    RawClient client(souk.port());
    client.send(GetParam().bytes + get("/smuggled"));
    const auto reply = client.reply();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, GetParam().status);
    EXPECT_EQ(reply->headers.at("connection"), "close");
    EXPECT_EQ(reply->headers.at("content-type"), "application/problem+json");
    EXPECT_TRUE(client.is_closed());
    EXPECT_EQ(souk.application.handled, 0);
}

INSTANTIATE_TEST_SUITE_P(
    HttpServer, Smuggling,
    ::testing::Values(
        BadRequest{
            "LengthThenCoding",
            request_with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")},
        BadRequest{
            "CodingThenLength",
            request_with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n")},
        BadRequest{"TwoLengths", request_with("Content-Length: 1\r\nContent-Length: 2\r\n", "ab")},
        BadRequest{"TheSameLengthTwice",
                   request_with("Content-Length: 1\r\nContent-Length: 1\r\n", "a")},
        BadRequest{"AListOfLengths", request_with("Content-Length: 1, 1\r\n", "a")},
        BadRequest{"ASignedLength", request_with("Content-Length: +1\r\n", "a")},
        BadRequest{"ANegativeLength", request_with("Content-Length: -1\r\n", "a")},
        BadRequest{"AHexadecimalLength", request_with("Content-Length: 0x1\r\n", "a")},
        BadRequest{"AnEmptyLength", request_with("Content-Length:\r\n", "a")},
        BadRequest{"ALengthBeyond64Bits",
                   request_with("Content-Length: 18446744073709551617\r\n", "a")},
        BadRequest{"TwoCodings",
                   request_with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
                                "0\r\n\r\n")},
        BadRequest{"AnotherCoding", request_with("Transfer-Encoding: gzip\r\n")},
        BadRequest{"AnotherCodingFirst",
                   request_with("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n")},
        BadRequest{"ChunkedTwiceInOne",
                   request_with("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n")},
        BadRequest{"ACodingWithAParameter",
                   request_with("Transfer-Encoding: chunked;q=1\r\n", "0\r\n\r\n")},
        BadRequest{"ACodingInCapitals",
                   request_with("Transfer-Encoding: Chunked\r\n", "0\r\n\r\n")},
        BadRequest{"AQuotedCoding",
                   request_with("Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n")},
        BadRequest{"AnEmptyCoding", request_with("Transfer-Encoding:\r\n", "0\r\n\r\n")},
        BadRequest{"ACodingWithAVerticalTab", request_with("Transfer-Encoding: \x0b"
                                                           "chunked\r\n",
                                                           "0\r\n\r\n")},
        BadRequest{"ACodingInHttp10",
                   "POST /x HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
        BadRequest{"ASpaceBeforeTheColon", request_with("Content-Length : 1\r\n", "a")},
        BadRequest{"ATabBeforeTheColon", request_with("Transfer-Encoding\t: chunked\r\n")},
        BadRequest{"ANameWithoutColon", request_with("Content-Length\r\n")},
        BadRequest{"AnEmptyName", request_with(": x\r\n")},
        BadRequest{"AFoldedHeader", request_with("X-A: b\r\n c\r\n")},
        BadRequest{"AFoldedHeaderWithATab", request_with("X-A: b\r\n\tc\r\n")},
        BadRequest{"AFoldedEmptyHeader", request_with("X-A:\r\n chunked\r\n")},
        BadRequest{"AFoldedBlankLine", request_with("X-A: b\r\n \r\n")},
        BadRequest{"AFoldedCoding", request_with("Transfer-Encoding:\r\n chunked\r\n")},
        BadRequest{"ASpaceBeforeTheFirstHeader", "GET / HTTP/1.1\r\n Host: a\r\n\r\n"},
        BadRequest{"ABareLineFeedAfterTheRequestLine", "GET / HTTP/1.1\nHost: a\r\n\r\n"},
        BadRequest{"ABareLineFeedAfterAHeader", "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n"},
        BadRequest{"ABareLineFeedAtTheEnd", "GET / HTTP/1.1\r\nHost: a\r\n\n"},
        BadRequest{"ABareCarriageReturn", request_with("X-A: b\rTransfer-Encoding: chunked\r\n")},
        BadRequest{"ANulInAHeader", request_with(std::string("X-A: b\0c\r\n", 10))},
        BadRequest{"AChunkSizeThatIsNoNumber", chunked("xyz\r\n")},
        BadRequest{"AnEmptyChunkSize", chunked("\r\n\r\n")},
        BadRequest{"ASignedChunkSize", chunked("+1\r\na\r\n0\r\n\r\n")},
        BadRequest{"ANegativeChunkSize", chunked("-1\r\na\r\n0\r\n\r\n")},
        BadRequest{"AChunkSizeWithA0x", chunked("0x1\r\na\r\n0\r\n\r\n")},
        BadRequest{"AChunkSizeWithASpace", chunked("1 \r\na\r\n0\r\n\r\n")},
        BadRequest{"AChunkSizeBeyond64Bits", chunked("10000000000000001\r\na\r\n0\r\n\r\n")},
        BadRequest{"AChunkSizeEndedByABareLineFeed", chunked("1\na\r\n0\r\n\r\n")},
        BadRequest{"AChunkThatIsLongerThanItSays", chunked("1\r\nabc\r\n0\r\n\r\n")},
        BadRequest{"AChunkEndedByABareLineFeed", chunked("1\r\na\n0\r\n\r\n")},
        BadRequest{"ALineFeedInAChunkExtension", chunked("1;a=\"\n\"\r\na\r\n0\r\n\r\n")},
        BadRequest{"AChunkExtensionWithoutName", chunked("1;\r\na\r\n0\r\n\r\n")},
        BadRequest{"AFoldedTrailer", chunked("0\r\nX A: b\r\n\r\n")},
        BadRequest{"NoHost", "GET / HTTP/1.1\r\n\r\n"},
        BadRequest{"TwoHosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"},
        BadRequest{"AHostWithAPath", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"},
        BadRequest{"AHostWithAUser", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n"},
        BadRequest{"ATargetWithAFragment", "GET /#a HTTP/1.1\r\nHost: a\r\n\r\n"},
        BadRequest{"ATargetWithRawUtf8", "GET /\xc3\xa4 HTTP/1.1\r\nHost: a\r\n\r\n"},
        BadRequest{"ATargetWithoutSlash", "GET x HTTP/1.1\r\nHost: a\r\n\r\n"},
        BadRequest{"ATargetWithASpace", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"},
        BadRequest{"AnAsteriskForGet", "GET * HTTP/1.1\r\nHost: a\r\n\r\n"},
        BadRequest{"AnAbsoluteTargetOfAnotherScheme", "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n"},
        BadRequest{"AnotherVersion", "GET / HTTP/2.0\r\nHost: a\r\n\r\n"},
        BadRequest{"NoVersion", "GET /\r\n\r\n"},
        BadRequest{"NotHttp", std::string("\x16\x03\x01\x02\x00\x01\x00", 7)},
        BadRequest{"TwoCredentials",
                   "GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer a\r\nauthorization: "
                   "Bearer b\r\n\r\n",
                   400},
        BadRequest{"Connect", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        BadRequest{"AnotherExpectation", request_with("Expect: cake\r\n"), 417}),
    [](const auto& test) { return test.param.name; });

TEST(HttpServer, TakesAnAbsoluteTargetAndItsHost) {
    RunningServer souk([](auto&, auto& application) {
        application.answer = [](Request request) {
            return text_response(
                200, cat(request.header("host"), ' ', request.path, ' ', request.query));
        };
    });
    RawClient client(souk.port());
    client.send("GET http://shop.example/a?b HTTP/1.1\r\nHost: other\r\n\r\n");
    EXPECT_EQ(client.reply()->body, "shop.example /a b");
}

TEST(HttpServer, TakesAnAsteriskForOptions) {
    RunningServer souk;
    RawClient client(souk.port());
    client.send("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(client.reply()->body, "OPTIONS *|");
}

TEST(HttpServer, LeavesMethodsThatItDoesNotKnowToTheApplication) {
    RunningServer souk;
    RawClient client(souk.port());
    client.send("BREW /pot HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(client.reply()->body, "? /pot|");
}

TEST(HttpServer, ForgivesALineBreakBeforeARequest) {
    RunningServer souk;
    RawClient client(souk.port());
    client.send("\r\n" + get("/a"));
    EXPECT_EQ(client.reply()->body, "GET /a|");
}

TEST(HttpServer, TakesAHeadByteByByte) {
    RunningServer souk;
    RawClient client(souk.port());
    for (const char byte : post("/a", "body")) {
        client.send({&byte, 1});
    }
    EXPECT_EQ(client.reply()->body, "POST /a|body");
}

}  // namespace
}  // namespace souk::testing
