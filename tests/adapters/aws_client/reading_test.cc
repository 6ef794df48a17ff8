#include <gtest/gtest.h>

#include "adapters/aws_client/error_reading.h"
#include "adapters/aws_client/hash.h"
#include "adapters/aws_client/http_date.h"
#include "adapters/aws_client/http_message.h"
#include "adapters/aws_client/scripted_server.h"
#include "adapters/aws_client/xml_text.h"
#include "domain/base/text.h"

namespace souk::testing {
namespace {

using http_answer::AnswerReader;
using Body = AnswerReader::Body;

/// All of it at once, and then byte by byte.
std::string read_both_ways(std::string_view bytes, Body body = Body::expected) {
    std::string seen;
    for (const std::size_t step : {bytes.size(), std::size_t{1}}) {
        AnswerReader reader(aws::answer_limits, aws::errors::aws_no_answer, body);
        for (std::size_t at = 0; at < bytes.size() && !reader.done(); at += step) {
            if (const auto taken = reader.take(bytes.substr(at, step)); !taken) {
                return taken.error().detail;
            }
        }
        if (!reader.done()) {
            if (const auto ended = reader.end(); !ended) {
                return ended.error().detail;
            }
        }
        const bool goes_on = reader.can_go_on();
        const aws::HttpAnswer answer = std::move(reader).answer();
        const std::string now =
            cat(answer.status, '|', answer.body, '|', goes_on ? "goes on" : "ends");
        EXPECT_TRUE(seen.empty() || seen == now) << seen << " but " << now;
        seen = now;
    }
    return seen;
}

TEST(AnswerReader, ReadsEveryFraming) {
    EXPECT_EQ(read_both_ways("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), "200|ok|goes on");
    EXPECT_EQ(read_both_ways("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                             "2\r\nok\r\n3;x=y\r\nay!\r\n0\r\nTrailer: 1\r\n\r\n"),
              "200|okay!|goes on");
    EXPECT_EQ(read_both_ways("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nto the end"),
              "200|to the end|ends");
    EXPECT_EQ(read_both_ways("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"), "200|ok|ends");
    EXPECT_EQ(read_both_ways("HTTP/1.1 204 No Content\r\n\r\n"), "204||goes on");
    EXPECT_EQ(read_both_ways("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", Body::none),
              "200||goes on");
}

TEST(AnswerReader, BearsALastChunkThatComesInPieces) {
    constexpr std::string_view head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    EXPECT_EQ(read_both_ways(cat(head, "0\r\n\r\n")), "200||goes on");
    EXPECT_EQ(read_both_ways(cat(head, "0\r\nTrailer: 1\r\n\r\n")), "200||goes on");
}

TEST(AnswerReader, PassesOverInterimAnswers) {
    EXPECT_EQ(read_both_ways("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nA: b\r\n\r\n"
                             "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
              "200|ok|goes on");
    EXPECT_EQ(read_both_ways("HTTP/1.1 100 Continue\r\n\r\n"), "The answer broke off.");
}

TEST(AnswerReader, RefusesWhatIsNotWholeOrNotHttp) {
    EXPECT_EQ(read_both_ways("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok"),
              "The answer broke off.");
    EXPECT_EQ(read_both_ways("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n"),
              "The answer broke off.");
    EXPECT_EQ(read_both_ways("HTTP/1.1 20"), "The answer broke off.");
    EXPECT_TRUE(read_both_ways("SSH-2.0-OpenSSH\r\n").contains("cannot be read"));
}

TEST(AnswerReader, DoesNotGoOnWhenMoreCameThanTheAnswer) {
    AnswerReader reader(aws::answer_limits, aws::errors::aws_no_answer);
    ASSERT_TRUE(reader.take("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200"));
    EXPECT_TRUE(reader.done());
    EXPECT_FALSE(reader.can_go_on());
}

TEST(AnswerReader, TakesBodiesUpToItsLimit) {
    for (const std::size_t size : {aws::answer_limits.body_max, aws::answer_limits.body_max + 1}) {
        AnswerReader reader(aws::answer_limits, aws::errors::aws_no_answer);
        const auto head = reader.take(cat("HTTP/1.1 200 OK\r\nContent-Length: ", size, "\r\n\r\n"));
        ASSERT_EQ(head.has_value(), size == aws::answer_limits.body_max);
        if (head) {
            ASSERT_TRUE(reader.take(std::string(size, 'x')));
            EXPECT_TRUE(reader.done());
            EXPECT_EQ(std::move(reader).answer().body.size(), size);
        }
    }
}

TEST(AnswerReader, TakesChunkedBodiesUpToItsLimit) {
    constexpr std::size_t mebibyte = 1024UL * 1024;
    static_assert(aws::answer_limits.body_max % mebibyte == 0);
    const std::string chunk = cat("100000\r\n", std::string(mebibyte, 'x'), "\r\n");
    for (const std::string_view last : {"0\r\n\r\n", "1\r\ny\r\n0\r\n\r\n"}) {
        AnswerReader reader(aws::answer_limits, aws::errors::aws_no_answer);
        ASSERT_TRUE(reader.take("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"));
        for (std::size_t size = 0; size < aws::answer_limits.body_max; size += mebibyte) {
            ASSERT_TRUE(reader.take(chunk)) << size;
        }
        EXPECT_EQ(reader.take(last).has_value(), last.starts_with('0'));
    }
}

TEST(AnswerReader, TakesHeadsUpToItsLimit) {
    const std::string begun = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nA: ";
    for (const std::size_t spare : {200U, 0U}) {
        AnswerReader reader(aws::answer_limits, aws::errors::aws_no_answer);
        const std::size_t filling = aws::answer_limits.head_max - spare;
        EXPECT_EQ(reader.take(cat(begun, std::string(filling, 'a'), "\r\n\r\n")).has_value(),
                  spare > 0);
    }
}

struct ErrorCase {
    std::string headers;
    std::string body;
    std::string code;
    std::string message;
};

TEST(Errors, AreReadInEveryProtocol) {
    const std::vector<ErrorCase> cases{
        {"", R"({"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",
                 "message":"The conditional request failed"})",
         "ConditionalCheckFailedException", "The conditional request failed"},
        {"", R"({"__type":"com.amazon.coral.validate#ValidationException","Message":"No."})",
         "ValidationException", "No."},
        {"", R"({"__type":"UserNotFoundException","message":"Gone."})", "UserNotFoundException",
         "Gone."},
        {"", R"({"code":"BadRequestException","message":""})", "BadRequestException", ""},
        {"x-amzn-ErrorType: MessageRejected:http://internal.amazon.com/coral/\r\n",
         R"({"message":"Email address is not verified."})", "MessageRejected",
         "Email address is not verified."},
        {"x-amzn-query-error: AWS.SimpleQueueService.NonExistentQueue;Sender\r\n",
         R"({"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"No queue."})",
         "AWS.SimpleQueueService.NonExistentQueue", "No queue."},
        {"", R"(<?xml version="1.0"?><ErrorResponse xmlns="http://sns.amazonaws.com/doc/"><Error>
               <Type>Sender</Type><Code>InvalidParameter</Code>
               <Message>Invalid &lt;arn&gt; &#228;&amp;</Message></Error></ErrorResponse>)",
         "InvalidParameter", "Invalid <arn> ä&"},
        {"", "<Error><Code>NoSuchKey</Code><Message>None.</Message></Error>", "NoSuchKey", "None."},
        {"Content-Type: application/x-amz-json-1.0\r\n",
         "<ErrorResponse><Errors><Error><Code>AccessDenied</Code><Message>User is not authorized"
         "</Message></Error></Errors></ErrorResponse>",
         "AccessDenied", "User is not authorized"},
        {"", "", "403", ""},
        {"", "<html>Bad gateway</html>", "403", ""},
        {"", "{", "403", ""}};
    for (const ErrorCase& wanted : cases) {
        AnswerReader reader(aws::answer_limits, aws::errors::aws_no_answer);
        ASSERT_TRUE(reader.take(http_answer(403, wanted.body, wanted.headers)));
        const aws::Answer answer = aws::read_answer(std::move(reader).answer());
        EXPECT_EQ(answer.error_code, wanted.code) << wanted.body;
        EXPECT_EQ(answer.error_message, wanted.message) << wanted.body;
        EXPECT_EQ(answer.body, wanted.body);
        EXPECT_FALSE(answer.ok());
    }
}

TEST(Errors, AreNotLookedForInASuccess) {
    const aws::Answer answer =
        aws::read_answer({.status = 200, .body = R"({"code":"X","message":"y","__type":"Z"})"});
    EXPECT_EQ(answer.error_code, "");
    EXPECT_EQ(answer.error_message, "");
}

TEST(XmlText, FindsTheFirstElementOfThatName) {
    const std::string_view xml =
        "<a><MessageIds>1</MessageIds><MessageId x='1'>2</MessageId><MessageId>3</MessageId>"
        "<Empty/><Open></a>";
    EXPECT_EQ(aws::xml_text(xml, "MessageId"), "2");
    EXPECT_EQ(aws::xml_text(xml, "Empty"), "");
    EXPECT_EQ(aws::xml_text(xml, "Absent"), std::nullopt);
    EXPECT_EQ(aws::xml_text(xml, "Open"), std::nullopt);
    EXPECT_EQ(aws::xml_text("<a", "a"), std::nullopt);
    EXPECT_EQ(aws::xml_inside("<a><b>&lt;</b></a>", "a"), "<b>&lt;</b>");
}

TEST(XmlText, ResolvesEntitiesAndLeavesWhatIsNone) {
    EXPECT_EQ(aws::xml_text("<a>&quot;&apos;&#x1F600;&#65;&bogus;&#xZ;&#9999999; & &</a>", "a"),
              "\"'😀A&bogus;&#xZ;&#9999999; & &");
    EXPECT_EQ(aws::xml_escaped("<a href=\"x\">'&ä"), "&lt;a href=&quot;x&quot;&gt;&apos;&amp;ä");
    EXPECT_EQ(aws::xml_text(cat("<a>", aws::xml_escaped("<&>'\""), "</a>"), "a"), "<&>'\"");
}

TEST(XmlText, LeavesEntitiesThatNameNoCharacter) {
    for (const std::string_view entity : {"&#xD800;", "&#57343;", "&#0;"}) {
        EXPECT_EQ(aws::xml_text(cat("<a>", entity, "</a>"), "a"), entity);
    }
    EXPECT_EQ(aws::xml_text("<a>&#xD7FF;&#xE000;</a>", "a"), "\xED\x9F\xBF\xEE\x80\x80");
}

TEST(XmlText, TakesTimeInProportionToItsLength) {
    // Ampersands with one semicolon behind them: looked through once for each, a megabyte of them
    // takes longer than anyone waits.
    const std::string text(1024UL * 1024, '&');
    const auto begun = std::chrono::steady_clock::now();
    EXPECT_EQ(aws::xml_text(cat("<a>", text, ";</a>"), "a"), cat(text, ';'));
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(5));
}

TEST(HttpDate, ReadsTheOneFormThatServicesSend) {
    const auto date = aws::parse_http_date("Wed, 25 Nov 2026 09:46:40 GMT");
    ASSERT_TRUE(date);
    EXPECT_EQ(date->time_since_epoch(), std::chrono::seconds(1'795'600'000));
    for (const char* wrong :
         {"", "Wed, 25 Nov 2026 09:46:40 UTC", "Wed, 25 Foo 2026 09:46:40 GMT",
          // Found by fuzzing: more nanoseconds than 64 bits hold.
          "Tue, 24 Nov 8482 02:07:00 GMT", "Tue, 24 Nov 1500 02:07:00 GMT",
          "Wed, 99 Nov 2026 09:46:40 GMT", "Wednesday, 25-Nov-26 09:46:40 GMT"}) {
        EXPECT_FALSE(aws::parse_http_date(wrong)) << wrong;
    }
}

// Sources: FIPS 180-2 appendix B.1; RFC 4231 test cases 2 and 6; the check value of CRC-32.
TEST(Hash, GivesTheStandardsOwnExamples) {
    EXPECT_EQ(to_hex(aws::sha256("abc")),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(to_hex(aws::hmac_sha256("Jefe", "what do ya want for nothing?")),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(to_hex(aws::hmac_sha256(std::string(131, '\xaa'),
                                      "Test Using Larger Than Block-Size Key - Hash Key First")),
              "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    EXPECT_EQ(aws::crc32("123456789"), 0xCBF43926U);
}

}  // namespace
}  // namespace souk::testing
