#include <algorithm>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "adapters/http_server/input_buffer.h"
#include "adapters/http_server/request_reader.h"
#include "domain/base/text.h"
#include "fuzz/strict_http.h"
#include "fuzz/target.h"

namespace souk::fuzz {

namespace {

using http_edge::RequestReader;
using Step = RequestReader::Step;

/// Small, so that inputs of a few hundred bytes reach them.
constexpr std::uint64_t body_bytes_max = 96;
constexpr std::size_t piece_bytes = 16;

const HttpLimits& limits() {
    static const HttpLimits small = [] {
        HttpLimits out;
        out.head_bytes_max = 512;
        out.headers_max = 8;
        out.target_bytes_max = 128;
        out.chunk_extension_bytes_max = 24;
        return out;
    }();
    return small;
}

/// What became of one request. That it is none shows sooner or later, depending on how much of it
/// is looked at together: a refusal and an endless wait for its end are one here.
struct Outcome {
    enum class End { complete, none } end = End::none;
    std::string request = {};  // All that was read of it, as text.
    std::size_t bytes = 0;
    friend bool operator==(const Outcome&, const Outcome&) = default;
};

std::string described(const RequestReader& reader, const Request& request,
                      const std::string& body) {
    std::string out = cat(name_of(request.method), '\n', request.path, '\n', request.query, '\n',
                          reader.keep_alive() ? "kept" : "closed", '\n',
                          reader.expects_continue() ? "waits" : "goes on", '\n',
                          reader.is_http_1_0() ? "1.0" : "1.1", '\n');
    for (const auto& [name, value] : request.headers) {
        out += cat(name, '=', value, '\n');
    }
    return cat(out, '\n', body);
}

void check_bounds(const Request& request) {
    HOLDS(request.headers.size() <= limits().headers_max);
    HOLDS(request.path.size() + request.query.size() <= limits().target_bytes_max);
    std::size_t bytes = request.path.size();
    for (const auto& [name, value] : request.headers) {
        bytes += name.size() + value.size();
        HOLDS(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos);
        HOLDS(name == ascii_lower(name));
    }
    // An absolute target's authority stands in for the Host header, and is counted twice then.
    HOLDS(bytes <= limits().head_bytes_max + limits().target_bytes_max);
}

enum class Bodies { whole, spooled };

/// Reads one request that arrives in pieces; `piece` says how long the next one is.
class Conversation {
public:
    Conversation(std::string_view input, std::function<std::size_t()> piece, Bodies bodies)
        : input_(input), piece_(std::move(piece)), bodies_(bodies) {}

    Outcome read_one() {
        RequestReader reader(limits());
        std::string body;
        const std::size_t start = consumed();
        for (;;) {
            switch (reader.advance(buffer_)) {
                case Step::more:
                    if (!receive()) {
                        return {};
                    }
                    break;
                case Step::head:
                    check_bounds(reader.request());
                    if (!reader.accept_body(body_bytes_max)) {
                        return {};
                    }
                    if (bodies_ == Bodies::spooled) {
                        reader.spool(piece_bytes);
                    }
                    break;
                case Step::piece: take(reader, body); break;
                case Step::complete:
                    take(reader, body);
                    HOLDS(reader.body_bytes() == body.size());
                    HOLDS(reader.has_body() || body.empty());
                    return {Outcome::End::complete, described(reader, reader.request(), body),
                            consumed() - start};
                case Step::refused:
                    HOLDS(reader.refusal().status >= 400 && reader.refusal().status < 500);
                    HOLDS(!reader.refusal().detail.empty());
                    HOLDS(reader.advance(buffer_) == Step::refused);
                    return {};
            }
        }
    }

private:
    [[nodiscard]] std::size_t consumed() const { return given_ - buffer_.unread().size(); }

    static void take(RequestReader& reader, std::string& body) {
        body += reader.request().body;
        reader.request().body.clear();
        HOLDS(body.size() <= body_bytes_max);
    }

    bool receive() {
        const std::size_t count = std::min(piece_(), input_.size() - given_);
        if (count == 0) {
            return false;
        }
        const auto space = buffer_.space(count);
        const std::size_t fitting = std::min(count, space.size);
        std::memcpy(space.bytes, input_.data() + given_, fitting);
        buffer_.received(fitting);
        given_ += fitting;
        return true;
    }

    std::string_view input_;
    std::function<std::size_t()> piece_;
    Bodies bodies_;
    http_edge::InputBuffer buffer_;
    std::size_t given_ = 0;
};

/// All the requests of a connection, up to the first that is not complete.
std::vector<Outcome> read_all(std::string_view input, std::function<std::size_t()> piece,
                              Bodies bodies) {
    Conversation conversation(input, std::move(piece), bodies);
    std::vector<Outcome> outcomes;
    do {
        outcomes.push_back(conversation.read_one());
    } while (outcomes.back().end == Outcome::End::complete);
    return outcomes;
}

/// The same request as the strict reader's, in the same bytes.
void compare(const Outcome& read, const StrictRequest& strict) {
    HOLDS(read.bytes == strict.bytes);
    HOLDS(read.request.ends_with(cat("\n\n", strict.body)));
    const Method method = method_named(strict.method).value_or(Method::unknown);
    if (strict.target.starts_with('/')) {
        const std::size_t mark = std::min(strict.target.find('?'), strict.target.size());
        HOLDS(read.request.starts_with(cat(
            name_of(method), '\n', strict.target.substr(0, mark), '\n',
            mark < strict.target.size() ? strict.target.substr(mark + 1) : std::string(), '\n')));
        for (const auto& [name, value] : strict.headers) {
            HOLDS(read.request.contains(cat('\n', name, '=', value, '\n')));
        }
    }
    HOLDS(std::ranges::count(strict.headers, "host", &Parameter::first) ==
          (strict.version == "1.1"
               ? 1
               : std::min<std::ptrdiff_t>(
                     1, std::ranges::count(strict.headers, "host", &Parameter::first))));
}

}  // namespace

FUZZ_TARGET(http_request) {
    const auto whole = read_all(input, [&] { return input.size(); }, Bodies::whole);
    const auto bytewise = read_all(input, [] { return std::size_t{1}; }, Bodies::whole);
    HOLDS(whole == bytewise);
    std::size_t turn = 0;
    const auto uneven = read_all(input, [&] { return 1 + (turn++ * 7) % 23; }, Bodies::spooled);
    HOLDS(whole == uneven);
    std::string_view rest = input;
    for (const auto& outcome : whole) {
        if (outcome.end == Outcome::End::complete) {
            const auto strict = read_strictly(rest);
            HOLDS(strict.has_value());
            compare(outcome, *strict);
            rest.remove_prefix(outcome.bytes);
        }
    }
}

}  // namespace souk::fuzz
