#include "fuzz/strict_http.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace souk::fuzz {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
/// Source: RFC 9110, section 5.6.2.
bool is_token_character(char c) {
    return is_digit(c) || is_letter(c) ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}
bool is_token(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, is_token_character);
}
/// VCHAR, obs-text, space and tab. Source: RFC 9110, section 5.5.
bool is_field_character(char c) { return c == '\t' || (c != '\x7f' && (c < 0 || c >= ' ')); }

std::string_view without_blanks(std::string_view text) {
    constexpr std::string_view blanks = " \t";
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string lower_case(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return out;
}

class Reader {
public:
    explicit Reader(std::string_view text) : text_(text) {}

    bool read(StrictRequest& request) {
        if (rest().starts_with("\r\n")) {
            at_ += 2;
        }
        std::string_view line;
        if (!take_line(line) || !read_request_line(line, request) ||
            !read_fields(request.headers)) {
            return false;
        }
        const bool good = read_body(request);
        request.bytes = at_;
        return good;
    }

private:
    [[nodiscard]] std::string_view rest() const { return text_.substr(at_); }

    /// A line that CRLF ends, and that holds neither of the two.
    bool take_line(std::string_view& line) {
        const std::size_t end = rest().find("\r\n");
        if (end == std::string_view::npos) {
            return false;
        }
        line = rest().substr(0, end);
        at_ += end + 2;
        return line.find_first_of("\r\n") == std::string_view::npos;
    }

    static bool read_request_line(std::string_view line, StrictRequest& request) {
        const std::size_t first = line.find(' ');
        const std::size_t second = line.rfind(' ');
        if (first == std::string_view::npos || first == second) {
            return false;
        }
        request.method = line.substr(0, first);
        request.target = line.substr(first + 1, second - first - 1);
        const std::string_view protocol = line.substr(second + 1);
        if (protocol != "HTTP/1.1" && protocol != "HTTP/1.0") {
            return false;
        }
        request.version = protocol.substr(5);
        return is_token(request.method) && !request.target.empty() &&
               std::ranges::all_of(request.target,
                                   [](char c) { return c > ' ' && c < '\x7f' && c != '#'; });
    }

    bool read_fields(std::vector<std::pair<std::string, std::string>>& fields) {
        for (std::string_view line; take_line(line);) {
            if (line.empty()) {
                return true;
            }
            const std::size_t colon = line.find(':');
            if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
                return false;
            }
            const std::string_view value = without_blanks(line.substr(colon + 1));
            if (!std::ranges::all_of(value, is_field_character)) {
                return false;
            }
            fields.emplace_back(lower_case(line.substr(0, colon)), value);
        }
        return false;
    }

    bool read_body(StrictRequest& request) {
        std::vector<std::string> lengths;
        std::vector<std::string> codings;
        for (const auto& [name, value] : request.headers) {
            if (name == "content-length") {
                lengths.push_back(value);
            } else if (name == "transfer-encoding") {
                codings.push_back(value);
            }
        }
        if (lengths.size() + codings.size() > 1) {
            return false;
        }
        if (!codings.empty()) {
            return codings.front() == "chunked" && request.version == "1.1" &&
                   read_chunks(request.body);
        }
        if (lengths.empty()) {
            return true;
        }
        std::uint64_t length = 0;
        return read_number(lengths.front(), 10, length) && take_bytes(length, request.body);
    }

    static bool read_number(std::string_view digits, int base, std::uint64_t& number) {
        const auto [end, problem] =
            std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
        return problem == std::errc() && end == digits.data() + digits.size();
    }

    bool take_bytes(std::uint64_t count, std::string& out) {
        if (count > rest().size()) {
            return false;
        }
        out += rest().substr(0, static_cast<std::size_t>(count));
        at_ += static_cast<std::size_t>(count);
        return true;
    }

    bool read_chunks(std::string& body) {
        for (std::string_view line; take_line(line);) {
            const std::size_t digits_end =
                std::min(line.find_first_not_of("0123456789abcdefABCDEF"), line.size());
            const std::string_view extension = without_blanks(line.substr(digits_end));
            std::uint64_t size = 0;
            if (!read_number(line.substr(0, digits_end), 16, size) ||
                !(extension.empty() ? digits_end == line.size() : extension.starts_with(';')) ||
                !std::ranges::all_of(extension, is_field_character)) {
                return false;
            }
            if (size == 0) {
                std::vector<std::pair<std::string, std::string>> trailers;
                return read_fields(trailers);
            }
            if (!take_bytes(size, body) || !rest().starts_with("\r\n")) {
                return false;
            }
            at_ += 2;
        }
        return false;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace

std::optional<StrictRequest> read_strictly(std::string_view text) {
    StrictRequest request;
    return Reader(text).read(request) ? std::optional(std::move(request)) : std::nullopt;
}

}  // namespace souk::fuzz
