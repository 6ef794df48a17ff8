#include "adapters/http_client/public_http_client.h"

#include <openssl/ssl.h>

#include <algorithm>
#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <mutex>
#include <tuple>
#include <utility>

#include "adapters/http_client/exchange.h"
#include "adapters/http_client/name_lookups.h"
#include "adapters/http_client/web_url.h"
#include "domain/base/text.h"

namespace souk {

using namespace http_out;
namespace ssl = boost::asio::ssl;

struct PublicHttpClient::State {
    State(PublicHttpClientOptions the_options, NameLookups::Resolve resolve)
        : options(std::move(the_options)),
          lookups(std::move(resolve), options.lookups_max),
          tls(ssl::context::tls_client) {}

    /// Reading the system's roots takes as long as starting the rest of the program: not before
    /// use.
    ssl::context& tls_with_roots() {
        std::call_once(roots_loaded, [this] {
            boost::system::error_code ec;
            if (options.ca_file.empty()) {
                std::ignore = tls.set_default_verify_paths(
                    ec);  // Without roots every handshake fails, and says so.
            }
        });
        return tls;
    }

    PublicHttpClientOptions options;
    NameLookups lookups;
    ssl::context tls;
    std::once_flag roots_loaded;
};

namespace {

NameLookups::Resolve resolver_of(const PublicHttpClientOptions& options) {
    if (!options.lookup) {
        return resolve_by_system;
    }
    return [lookup = options.lookup](const std::string& host) {
        std::vector<IpAddress> addresses;
        for (const std::string& text : lookup(host)) {
            if (const auto address = parse_ip(text)) {
                addresses.push_back(*address);
            }
        }
        return addresses;
    };
}

bool is_token(std::string_view text) {
    static constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               marks.contains(c);
    });
}

bool is_header_value(std::string_view text) {
    return std::ranges::none_of(text, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

/// A line break in a header would let its author write further headers, or a second request.
bool is_sendable(const OutgoingRequest& request) {
    return is_token(request.method) && std::ranges::all_of(request.headers, [](const auto& header) {
               return is_token(header.first) && is_header_value(header.second);
           });
}

std::string render(const OutgoingRequest& request, const WebUrl& url, const std::string& agent) {
    std::string out = cat(request.method, ' ', url.target, " HTTP/1.1\r\nHost: ", url.authority(),
                          "\r\nUser-Agent: ", agent,
                          "\r\nConnection: close\r\nContent-Length: ", request.body.size(), "\r\n");
    for (const auto& [name, value] : request.headers) {
        out.append(name).append(": ").append(value).append("\r\n");
    }
    return out.append("\r\n").append(request.body);
}

}  // namespace

PublicHttpClient::PublicHttpClient(std::unique_ptr<State> state) : state_(std::move(state)) {}
PublicHttpClient::~PublicHttpClient() = default;

Result<std::unique_ptr<PublicHttpClient>> PublicHttpClient::make(PublicHttpClientOptions options) {
    auto resolve = resolver_of(options);
    auto state = std::make_unique<State>(std::move(options), std::move(resolve));
    boost::system::error_code ec;
    if (!state->options.ca_file.empty()) {
        std::ignore = state->tls.load_verify_file(state->options.ca_file, ec);
    }
    if (ec) {
        return fail(errors::http_client_misconfigured,
                    cat("The trusted certificates cannot be read: ", ec.message(), '.'));
    }
    ::SSL_CTX_set_min_proto_version(state->tls.native_handle(), TLS1_2_VERSION);
    return std::unique_ptr<PublicHttpClient>(new PublicHttpClient(std::move(state)));
}

Result<void> PublicHttpClient::check_url(std::string_view url) const {
    const WebUrl parsed = TRY(parse_web_url(url));
    return check_target(parsed, state_->options.policy);
}

Result<IncomingAnswer> PublicHttpClient::send(const OutgoingRequest& request) {
    const auto deadline = std::chrono::steady_clock::now() + request.timeout;
    const PublicHttpClientOptions& options = state_->options;
    const WebUrl url = TRY(parse_web_url(request.url));
    TRY(check_target(url, options.policy));
    if (!is_sendable(request)) {
        return fail(errors::target_refused, "The method or a header of the request is malformed.");
    }
    std::vector<IpAddress> addresses;
    if (url.literal) {
        addresses.push_back(*url.literal);
    } else {
        addresses = TRY(state_->lookups.find(url.host, deadline));
    }
    if (options.policy == TargetPolicy::public_only && !std::ranges::all_of(addresses, is_public)) {
        return fail(errors::target_refused,
                    "The URL's host has an address that is not on the public Internet.");
    }
    addresses.resize(std::min(addresses.size(), std::max<std::size_t>(options.addresses_max, 1)));
    const std::string message = render(request, url, options.user_agent);
    if (url.scheme == WebUrl::Scheme::http) {
        return exchange(url, addresses, message, state_->tls, deadline);
    }
    return exchange(url, addresses, message, state_->tls_with_roots(), deadline);
}

}  // namespace souk
