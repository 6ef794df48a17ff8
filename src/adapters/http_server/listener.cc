#include "adapters/http_server/listener.h"

#include <sys/socket.h>

#include <boost/asio/detail/socket_option.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <tuple>

#include "adapters/http_server/http_server.h"
#include "domain/base/text.h"

namespace souk::http_edge {

namespace {

using boost::asio::ip::tcp;
using Code = boost::system::error_code;
using ReusePort = boost::asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

void open_and_bind(tcp::acceptor& acceptor, const tcp::endpoint& endpoint, Sharing sharing,
                   Code& ec) {
    if (acceptor.open(endpoint.protocol(), ec)) {
        return;
    }
    if (acceptor.set_option(tcp::acceptor::reuse_address(true), ec)) {
        return;
    }
    if (sharing == Sharing::one_of_many && acceptor.set_option(ReusePort(true), ec)) {
        return;
    }
    if (endpoint.address().is_v6() && endpoint.address().is_unspecified() &&
        acceptor.set_option(boost::asio::ip::v6_only(false), ec)) {
        return;
    }
    if (!acceptor.bind(endpoint, ec)) {
        std::ignore = acceptor.listen(tcp::acceptor::max_listen_connections, ec);
    }
}

std::unexpected<Error> failure(const tcp::endpoint& endpoint, const Code& ec) {
    return fail(errors::listen_failed, cat("Cannot listen on ", endpoint.address().to_string(),
                                           " port ", endpoint.port(), ": ", ec.message(), '.'));
}

}  // namespace

Result<tcp::endpoint> endpoint_of(const std::string& address, std::uint16_t port) {
    Code ec;
    const auto parsed = boost::asio::ip::make_address(address, ec);
    if (ec) {
        return fail(errors::http_server_misconfigured,
                    cat("\"", address, "\" is not an IP address to listen on."));
    }
    return tcp::endpoint(parsed, port);
}

Result<void> check_free(const tcp::endpoint& endpoint) {
    boost::asio::io_context context;
    tcp::acceptor probe(context);
    Code ec;
    open_and_bind(probe, endpoint, Sharing::alone, ec);
    if (ec) {
        return failure(endpoint, ec);
    }
    return {};
}

Result<tcp::acceptor> listen_on(boost::asio::io_context& context, const tcp::endpoint& endpoint,
                                Sharing sharing) {
    tcp::acceptor acceptor(context);
    Code ec;
    open_and_bind(acceptor, endpoint, sharing, ec);
    if (ec) {
        return failure(endpoint, ec);
    }
    return acceptor;
}

std::string canonical(boost::asio::ip::address address) {
    if (address.is_v6() && address.to_v6().is_v4_mapped()) {
        address = boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6());
    }
    return address.to_string();
}

}  // namespace souk::http_edge
