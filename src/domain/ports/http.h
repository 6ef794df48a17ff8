#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/base/error.h"
#include "domain/base/instant.h"
#include "domain/base/json.h"

/// HTTP as the domain sees it: whole requests in, whole responses out. Sockets, Lambda events and
/// connection handling are the adapters'.
namespace souk {

/// `unknown` is every other one; no route has it.
enum class Method { get, head, post, put, patch, del, options, unknown };
[[nodiscard]] std::string_view name_of(Method method);
[[nodiscard]] std::optional<Method> method_named(std::string_view name);

/// A body that was too large for memory, read front to back (imports).
class BodyReader {
public:
    virtual ~BodyReader() = default;
    /// Up to `bytes_max` more bytes; empty at the end. Errors: unavailable.
    [[nodiscard]] virtual Result<std::string> next(std::size_t bytes_max) = 0;
    [[nodiscard]] virtual std::uint64_t size() const = 0;
};

/// A whole body that was put aside, and that can be read again.
class SpooledBody : public BodyReader {
public:
    /// Back to the front.
    virtual void rewind() = 0;
};

using Parameter = std::pair<std::string, std::string>;

struct Request {
    Method method = Method::get;
    std::string path;                      // Still percent-encoded, without the query.
    std::string query;                     // Raw, without the question mark.
    std::vector<Parameter> headers;        // Names in lower case, in order of arrival.
    std::string body;                      // Empty when `spooled` is set.
    std::shared_ptr<SpooledBody> spooled;  // Set for routes that take large bodies.
    std::string peer;                      // The client's address, without port.
    bool judged = false;                   // The application let its body in by `judge`.

    // Filled in by the gateway before a handler sees the request:
    std::vector<Parameter> path_parameters;   // Decoded.
    std::vector<Parameter> query_parameters;  // Decoded and validated.
    JsonDocument document;                    // The validated body of a route with a body schema.

    /// The first header of that name (lower case), or empty.
    [[nodiscard]] std::string_view header(std::string_view name) const;
    /// A path parameter that the route's pattern names.
    [[nodiscard]] const std::string& parameter(std::string_view name) const;
    /// A query parameter, or nothing.
    [[nodiscard]] std::optional<std::string_view> query_parameter(std::string_view name) const;
    /// `?limit=`, 20 when absent.
    [[nodiscard]] int limit() const;
    [[nodiscard]] std::string cursor() const;
    [[nodiscard]] JsonView json() const { return document.root(); }
};

struct Response;

/// A response that may become a better one: `poll` is tried whenever the watched row is committed,
/// and last at `until`; its first response is sent, or else the one that carries this. Parks no
/// thread.
struct Deferred {
    std::string watch_table;
    std::string watch_partition;
    Instant until;
    std::function<std::optional<Response>()> poll;
};

struct Response {
    int status = 200;
    std::string content_type = "application/json";  // Unused when the body is empty.
    std::vector<Parameter> headers;                 // Names in canonical case: "ETag".
    std::shared_ptr<const std::string> body;        // Shared, so that caches need not copy.
    /// Set instead of `body` for long answers: the next piece, empty at the end.
    std::function<Result<std::string>()> stream;
    std::shared_ptr<const Deferred> deferred;

    [[nodiscard]] std::string_view text() const {
        return body ? std::string_view(*body) : std::string_view{};
    }
};

/// Whether answers of that status have a body at all. Source: RFC 9110, section 6.4.1.
[[nodiscard]] bool has_body(int status);
/// Whether no header could break out of its line, and the status is a final one.
[[nodiscard]] bool is_sendable(const Response& response);

[[nodiscard]] Response json_response(int status, std::string json);
/// With a strong ETag from the version: `"7"`.
[[nodiscard]] Response json_response(int status, std::string json, std::uint64_t version);
[[nodiscard]] Response empty_response(int status);
/// `{"items":[…],"next_cursor":…}` of already rendered items.
[[nodiscard]] Response page_response(const std::vector<std::string>& items,
                                     const std::optional<std::string>& next_cursor);

/// What a server must know before it reads the body.
struct Admission {
    enum class Work { quick, blocking };  // quick: on the I/O thread; blocking: on the worker pool.
    Work work = Work::quick;
    std::uint64_t body_max = 0;  // Beyond it the answer is 413.
    bool spool = false;          // Hand the body over as a BodyReader, once `judge` let it in.
};

/// What a server serves. Thread-safe.
class HttpApplication {
public:
    virtual ~HttpApplication() = default;
    /// Looks at the head only (body and parameters are not there yet).
    [[nodiscard]] virtual Admission admit(const Request& head) const = 0;
    /// Why the body of a head whose admission says `spool` shall not even be read: the response
    /// that `handle` would give for the head's sake. Nothing lets it in; the request is then said
    /// to be judged. May wait, as blocking work may. A server that has the body already need not
    /// ask.
    [[nodiscard]] virtual std::optional<Response> judge(const Request& /*head*/) { return {}; }
    /// Never fails: every error is a response.
    [[nodiscard]] virtual Response handle(Request request) = 0;
    /// The response to what never became a request (400, 408, 413, 431, 503): a problem+json.
    /// `head` is null unless all of the head had been read.
    [[nodiscard]] virtual Response refuse(int status, std::string_view detail,
                                          const Request* head) const = 0;
};

}  // namespace souk
