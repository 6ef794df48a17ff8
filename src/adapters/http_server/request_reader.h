#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "adapters/http_server/http_server.h"
#include "adapters/http_server/input_buffer.h"
#include "domain/ports/http.h"

namespace souk::http_edge {

/// Why what arrived is not a request.
struct Refusal {
    int status = 400;
    std::string_view detail;  // Static.
};

/// Reads one request. Whatever two readers could frame differently is refused: both or repeated
/// lengths, any transfer coding but `chunked`, folded headers, bare line feeds, spaces before a
/// colon. Source: RFC 9112, sections 5 to 7 and 11.2.
class RequestReader final : private boost::beast::http::basic_parser<true> {
public:
    enum class Step {
        more,      // All input is used up.
        head,      // The head is there: decide on the body, then go on.
        piece,     // Enough of a spooled body is there: take it, then go on.
        complete,  // All of it is there.
        refused,   // It is no request; `refusal()` says why. The connection cannot go on.
    };

    /// The limits outlive the reader.
    explicit RequestReader(const HttpLimits& limits);

    [[nodiscard]] Step advance(InputBuffer& input);

    /// Whether a byte of it has arrived.
    [[nodiscard]] bool started() const { return got_some(); }
    [[nodiscard]] bool head_done() const { return is_header_done(); }
    /// The request as far as it is read. Its body is to be moved out when it is complete or a
    /// piece.
    [[nodiscard]] Request& request() { return request_; }
    [[nodiscard]] const Refusal& refusal() const { return refusal_; }

    /// The following hold once the head is done.
    [[nodiscard]] bool keep_alive() const { return keep_alive_; }
    [[nodiscard]] bool is_http_1_0() const { return http_1_0_; }
    [[nodiscard]] bool expects_continue() const { return expects_continue_; }
    [[nodiscard]] bool has_body() const { return has_body_; }
    /// Bounds the body; false if it is said to be larger already.
    [[nodiscard]] bool accept_body(std::uint64_t bytes_max);
    /// Hands the body over in pieces of about this many bytes.
    void spool(std::size_t piece_bytes) { piece_bytes_ = piece_bytes; }
    [[nodiscard]] std::uint64_t body_bytes() const { return body_bytes_; }
    /// Of those, the ones that are still in memory.
    [[nodiscard]] std::size_t body_kept_bytes() const { return request_.body.size(); }

private:
    using Code = boost::system::error_code;
    using Text = boost::beast::string_view;
    using Verb = boost::beast::http::verb;
    using Field = boost::beast::http::field;

    void on_request_impl(Verb, Text method, Text target, int version, Code& ec) override;
    void on_response_impl(int, Text, int, Code&) override {}
    void on_field_impl(Field field, Text name, Text value, Code& ec) override;
    void on_header_impl(Code& ec) override;
    void on_body_init_impl(const boost::optional<std::uint64_t>& length, Code&) override;
    std::size_t on_body_impl(Text body, Code&) override;
    void on_chunk_header_impl(std::uint64_t size, Text extension, Code& ec) override;
    std::size_t on_chunk_body_impl(std::uint64_t remain, Text body, Code&) override;
    void on_finish_impl(Code&) override {}

    void refuse(Code& ec, int status, std::string_view detail);
    void take_framing(Field field, std::string_view value, Code& ec);
    void take_target(std::string_view text, Code& ec);
    [[nodiscard]] static bool is_singleton(std::string_view lower_case_name);
    [[nodiscard]] static bool is_list(std::string_view lower_case_name);
    [[nodiscard]] bool is_folded(std::string_view name, std::string_view value) const;
    [[nodiscard]] Step refused(int status, std::string_view detail);
    [[nodiscard]] Step refused(const Code& ec);
    [[nodiscard]] Step starved(const InputBuffer& input);

    const HttpLimits& limits_;
    Request request_;
    Refusal refusal_;
    std::string authority_;   // Of a target in absolute form; it overrides Host.
    std::string_view input_;  // What the parser is looking at.
    std::size_t head_bytes_ = 0;
    std::size_t extension_bytes_ = 0;
    std::size_t piece_bytes_ = 0;
    std::uint64_t body_bytes_ = 0;
    std::uint64_t body_announced_ = 0;  // By the chunk headers so far.
    std::uint64_t body_bytes_max_ = 0;
    int hosts_ = 0;
    bool refused_ = false;
    bool blank_line_skipped_ = false;
    bool in_head_ = true;
    bool http_1_0_ = false;
    bool keep_alive_ = false;
    bool expects_continue_ = false;
    bool has_body_ = false;
    bool has_length_ = false;
    bool has_coding_ = false;
};

}  // namespace souk::http_edge
