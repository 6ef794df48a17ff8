#pragma once

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

namespace souk::http_edge {

using TlsContext = std::shared_ptr<boost::asio::ssl::context>;

/// Who is told when something that was started on a wire has ended.
class WireUser {
public:
    virtual ~WireUser() = default;
    /// The wire can be read and written, or (false) never will.
    virtual void opened(bool usable) = 0;
    /// So many bytes; 0 when no more will come.
    virtual void received(std::size_t bytes) = 0;
    /// So many bytes; 0 when the wire is broken.
    virtual void sent(std::size_t bytes) = 0;
};

/// One TCP connection, bare or under TLS. At most one operation runs at a time; each keeps its user
/// alive until it was told. Confined to the loop's thread.
class Wire {
public:
    using User = std::shared_ptr<WireUser>;
    using Pieces = std::array<std::string_view, 2>;  // Sent in this order; either may be empty.

    virtual ~Wire() = default;
    virtual void open(User user) = 0;
    virtual void read(char* into, std::size_t size, User user) = 0;
    /// What can be sent without waiting; nothing when the wire is broken.
    [[nodiscard]] virtual std::optional<std::size_t> write_now(const Pieces& pieces) = 0;
    virtual void write(const Pieces& pieces, User user) = 0;
    /// Says that nothing will follow, then (with `received`) when the peer has said so too. What it
    /// sends meanwhile goes to `into` and is reported as by `read`.
    virtual void finish(char* into, std::size_t size, User user) = 0;
    /// The running operation ends early, as if it had failed.
    virtual void cancel() = 0;
    /// Whether bytes have arrived that were not read.
    [[nodiscard]] virtual bool has_input() = 0;
    virtual void close() = 0;
    /// Closes so that the peer cannot take what it has got for the whole.
    virtual void abort() = 0;
};

[[nodiscard]] std::unique_ptr<Wire> plain_wire(boost::asio::ip::tcp::socket socket);
[[nodiscard]] std::unique_ptr<Wire> tls_wire(boost::asio::ip::tcp::socket socket,
                                             TlsContext context);

}  // namespace souk::http_edge
