#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "adapters/http_server/edge.h"

namespace souk::http_edge {

class Certificate;
class Connection;

/// One thread with its listener, its connections and one timer for all of them. All but `start`,
/// `post`, `drain`, `cut_off` and `join` belong to that thread.
class Loop {
public:
    using Time = std::chrono::steady_clock::time_point;
    static constexpr Time never = Time::max();

    /// `drained` is called, on the loop's thread, when a drain leaves no connection.
    Loop(Edge& edge, std::function<void()> drained);
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    [[nodiscard]] boost::asio::io_context& context() { return context_; }
    /// `certificate` is null for plain HTTP, and outlives the loop.
    void start(boost::asio::ip::tcp::acceptor acceptor, Certificate* certificate);
    template <class Work>
    void post(Work work) {
        boost::asio::post(context_, std::move(work));
    }
    /// Stops accepting and lets every connection end.
    void drain();
    /// Closes every connection; `ended` holds how many there were once `drained` was called.
    void cut_off(std::atomic<std::size_t>& ended);
    void join();

    [[nodiscard]] Edge& edge() { return edge_; }
    [[nodiscard]] bool draining() const { return draining_; }
    /// The Date header, made anew each second.
    [[nodiscard]] std::string_view date_line();
    /// `Connection::deadline()` will be looked at by then.
    void expect(Time deadline);
    /// The connection is closed.
    void forget(const Connection& connection);

private:
    using Code = boost::system::error_code;
    using Socket = boost::asio::ip::tcp::socket;

    void accept();
    void accepted(const Code& ec, Socket socket);
    void retry_later();
    void welcome(Socket socket, const boost::asio::ip::tcp::endpoint& peer);
    [[nodiscard]] bool make_room();
    void turn_away(Socket socket);
    void scan();
    void stop_accepting();
    void report_if_drained();

    Edge& edge_;
    boost::asio::io_context context_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_;
    boost::asio::ip::tcp::acceptor acceptor_;
    boost::asio::ip::tcp::endpoint peer_;  // Of the connection that is being accepted.
    boost::asio::steady_timer timer_;
    boost::asio::steady_timer accept_timer_;
    Certificate* certificate_ = nullptr;
    std::function<void()> drained_;
    std::vector<std::shared_ptr<Connection>> connections_;
    Time armed_for_ = never;
    std::chrono::milliseconds scan_spacing_;
    std::int64_t date_second_ = -1;
    std::string date_line_;
    bool accepting_ = false;
    bool draining_ = false;
    std::thread thread_;
};

}  // namespace souk::http_edge
