#include "adapters/memory_ports/memory_http_client.h"

#include <gtest/gtest.h>

#include "domain/base/text.h"

namespace souk {
namespace {

OutgoingRequest request_to(std::string_view url) {
    OutgoingRequest request;
    request.url = url;
    return request;
}

TEST(MemoryHttpClient, AnswersAsScriptedAndThenAsItIsUsed) {
    MemoryHttpClient client;
    client.answer_next({503, "later"});
    client.fail_next(errors::target_unreachable);
    client.answer_with([](const OutgoingRequest& request) -> Result<IncomingAnswer> {
        return IncomingAnswer{201, request.body};
    });
    auto request = request_to("https://hooks.example/souk");
    request.body = "echo";
    EXPECT_EQ(client.send(request)->status, 503);
    EXPECT_EQ(client.send(request).error().code, errors::target_unreachable);
    EXPECT_EQ(client.send(request)->body, "echo");
    EXPECT_EQ(client.requests().size(), 3U);
}

TEST(MemoryHttpClient, AllowsHttpAddressesOnly) {
    MemoryHttpClient client;
    for (const auto url :
         {"https://hooks.example/souk", "http://hooks.example:8080", "HTTPS://Hooks.Example"}) {
        EXPECT_TRUE(client.check_url(url)) << url;
    }
    for (const auto url :
         {"", "hooks.example", "ftp://hooks.example", "https://", "file:///etc/passwd",
          "http://localhost/x", "https://LOCALHOST:1", "http://[::1]:80/"}) {
        EXPECT_FALSE(client.check_url(url)) << url;
    }
}

TEST(MemoryHttpClient, SendsNothingToARefusedHost) {
    MemoryHttpClient client;
    client.refuse_host("hooks.example");
    const auto answer = client.send(request_to("https://user@hooks.example:443/x"));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, errors::target_refused);
    EXPECT_TRUE(client.requests().empty());
}

}  // namespace
}  // namespace souk
