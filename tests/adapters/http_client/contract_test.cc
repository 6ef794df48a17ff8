#include <optional>

#include "adapters/http_client/public_http_client.h"
#include "adapters/http_client/test_receiver.h"
#include "contracts/http_client_contract.h"

namespace souk::contract {

/// A server on loopback, which only the client that may call anything is let to.
struct Loopback {
    HttpClient& client() { return *open; }
    HttpClient& wary() { return *cautious; }
    std::string url() { return cat("http://hooks.example:", receiver->port(), "/souk"); }
    void answer(int status, const std::string& body) {
        receive(
            cat("HTTP/1.1 ", status, " Word\r\nContent-Length: ", body.size(), "\r\n\r\n", body));
    }
    void redirect(const std::string& to) {
        receive(cat("HTTP/1.1 302 Found\r\nLocation: ", to, "\r\nContent-Length: 0\r\n\r\n"));
    }
    int calls() { return calls_before + receiver->connections(); }
    void leave() { receiver.reset(); }

    void receive(std::string answer) {
        calls_before += receiver->connections();
        receiver.emplace(std::move(answer));
    }
    static std::unique_ptr<PublicHttpClient> made(TargetPolicy policy) {
        return PublicHttpClient::make(
                   {.policy = policy,
                    .lookup = [](const std::string&) -> std::vector<std::string> {
                        return {"127.0.0.1"};
                    }})
            .value();
    }

    std::unique_ptr<PublicHttpClient> open = made(TargetPolicy::any);
    std::unique_ptr<PublicHttpClient> cautious = made(TargetPolicy::public_only);
    std::optional<testing::TestReceiver> receiver{std::in_place, ""};
    int calls_before = 0;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Loopback, HttpClientContract, Loopback);

}  // namespace souk::contract
