#include "adapters/mail_smtp/wire.h"

#include <array>
#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <optional>
#include <tuple>

#include "domain/base/text.h"
#include "domain/ports/mailer.h"

namespace souk {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Deadline = std::chrono::steady_clock::time_point;

constexpr std::size_t line_bytes_max = 4096;

Deadline after(Wire::Timeout timeout) { return std::chrono::steady_clock::now() + timeout; }

std::unexpected<Error> unavailable(std::string_view step, const error_code& error) {
    const std::string why = error == asio::error::timed_out ? "no answer in time" : error.message();
    return fail(errors::mail_unavailable, cat("The mail server: ", step, " failed: ", why, "."));
}

class OpenSslTrust : public TlsTrust {
public:
    asio::ssl::context context{asio::ssl::context::tls_client};
};

class AsioWire : public Wire {
public:
    Result<void> open(const std::string& host, std::uint16_t port, Timeout timeout);
    Result<void> encrypt(const std::shared_ptr<TlsTrust>& trust, const std::string& host,
                         PeerProof proof, Timeout timeout) override;
    bool encrypted() const override { return tls_.has_value(); }
    Result<void> write(std::string_view bytes, Timeout timeout) override;
    Result<std::string> line(Deadline deadline) override;

private:
    /// Runs one operation to its end, or closes the socket at the deadline so that it ends.
    template <class Start>
    error_code finish(Deadline deadline, Start start) {
        error_code outcome = asio::error::would_block;
        start([&outcome](error_code error, const auto&...) { outcome = error; });
        io_.restart();
        io_.run_until(deadline);
        if (io_.stopped()) {
            return outcome;
        }
        error_code ignored;
        resolver_.cancel();
        std::ignore = socket_.close(ignored);
        io_.run();
        return asio::error::timed_out;
    }

    asio::io_context io_;
    tcp::resolver resolver_{io_};
    tcp::socket socket_{io_};
    std::shared_ptr<TlsTrust> trust_;  // Outlives the stream made from it.
    std::optional<asio::ssl::stream<tcp::socket&>> tls_;
    std::string received_;
};

Result<void> AsioWire::open(const std::string& host, std::uint16_t port, Timeout timeout) {
    const Deadline deadline = after(timeout);
    tcp::resolver::results_type addresses;
    const error_code unresolved = finish(deadline, [&](auto done) {
        resolver_.async_resolve(host, std::to_string(port),
                                [&addresses, done](error_code error, auto found) mutable {
                                    addresses = std::move(found);
                                    done(error);
                                });
    });
    if (unresolved) {
        return unavailable(cat("looking up ", host), unresolved);
    }
    const error_code refused = finish(
        deadline, [&](auto done) { asio::async_connect(socket_, addresses, std::move(done)); });
    if (refused) {
        return unavailable(cat("connecting to ", host, " port ", port), refused);
    }
    error_code ignored;
    std::ignore = socket_.set_option(tcp::no_delay(true), ignored);
    return {};
}

Result<void> AsioWire::encrypt(const std::shared_ptr<TlsTrust>& trust, const std::string& host,
                               PeerProof proof, Timeout timeout) {
    if (!received_.empty()) {
        return fail(errors::mail_unavailable,
                    "The mail server spoke out of turn before TLS began.");
    }
    trust_ = trust;
    auto& context = static_cast<OpenSslTrust&>(*trust).context;
    auto& stream = tls_.emplace(socket_, context);
    error_code error;
    if (proof == PeerProof::verified) {
        std::ignore = stream.set_verify_mode(asio::ssl::verify_peer, error);
        std::ignore = stream.set_verify_callback(asio::ssl::host_name_verification(host), error);
    } else {
        std::ignore = stream.set_verify_mode(asio::ssl::verify_none, error);
    }
    // SNI carries names only. Source: RFC 6066 section 3.
    error_code no_address;
    asio::ip::make_address(host, no_address);
    if (no_address && SSL_set_tlsext_host_name(stream.native_handle(), host.c_str()) != 1) {
        return fail(errors::mail_unavailable, "The mail server's name cannot be used with TLS.");
    }
    if (!error) {
        error = finish(after(timeout), [&](auto done) {
            stream.async_handshake(asio::ssl::stream_base::client, std::move(done));
        });
    }
    return error ? Result<void>(unavailable("the TLS handshake", error)) : Result<void>{};
}

Result<void> AsioWire::write(std::string_view bytes, Timeout timeout) {
    const auto buffer = asio::buffer(bytes);
    const error_code error = finish(after(timeout), [&](auto done) {
        if (tls_) {
            asio::async_write(*tls_, buffer, std::move(done));
        } else {
            asio::async_write(socket_, buffer, std::move(done));
        }
    });
    return error ? Result<void>(unavailable("sending", error)) : Result<void>{};
}

Result<std::string> AsioWire::line(Deadline deadline) {
    for (;;) {
        if (const auto end = received_.find('\n'); end != std::string::npos) {
            std::string found = received_.substr(0, end);
            received_.erase(0, end + 1);
            if (found.ends_with('\r')) {
                found.pop_back();
            }
            return found;
        }
        if (received_.size() > line_bytes_max) {
            return fail(errors::mail_unavailable, "The mail server sends lines without an end.");
        }
        std::array<char, 4096> chunk{};
        std::size_t length = 0;
        const error_code error = finish(deadline, [&](auto done) {
            auto took = [&length, done](error_code outcome, std::size_t bytes) mutable {
                length = bytes;
                done(outcome);
            };
            if (tls_) {
                tls_->async_read_some(asio::buffer(chunk), std::move(took));
            } else {
                socket_.async_read_some(asio::buffer(chunk), std::move(took));
            }
        });
        received_.append(chunk.data(), length);
        if (error && length == 0) {
            return unavailable("waiting for its answer", error);
        }
    }
}

}  // namespace

Result<std::shared_ptr<TlsTrust>> TlsTrust::load(const std::string& ca_file) {
    auto trust = std::make_shared<OpenSslTrust>();
    SSL_CTX_set_min_proto_version(trust->context.native_handle(), TLS1_2_VERSION);
    error_code error;
    if (ca_file.empty()) {
        std::ignore = trust->context.set_default_verify_paths(error);
    } else {
        std::ignore = trust->context.load_verify_file(ca_file, error);
    }
    if (error) {
        return fail(errors::mail_unavailable, cat("The certificates for mail cannot be read from ",
                                                  ca_file.empty() ? "the system" : ca_file.c_str(),
                                                  ": ", error.message(), "."));
    }
    return trust;
}

Result<std::unique_ptr<Wire>> Wire::connect(const std::string& host, std::uint16_t port,
                                            Timeout timeout) {
    auto wire = std::make_unique<AsioWire>();
    TRY(wire->open(host, port, timeout));
    return wire;
}

}  // namespace souk
