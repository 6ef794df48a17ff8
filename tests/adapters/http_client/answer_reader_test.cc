#include <gtest/gtest.h>

#include "adapters/http_client/answer_limits.h"
#include "domain/base/text.h"
#include "domain/ports/http_client.h"

namespace souk::http_out {
namespace {

using http_answer::AnswerReader;

TEST(AnswerReader, ReadsABodyOfSaidLengthByteByByte) {
    AnswerReader reader(answer_limits, errors::target_unreachable);
    for (const char byte : std::string("HTTP/1.1 201 Created\r\nContent-Length: 3\r\n\r\nabc")) {
        EXPECT_FALSE(reader.done());
        ASSERT_TRUE(reader.take({&byte, 1}));
    }
    ASSERT_TRUE(reader.done());
    const http_answer::Answer answer = std::move(reader).answer();
    EXPECT_EQ(answer.status, 201);
    EXPECT_EQ(answer.body, "abc");
}

TEST(AnswerReader, ReadsChunks) {
    AnswerReader reader(answer_limits, errors::target_unreachable);
    ASSERT_TRUE(reader.take(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n2\r\nbc\r\n0\r\n\r\n"));
    ASSERT_TRUE(reader.done());
    EXPECT_EQ(std::move(reader).answer().body, "abc");
}

// Beast aborted the process: any receiver of webhooks could end the shop.
TEST(AnswerReader, BearsALastChunkThatComesInPieces) {
    constexpr std::string_view head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (const std::string_view body : {"0\r\n\r\n", "0\r\nA: b\r\n\r\n", "1\r\na\r\n0\r\n\r\n"}) {
        AnswerReader reader(answer_limits, errors::target_unreachable);
        ASSERT_TRUE(reader.take(head));
        for (const char byte : body) {
            EXPECT_FALSE(reader.done());
            ASSERT_TRUE(reader.take({&byte, 1}));
        }
        EXPECT_TRUE(reader.done());
    }
}

TEST(AnswerReader, ReadsToTheEndWithoutALength) {
    AnswerReader reader(answer_limits, errors::target_unreachable);
    ASSERT_TRUE(reader.take("HTTP/1.0 200 OK\r\n\r\nabc"));
    EXPECT_FALSE(reader.done());
    ASSERT_TRUE(reader.end());
    EXPECT_EQ(std::move(reader).answer().body, "abc");
}

TEST(AnswerReader, SkipsInterimAnswers) {
    AnswerReader reader(answer_limits, errors::target_unreachable);
    ASSERT_TRUE(reader.take("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nA: b\r\n\r\n"));
    EXPECT_FALSE(reader.done());
    ASSERT_TRUE(reader.take("HTTP/1.1 204 No Content\r\n\r\n"));
    ASSERT_TRUE(reader.done());
    EXPECT_EQ(std::move(reader).answer().status, 204);
}

TEST(AnswerReader, KeepsTheFirst64KiB) {
    AnswerReader reader(answer_limits, errors::target_unreachable);
    ASSERT_TRUE(reader.take(
        cat("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", std::string(90'000, 'x'))));
    ASSERT_TRUE(reader.done());
    EXPECT_EQ(std::move(reader).answer().body, std::string(64 * 1024, 'x'));
}

TEST(AnswerReader, RefusesWhatIsNotHttp) {
    AnswerReader reader(answer_limits, errors::target_unreachable);
    EXPECT_EQ(reader.take("SSH-2.0-OpenSSH_9.2\r\n").error().code, errors::target_unreachable);
}

TEST(AnswerReader, RefusesAnAnswerThatBreaksOff) {
    for (const char* text : {"", "HTTP/1.1 2", "HTTP/1.1 200 OK\r\nA: b\r\n",
                             "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab"}) {
        AnswerReader reader(answer_limits, errors::target_unreachable);
        ASSERT_TRUE(reader.take(text));
        EXPECT_FALSE(reader.end()) << text;
    }
}

TEST(AnswerReader, RefusesHeadersWithoutEnd) {
    AnswerReader reader(answer_limits, errors::target_unreachable);
    Result<void> taken = reader.take("HTTP/1.1 200 OK\r\n");
    for (int i = 0; taken && i < 10'000; ++i) {
        taken = reader.take(cat("X-", i, ": ", std::string(100, 'x'), "\r\n"));
    }
    EXPECT_FALSE(taken);
}

}  // namespace
}  // namespace souk::http_out
