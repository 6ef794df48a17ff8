#include "adapters/telemetry_prometheus/otlp_client.h"

#include <algorithm>
#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <tuple>

#include "domain/base/text.h"

namespace souk {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Deadline = std::chrono::steady_clock::time_point;

constexpr std::size_t answer_bytes_max = 64 * 1024;

/// One request's connection.
class Exchange {
public:
    explicit Exchange(Deadline deadline) : deadline_(deadline) {}

    error_code connect(const OtlpAddress& address) {
        tcp::resolver::results_type found;
        tcp::resolver resolver(io_);
        const error_code unresolved = finish([&](auto done) {
            resolver.async_resolve(address.host, address.port,
                                   [&found, done](error_code error, auto results) mutable {
                                       found = std::move(results);
                                       done(error);
                                   });
        });
        if (unresolved) {
            return unresolved;
        }
        return finish([&](auto done) { asio::async_connect(socket_, found, std::move(done)); });
    }

    error_code encrypt(asio::ssl::context& context, const std::string& host) {
        auto& stream = tls_.emplace(socket_, context);
        error_code error;
        std::ignore = stream.set_verify_mode(asio::ssl::verify_peer, error);
        std::ignore = stream.set_verify_callback(asio::ssl::host_name_verification(host), error);
        SSL_set_tlsext_host_name(stream.native_handle(), host.c_str());
        return finish([&](auto done) {
            stream.async_handshake(asio::ssl::stream_base::client, std::move(done));
        });
    }

    error_code write(std::string_view bytes) {
        return finish([&](auto done) {
            if (tls_) {
                asio::async_write(*tls_, asio::buffer(bytes), std::move(done));
            } else {
                asio::async_write(socket_, asio::buffer(bytes), std::move(done));
            }
        });
    }

    /// All that comes before the end, or as much of it as is allowed.
    error_code read(std::string& answer) {
        auto buffer = asio::dynamic_buffer(answer, answer_bytes_max);
        return finish([&](auto done) {
            if (tls_) {
                asio::async_read(*tls_, buffer, std::move(done));
            } else {
                asio::async_read(socket_, buffer, std::move(done));
            }
        });
    }

private:
    template <class Start>
    error_code finish(Start start) {
        error_code outcome = asio::error::would_block;
        start([&outcome](error_code error, const auto&...) { outcome = error; });
        io_.restart();
        io_.run_until(deadline_);
        if (io_.stopped()) {
            return outcome;
        }
        error_code ignored;
        std::ignore = socket_.close(ignored);
        io_.run();
        return asio::error::timed_out;
    }

    Deadline deadline_;
    asio::io_context io_;
    tcp::socket socket_{io_};
    std::optional<asio::ssl::stream<tcp::socket&>> tls_;
};

std::unexpected<Error> unreachable(std::string_view step, const error_code& error) {
    return fail(errors::collector_unreachable,
                cat("The trace collector: ", step, " failed: ", error.message(), "."));
}

}  // namespace

struct OtlpClient::Tls {
    asio::ssl::context context{asio::ssl::context::tls_client};
};

std::optional<OtlpAddress> parse_otlp_address(std::string_view url) {
    OtlpAddress address;
    if (url.starts_with("https://")) {
        address.scheme = OtlpAddress::Scheme::https;
    } else if (!url.starts_with("http://")) {
        return std::nullopt;
    }
    url.remove_prefix(url.find("://") + 3);
    const bool printable = std::ranges::all_of(url, [](char c) { return c > 0x20 && c < 0x7F; });
    const auto slash = std::min(url.find('/'), url.size());
    const std::string_view authority = url.substr(0, slash);
    const bool bracketed = authority.starts_with('[');
    const auto colon = authority.find(':', bracketed ? authority.find(']') : 0);
    address.host = authority.substr(0, colon);
    if (bracketed) {
        address.host = address.host.substr(1, address.host.find(']') - 1);
    }
    const bool https = address.scheme == OtlpAddress::Scheme::https;
    address.port =
        colon == std::string_view::npos ? (https ? "443" : "80") : authority.substr(colon + 1);
    const auto port = to_integer(address.port);
    std::string_view path = url.substr(slash);
    while (path.ends_with('/')) {
        path.remove_suffix(1);
    }
    address.path = path.ends_with("/v1/traces") ? std::string(path) : cat(path, "/v1/traces");
    if (!printable || address.host.empty() || !port || *port < 1 || *port > 65535 ||
        authority.find('@') != std::string_view::npos ||
        path.find_first_of("?#") != std::string_view::npos) {
        return std::nullopt;
    }
    return address;
}

OtlpClient::OtlpClient(OtlpAddress address,
                       std::vector<std::pair<std::string, std::string>> headers)
    : address_(std::move(address)), headers_(std::move(headers)) {
    if (address_.scheme == OtlpAddress::Scheme::https) {
        tls_ = std::make_unique<Tls>();
        error_code ignored;  // Without certificates the handshake fails, and says so.
        std::ignore = tls_->context.set_default_verify_paths(ignored);
        SSL_CTX_set_min_proto_version(tls_->context.native_handle(), TLS1_2_VERSION);
    }
}

OtlpClient::~OtlpClient() = default;

std::string OtlpClient::request(std::string_view json) const {
    const bool v6 = address_.host.find(':') != std::string::npos;
    std::string out = cat(
        "POST ", address_.path, " HTTP/1.1\r\nHost: ", v6 ? "[" : "", address_.host,
        v6 ? "]:" : ":", address_.port,
        "\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: ", json.size(),
        "\r\n");
    for (const auto& [name, value] : headers_) {
        out += cat(name, ": ", value, "\r\n");
    }
    return cat(out, "\r\n", json);
}

Result<int> OtlpClient::post(std::string_view json, std::chrono::milliseconds timeout) {
    Exchange exchange(std::chrono::steady_clock::now() + timeout);
    if (const auto error = exchange.connect(address_)) {
        return unreachable("connecting", error);
    }
    if (tls_) {
        if (const auto error = exchange.encrypt(tls_->context, address_.host)) {
            return unreachable("the TLS handshake", error);
        }
    }
    if (const auto error = exchange.write(request(json))) {
        return unreachable("sending", error);
    }
    std::string answer;
    // How the connection ends does not matter once the status has come.
    const auto ended = exchange.read(answer);
    const auto status =
        to_integer(std::string_view(answer).substr(std::min<std::size_t>(9, answer.size()), 3));
    if (!answer.starts_with("HTTP/1.") || !status) {
        return unreachable("reading its answer", ended);
    }
    return static_cast<int>(*status);
}

}  // namespace souk
