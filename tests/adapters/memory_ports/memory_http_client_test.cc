#include "adapters/memory_ports/memory_http_client.h"

#include <gtest/gtest.h>

#include "contracts/http_client_contract.h"
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

TEST(MemoryHttpClient, SendsNothingToARefusedHost) {
    MemoryHttpClient client;
    client.refuse_host("hooks.example");
    const auto answer = client.send(request_to("https://hooks.example:443/x"));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, errors::target_refused);
    EXPECT_TRUE(client.requests().empty());
}

}  // namespace

namespace contract {

struct MemoryWeb {
    MemoryHttpClient& client() { return memory; }
    MemoryHttpClient& wary() { return memory; }
    static std::string url() { return "https://hooks.example/souk"; }
    void answer(int status, std::string body) {
        memory.answer_with([answer = IncomingAnswer{status, std::move(body)}](
                               const auto&) -> Result<IncomingAnswer> { return answer; });
    }
    void redirect(const std::string&) { answer(302, ""); }
    int calls() { return static_cast<int>(memory.requests().size()); }
    void leave() {
        memory.answer_with([](const auto&) -> Result<IncomingAnswer> {
            return fail(errors::target_unreachable, "gone");
        });
    }

    MemoryHttpClient memory;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Memory, HttpClientContract, MemoryWeb);

}  // namespace contract
}  // namespace souk
