#include "adapters/lambda_runtime/reply_reader.h"

#include <gtest/gtest.h>

#include "adapters/lambda_runtime/runtime_errors.h"
#include "domain/base/text.h"

namespace souk::lambda {
namespace {

/// Fed in pieces of so many bytes.
Result<RuntimeReply> read(std::string_view bytes, std::size_t piece) {
    ReplyReader reader;
    for (std::size_t i = 0; i < bytes.size(); i += piece) {
        TRY(reader.take(bytes.substr(i, piece)));
    }
    if (!reader.done()) {
        TRY(reader.end());
    }
    return std::move(reader.reply());
}

constexpr std::string_view counted =
    "HTTP/1.1 200 OK\r\nX-One:  a \r\nContent-Length: 5\r\n\r\nhello";
constexpr std::string_view chunked =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    "3;note=x\r\nhel\r\nA\r\nlo\r\nworld!\r\n0\r\nTrailer: t\r\n\r\n";

TEST(ReplyReader, ReadsACountedBodyInPiecesOfAnySize) {
    for (std::size_t piece = 1; piece <= counted.size(); ++piece) {
        const auto reply = read(counted, piece);
        ASSERT_TRUE(reply) << reply.error().detail;
        EXPECT_EQ(reply->status, 200);
        EXPECT_EQ(reply->header("x-one"), "a");
        EXPECT_EQ(reply->header("x-two"), "");
        EXPECT_EQ(reply->body, "hello");
    }
}

TEST(ReplyReader, ReadsAChunkedBodyInPiecesOfAnySize) {
    for (std::size_t piece = 1; piece <= chunked.size(); ++piece) {
        const auto reply = read(chunked, piece);
        ASSERT_TRUE(reply) << reply.error().detail;
        EXPECT_EQ(reply->body, "hello\r\nworld!");
    }
}

TEST(ReplyReader, ReadsToTheEndOfTheConnectionWithoutALength) {
    const auto reply = read("HTTP/1.0 200 OK\r\n\r\nall of it", 4);
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->body, "all of it");
}

TEST(ReplyReader, SkipsInterimReplies) {
    const auto reply = read(cat("HTTP/1.1 100 Continue\r\n\r\n", counted), 7);
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, 200);
    EXPECT_EQ(reply->body, "hello");
}

TEST(ReplyReader, KnowsWhetherTheConnectionCanBeKept) {
    const auto reusable = [](std::string_view bytes) {
        ReplyReader reader;
        EXPECT_TRUE(reader.take(bytes));
        EXPECT_TRUE(reader.done());
        return reader.reusable();
    };
    EXPECT_TRUE(reusable(counted));
    EXPECT_TRUE(reusable(chunked));
    EXPECT_TRUE(reusable("HTTP/1.1 204 No Content\r\n\r\n"));
    EXPECT_FALSE(reusable("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"));
    EXPECT_FALSE(reusable("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"));
    EXPECT_FALSE(reusable(cat(counted, "and more")));
}

TEST(ReplyReader, RefusesWhatIsNoReply) {
    for (const std::string_view bytes :
         {"SSH-2.0-OpenSSH\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n", "HTTP/1.1 099 No\r\n\r\n",
          "HTTP/1.1 2000 No\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n"}) {
        const auto reply = read(bytes, bytes.size());
        ASSERT_FALSE(reply) << bytes;
        EXPECT_EQ(reply.error().code, errors::runtime_broken);
    }
}

TEST(ReplyReader, RefusesAReplyThatEndsEarly) {
    for (std::size_t length = 1; length < counted.size(); ++length) {
        EXPECT_FALSE(read(counted.substr(0, length), length)) << length;
    }
    for (std::size_t length = 1; length < chunked.size(); ++length) {
        EXPECT_FALSE(read(chunked.substr(0, length), length)) << length;
    }
}

TEST(ReplyReader, BoundsTheHead) {
    const auto with_header_of = [](std::size_t bytes) {
        return read(cat("HTTP/1.1 204 OK\r\nX: ", std::string(bytes, 'x'), "\r\n\r\n"), 4096);
    };
    const std::size_t others = std::string_view("HTTP/1.1 204 OK\r\nX: ").size();
    EXPECT_TRUE(with_header_of(reply_head_bytes_max - others));
    EXPECT_FALSE(with_header_of(reply_head_bytes_max - others + 1));
}

TEST(ReplyReader, BoundsTheBody) {
    ReplyReader reader;
    EXPECT_TRUE(
        reader.take(cat("HTTP/1.1 200 OK\r\nContent-Length: ", reply_body_bytes_max, "\r\n\r\nx")));
    ReplyReader counting;
    EXPECT_FALSE(counting.take(
        cat("HTTP/1.1 200 OK\r\nContent-Length: ", reply_body_bytes_max + 1, "\r\n\r\nx")));
    ReplyReader chunking;
    EXPECT_FALSE(
        chunking.take("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffff\r\nx"));
}

TEST(ReplyReader, TakesNothingButALineBreakAfterAChunk) {
    ReplyReader reader;
    ASSERT_TRUE(reader.take("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na"));
    EXPECT_TRUE(reader.take("\r"));
    EXPECT_FALSE(reader.take("x"));
    ReplyReader flooded;
    ASSERT_TRUE(flooded.take("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na"));
    EXPECT_FALSE(flooded.take("bbbb"));
}

}  // namespace
}  // namespace souk::lambda
