#include "adapters/aws_client/connection.h"

#include <cerrno>
#include <system_error>
#include <utility>

#include "adapters/aws_client/aws_client.h"
#include "adapters/aws_client/tls_connection.h"
#include "domain/base/text.h"

namespace souk::aws {

namespace {

std::unexpected<Error> broken(std::string_view step) {
    return fail(errors::aws_no_answer,
                cat(step, " failed: ", std::generic_category().message(errno), '.'));
}

bool must_wait() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

class PlainConnection final : public Connection {
public:
    explicit PlainConnection(Socket socket) : socket_(std::move(socket)) {}

    Result<void> write(std::string_view bytes, Deadline deadline) override {
        while (!bytes.empty()) {
            const ssize_t sent = socket_.send(bytes.data(), bytes.size());
            if (sent >= 0) {
                bytes.remove_prefix(static_cast<std::size_t>(sent));
            } else if (!must_wait()) {
                return broken("Sending");
            } else if (!socket_.wait(Socket::Until::writable, deadline)) {
                return fail(errors::aws_no_answer, std::string(took_too_long));
            }
        }
        return {};
    }

    Result<std::size_t> read(std::span<char> room, Deadline deadline) override {
        for (;;) {
            const ssize_t got = socket_.receive(room.data(), room.size());
            if (got >= 0) {
                return static_cast<std::size_t>(got);
            }
            if (!must_wait()) {
                return broken("Reading the answer");
            }
            if (!socket_.wait(Socket::Until::readable, deadline)) {
                return fail(errors::aws_no_answer, std::string(took_too_long));
            }
        }
    }

    bool is_quiet() override { return !socket_.is_readable(); }
    std::uint64_t bytes_sent() const override { return socket_.bytes_sent(); }

private:
    Socket socket_;
};

}  // namespace

Result<std::unique_ptr<Connection>> Connection::open(const Origin& origin, TlsTrust& trust,
                                                     Deadline deadline) {
    const auto addresses = TRY(look_up(origin.host, origin.port, deadline));
    Socket socket = TRY(Socket::connect(addresses, deadline));
    if (origin.scheme == Origin::Scheme::https) {
        return open_tls(std::move(socket), origin.host, trust, deadline);
    }
    return std::make_unique<PlainConnection>(std::move(socket));
}

}  // namespace souk::aws
