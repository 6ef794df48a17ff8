#include "adapters/http_server/wire.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <cerrno>
#include <tuple>
#include <utility>

namespace souk::http_edge {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Code = boost::system::error_code;

std::array<asio::const_buffer, 2> buffers(const Wire::Pieces& pieces) {
    return {asio::const_buffer(pieces[0].data(), pieces[0].size()),
            asio::const_buffer(pieces[1].data(), pieces[1].size())};
}

auto on_received(Wire::User user) {
    return [user = std::move(user)](const Code& ec, std::size_t bytes) {
        user->received(ec ? 0 : bytes);
    };
}

auto on_sent(Wire::User user) {
    return
        [user = std::move(user)](const Code& ec, std::size_t bytes) { user->sent(ec ? 0 : bytes); };
}

/// What bare and TLS connections do alike, on the socket itself.
class SocketWire : public Wire {
public:
    void cancel() final {
        Code ignored;  // A socket that cannot be cancelled has nothing running.
        std::ignore = socket().cancel(ignored);
    }
    bool has_input() final {
        char byte = 0;
        return ::recv(socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
    }
    void close() final {
        Code ignored;  // The descriptor is gone whatever close says.
        std::ignore = socket().close(ignored);
    }
    void abort() final {
        Code ignored;  // On a broken socket there is nobody left to tell.
        std::ignore = socket().set_option(tcp::socket::linger(true, 0), ignored);
        close();
    }

protected:
    virtual tcp::socket& socket() = 0;
};

class PlainWire final : public SocketWire {
public:
    explicit PlainWire(tcp::socket socket) : socket_(std::move(socket)) {}

    void open(User user) override { user->opened(true); }

    void read(char* into, std::size_t size, User user) override {
        socket_.async_read_some(asio::mutable_buffer(into, size), on_received(std::move(user)));
    }

    std::optional<std::size_t> write_now(const Pieces& pieces) override {
        // Past Asio: one system call, no operation object, and in nearly all cases it is enough.
        ssize_t sent = 0;
        if (pieces[1].empty()) {
            sent = ::send(socket_.native_handle(), pieces[0].data(), pieces[0].size(),
                          MSG_DONTWAIT | MSG_NOSIGNAL);
        } else {
            std::array<iovec, 2> parts{};
            for (std::size_t i = 0; i < parts.size(); ++i) {
                parts[i] = {const_cast<char*>(pieces[i].data()), pieces[i].size()};
            }
            msghdr message{};
            message.msg_iov = parts.data();
            message.msg_iovlen = parts.size();
            sent = ::sendmsg(socket_.native_handle(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
        }
        if (sent >= 0) {
            return static_cast<std::size_t>(sent);
        }
        return errno == EAGAIN || errno == EINTR ? std::optional<std::size_t>(0) : std::nullopt;
    }

    void write(const Pieces& pieces, User user) override {
        socket_.async_write_some(buffers(pieces), on_sent(std::move(user)));
    }

    void finish(char* into, std::size_t size, User user) override {
        Code ignored;  // If the peer is gone, the read says so.
        std::ignore = socket_.shutdown(tcp::socket::shutdown_send, ignored);
        read(into, size, std::move(user));
    }

private:
    tcp::socket& socket() override { return socket_; }

    tcp::socket socket_;
};

class TlsWire final : public SocketWire {
public:
    TlsWire(tcp::socket socket, TlsContext context)
        : context_(std::move(context)), stream_(std::move(socket), *context_) {}

    void open(User user) override {
        stream_.async_handshake(asio::ssl::stream_base::server,
                                [user = std::move(user)](const Code& ec) { user->opened(!ec); });
    }

    void read(char* into, std::size_t size, User user) override {
        stream_.async_read_some(asio::mutable_buffer(into, size), on_received(std::move(user)));
    }

    std::optional<std::size_t> write_now(const Pieces&) override { return 0; }

    void write(const Pieces& pieces, User user) override {
        // One piece at a time: TLS copies each into records of its own anyway.
        const std::string_view next = pieces[0].empty() ? pieces[1] : pieces[0];
        stream_.async_write_some(asio::const_buffer(next.data(), next.size()),
                                 on_sent(std::move(user)));
    }

    void finish(char*, std::size_t, User user) override {
        stream_.async_shutdown([user = std::move(user)](const Code&) { user->received(0); });
    }

private:
    tcp::socket& socket() override { return stream_.next_layer(); }

    const TlsContext context_;  // The server may have another one meanwhile.
    asio::ssl::stream<tcp::socket> stream_;
};

}  // namespace

std::unique_ptr<Wire> plain_wire(tcp::socket socket) {
    return std::make_unique<PlainWire>(std::move(socket));
}

std::unique_ptr<Wire> tls_wire(tcp::socket socket, TlsContext context) {
    return std::make_unique<TlsWire>(std::move(socket), std::move(context));
}

}  // namespace souk::http_edge
