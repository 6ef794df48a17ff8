#include "adapters/http_client/exchange.h"

#include <openssl/ssl.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <string_view>
#include <tuple>
#include <utility>

#include "adapters/http_client/answer_limits.h"
#include "domain/base/text.h"

namespace souk::http_out {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Code = boost::system::error_code;
using Time = std::chrono::steady_clock::time_point;

constexpr std::size_t read_bytes = 16 * 1024;

tcp::endpoint endpoint_of(const IpAddress& address, std::uint16_t port) {
    if (is_v4(address)) {
        return {asio::ip::make_address_v4(asio::ip::v4_mapped, asio::ip::address_v6(address.bytes)),
                port};
    }
    return {asio::ip::address_v6(address.bytes), port};
}

std::unexpected<Error> unreachable(std::string_view what, const Code& ec) {
    return ec == asio::error::timed_out
               ? fail(errors::target_unreachable, cat(what, " took too long."))
               : fail(errors::target_unreachable, cat(what, " failed: ", ec.message(), '.'));
}

/// One connection; every step ends at the deadline at the latest.
class Exchange {
public:
    Exchange(const WebUrl& url, asio::ssl::context& tls, Time deadline)
        : url_(url), deadline_(deadline), stream_(context_, tls) {}

    Result<void> connect(const std::vector<IpAddress>& addresses) {
        Code ec = asio::error::host_not_found;
        for (std::size_t i = 0; i < addresses.size(); ++i) {
            // Each gets its share of the time, so that a silent one does not use up all of it.
            const auto now = std::chrono::steady_clock::now();
            const Time until = now + (deadline_ - now) / static_cast<int>(addresses.size() - i);
            ec = step(until, [&](Code& done) {
                socket().async_connect(endpoint_of(addresses[i], url_.port),
                                       [&done](const Code& result) { done = result; });
            });
            if (!ec) {
                return {};
            }
            Code ignored;  // It is not connected; what matters is why.
            std::ignore = socket().close(ignored);
        }
        return unreachable("Connecting", ec);
    }

    Result<void> secure() {
        if (url_.scheme == WebUrl::Scheme::http) {
            return {};
        }
        if (!url_.literal &&
            ::SSL_set_tlsext_host_name(stream_.native_handle(), url_.host.c_str()) != 1) {
            return fail(errors::target_unreachable, "The host's name cannot be sent in TLS.");
        }
        Code ec;
        std::ignore = stream_.set_verify_mode(asio::ssl::verify_peer, ec);
        std::ignore = stream_.set_verify_callback(asio::ssl::host_name_verification(url_.host), ec);
        ec = step(deadline_, [&](Code& done) {
            stream_.async_handshake(asio::ssl::stream_base::client,
                                    [&done](const Code& result) { done = result; });
        });
        if (ec) {
            return unreachable("The TLS handshake", ec);
        }
        return {};
    }

    Result<void> write(const std::string& message) {
        const auto buffer = asio::buffer(message);
        const Code ec = step(deadline_, [&](Code& done) {
            const auto keep = [&done](const Code& result, std::size_t) { done = result; };
            is_secure() ? asio::async_write(stream_, buffer, keep)
                        : asio::async_write(socket(), buffer, keep);
        });
        if (ec) {
            return unreachable("Sending", ec);
        }
        return {};
    }

    Result<IncomingAnswer> read() {
        http_answer::AnswerReader reader(answer_limits, errors::target_unreachable);
        std::array<char, read_bytes> piece;
        const auto buffer = asio::buffer(piece);
        while (!reader.done()) {
            std::size_t bytes = 0;
            const Code ec = step(deadline_, [&](Code& done) {
                const auto keep = [&done, &bytes](const Code& result, std::size_t count) {
                    done = result;
                    bytes = count;
                };
                is_secure() ? stream_.async_read_some(buffer, keep)
                            : socket().async_read_some(buffer, keep);
            });
            if (ec == asio::error::eof || ec == asio::ssl::error::stream_truncated) {
                TRY(reader.end());
                break;
            }
            if (ec) {
                return unreachable("Reading the answer", ec);
            }
            TRY(reader.take({piece.data(), bytes}));
        }
        auto answer = std::move(reader).answer();
        return IncomingAnswer{answer.status, std::move(answer.body)};
    }

private:
    tcp::socket& socket() { return stream_.next_layer(); }
    [[nodiscard]] bool is_secure() const { return url_.scheme == WebUrl::Scheme::https; }

    /// Runs one operation to its end, or gives it up at `until` (timed_out).
    template <class Start>
    Code step(Time until, Start start) {
        Code result = asio::error::would_block;  // What no operation ends with.
        start(result);
        context_.restart();
        context_.run_until(until);
        if (result == asio::error::would_block) {
            Code ignored;
            std::ignore = socket().close(ignored);
            context_.restart();
            context_.run();  // The operation refers to our variables: see it off.
            return asio::error::timed_out;
        }
        return result;
    }

    const WebUrl& url_;
    const Time deadline_;
    asio::io_context context_;
    asio::ssl::stream<tcp::socket> stream_;
};

}  // namespace

Result<IncomingAnswer> exchange(const WebUrl& url, const std::vector<IpAddress>& addresses,
                                const std::string& message, asio::ssl::context& tls,
                                Time deadline) {
    Exchange run(url, tls, deadline);
    TRY(run.connect(addresses));
    TRY(run.secure());
    TRY(run.write(message));
    return run.read();
}

}  // namespace souk::http_out
