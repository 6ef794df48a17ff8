#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "domain/base/error.h"
#include "domain/ports/http_client.h"

namespace souk {

namespace errors {
/// The certificates that should be trusted cannot be read.
inline constexpr ErrorCode http_client_misconfigured{"http_client_misconfigured",
                                                     ErrorKind::invalid};
}  // namespace errors

/// What the client may call.
///   public_only  hosts whose every address is public, on port 80, 443 or 1024 and up; no names of
///                the own network (`localhost`, one label, `.local`, `.internal`, `.home.arpa`,
///                `.lan`)
///   any          all of them; for operators who want webhooks inside their network, and for tests
/// Users, passwords and obfuscated numbers in a URL are refused by both.
enum class TargetPolicy { public_only, any };

struct PublicHttpClientOptions {
    TargetPolicy policy = TargetPolicy::public_only;
    std::string ca_file;  // PEM roots to trust; empty: the system's.
    // Names looked up at a time: more than requests are under way, since the lookup of one that was
    // given up on may go on for as long again, and must not make the others wait.
    std::size_t lookups_max = 32;
    std::size_t addresses_max = 4;  // Of one name that are tried.
    std::string user_agent = "Souk-Webhooks/1.0";
    /// All addresses of a name in text; empty: the system's resolver.
    std::function<std::vector<std::string>(const std::string& host)> lookup;
};

/// Calls http and https targets that strangers chose, one connection a request, from any thread.
/// The name is resolved once, all its addresses are checked, and the connection goes to a checked
/// address: a name that changes its mind (DNS rebinding) gains nothing. Certificates and host names
/// are verified.
class PublicHttpClient final : public HttpClient {
public:
    /// Errors: http_client_misconfigured.
    [[nodiscard]] static Result<std::unique_ptr<PublicHttpClient>> make(
        PublicHttpClientOptions options);
    ~PublicHttpClient() override;

    [[nodiscard]] Result<IncomingAnswer> send(const OutgoingRequest& request) override;
    [[nodiscard]] Result<void> check_url(std::string_view url) const override;

private:
    struct State;
    explicit PublicHttpClient(std::unique_ptr<State> state);

    std::unique_ptr<State> state_;
};

}  // namespace souk
