#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <string>

#include "domain/base/error.h"

namespace souk::http_edge {

enum class Sharing { alone, one_of_many };

/// Errors: http_server_misconfigured (no such address).
[[nodiscard]] Result<boost::asio::ip::tcp::endpoint> endpoint_of(const std::string& address,
                                                                 std::uint16_t port);
/// Whether no other process listens there: those that share a port cannot tell by themselves.
/// Errors: listen_failed.
[[nodiscard]] Result<void> check_free(const boost::asio::ip::tcp::endpoint& endpoint);
/// Errors: listen_failed.
[[nodiscard]] Result<boost::asio::ip::tcp::acceptor> listen_on(
    boost::asio::io_context& context, const boost::asio::ip::tcp::endpoint& endpoint,
    Sharing sharing);
/// The address without port; an IPv4 client of an IPv6 socket is shown as IPv4.
[[nodiscard]] std::string canonical(boost::asio::ip::address address);

}  // namespace souk::http_edge
