#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "adapters/http_server/input_buffer.h"
#include "adapters/http_server/loop.h"
#include "adapters/http_server/parked_requests.h"
#include "adapters/http_server/request_reader.h"
#include "adapters/http_server/response_writer.h"
#include "adapters/http_server/spool_file.h"
#include "adapters/http_server/wire.h"
#include "domain/ports/http.h"

namespace souk::http_edge {

/// One client's connection: requests in, answers out, in order. At any time at most one thing is
/// under way (a read, a write, a worker's job or a wait), and `phase_` says which. Confined to its
/// loop's thread.
class Connection final : public WireUser, public std::enable_shared_from_this<Connection> {
public:
    Connection(Loop& loop, std::unique_ptr<Wire> wire, std::string peer);

    void start();
    /// The server is stopping: end as soon as nothing is owed to the client.
    void drain();
    void close();
    /// The deadline has passed.
    void overdue();
    [[nodiscard]] Loop::Time deadline() const { return deadline_; }
    /// Whether nothing would be lost by closing it: no whole head has come since the last answer.
    [[nodiscard]] bool is_spare() const;
    /// Closes it, unless it has just said something. Requires that it is spare.
    [[nodiscard]] bool make_room();

    std::size_t slot = 0;  // The loop's.

    void opened(bool usable) override;
    void received(std::size_t bytes) override;
    void sent(std::size_t bytes) override;

private:
    enum class Phase { opening, reading, sending, working, parked, lingering, closed };
    /// What happens once all output is sent.
    enum class Next { read, serve, yield, judge, spool, hand_over, pull, park, linger };
    enum class Turn { over, waiting };

    // connection.cc: from bytes to requests.
    void serve();
    void read();
    [[nodiscard]] bool is_idle() const;
    [[nodiscard]] Loop::Time reading_deadline();
    [[nodiscard]] Turn admit();
    void believe_proxy();
    void begin_request();
    void judge();
    void judged(std::optional<Response> refusal);
    void await_body();
    void spool();
    void spooled(Result<std::shared_ptr<SpoolFile>> file);
    void discard(std::size_t bytes);
    void refuse(int status, std::string_view detail);
    void turn_away(Response response);

    // connection_answer.cc: from responses to bytes.
    [[nodiscard]] Turn dispatch();
    void hand_over();
    void answer(Response response);
    [[nodiscard]] Turn render(Response response);
    [[nodiscard]] Turn render_stream(Response response);
    [[nodiscard]] Turn end_answer();
    [[nodiscard]] Persistence persistence() const;
    void pull();
    void pulled(std::function<Result<std::string>()> stream, Result<std::string> piece);
    void park();
    void settle(std::optional<Response> better);

    // connection_output.cc: from bytes to the wire.
    void flush_then(Next next);
    void flush();
    [[nodiscard]] Wire::Pieces unsent() const;
    void proceed();
    void yield();
    void linger();
    void abort();
    [[nodiscard]] std::uint64_t footprint() const;
    /// Accounts for what the server keeps for this client. False: it is too much.
    [[nodiscard]] bool may_keep(std::uint64_t bytes);
    [[nodiscard]] Loop::Time transfer_deadline(Loop::Time since, std::uint64_t bytes) const;
    void set_deadline(Loop::Time deadline);

    Loop& loop_;
    Edge& edge_;
    const std::unique_ptr<Wire> wire_;
    const std::string peer_;

    Phase phase_ = Phase::opening;
    Next next_ = Next::read;
    Loop::Time deadline_ = Loop::never;
    Loop::Time since_ = {};          // When the head or the body that is being read began.
    Loop::Time sending_since_ = {};  // When the client first made the output wait.
    Loop::Time paused_ = {};         // When a body's transfer stopped for a worker.
    bool refuse_when_read_ = false;  // The running read was cancelled because it took too long.
    bool closing_ = false;           // No request is taken after this one.
    bool served_any_ = false;

    InputBuffer input_;
    std::optional<RequestReader> reader_;
    Admission admission_;
    std::shared_ptr<SpoolFile> spool_;

    std::string out_;                          // To send …
    std::shared_ptr<const std::string> tail_;  // … and after it this, without a copy.
    std::size_t sent_ = 0;                     // Of both.
    std::size_t lingered_ = 0;
    std::uint64_t kept_bytes_ = 0;  // As accounted for.

    std::function<Result<std::string>()> stream_;
    Framing stream_framing_ = Framing::chunked;
    std::optional<Response> carried_;  // What a parked request answers if nothing better comes.
    ParkedRequests::Ticket ticket_;
};

}  // namespace souk::http_edge
