#include "fuzz/strict_json.h"

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>

#include "domain/base/text.h"

namespace souk::fuzz {

namespace {

class Reader {
public:
    Reader(std::string_view text, int depth_max) : rest_(text), depth_max_(depth_max) {}

    bool read() {
        skip_blanks();
        return read_value(0) && (skip_blanks(), rest_.empty());
    }

private:
    bool take(std::string_view word) {
        if (!rest_.starts_with(word)) {
            return false;
        }
        rest_.remove_prefix(word.size());
        return true;
    }
    void skip_blanks() {
        rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size()));
    }
    std::size_t take_digits() {
        const std::size_t count = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
        rest_.remove_prefix(count);
        return count;
    }

    bool read_value(int depth) {
        if (rest_.starts_with('{')) {
            return depth < depth_max_ && read_object(depth + 1);
        }
        if (rest_.starts_with('[')) {
            return depth < depth_max_ && read_array(depth + 1);
        }
        std::string text;
        return rest_.starts_with('"')
                   ? read_string(text)
                   : take("null") || take("true") || take("false") || read_number();
    }

    bool read_object(int depth) {
        std::set<std::string> names;
        take("{");
        skip_blanks();
        if (take("}")) {
            return true;
        }
        do {
            std::string name;
            skip_blanks();
            if (!read_string(name) || !names.insert(name).second) {
                return false;
            }
            skip_blanks();
            if (!take(":")) {
                return false;
            }
            skip_blanks();
            if (!read_value(depth)) {
                return false;
            }
            skip_blanks();
        } while (take(","));
        return take("}");
    }

    bool read_array(int depth) {
        take("[");
        skip_blanks();
        if (take("]")) {
            return true;
        }
        do {
            skip_blanks();
            if (!read_value(depth)) {
                return false;
            }
            skip_blanks();
        } while (take(","));
        return take("]");
    }

    bool read_number() {
        const std::string_view start = rest_;
        return take_number() &&
               std::isfinite(std::strtod(
                   std::string(start.substr(0, start.size() - rest_.size())).c_str(), nullptr));
    }

    bool take_number() {
        take("-");
        if (!take("0") && take_digits() == 0) {
            return false;
        }
        if (take(".") && take_digits() == 0) {
            return false;
        }
        if (take("e") || take("E")) {
            static_cast<void>(take("+") || take("-"));
            return take_digits() > 0;
        }
        return true;
    }

    bool read_unit(std::uint32_t& unit) {
        unit = 0;
        for (int i = 0; i < 4; ++i) {
            const std::size_t value =
                rest_.empty()
                    ? std::string_view::npos
                    : std::string_view("0123456789abcdef").find(ascii_lower(rest_.substr(0, 1)));
            if (value == std::string_view::npos) {
                return false;
            }
            unit = unit * 16 + static_cast<std::uint32_t>(value);
            rest_.remove_prefix(1);
        }
        return true;
    }

    static void append(std::string& out, std::uint32_t point) {
        const auto byte = [&](std::uint32_t value) { out.push_back(static_cast<char>(value)); };
        if (point < 0x80) {
            byte(point);
        } else if (point < 0x800) {
            byte(0xC0 | point >> 6);
            byte(0x80 | (point & 0x3F));
        } else if (point < 0x10000) {
            byte(0xE0 | point >> 12);
            byte(0x80 | (point >> 6 & 0x3F));
            byte(0x80 | (point & 0x3F));
        } else {
            byte(0xF0 | point >> 18);
            byte(0x80 | (point >> 12 & 0x3F));
            byte(0x80 | (point >> 6 & 0x3F));
            byte(0x80 | (point & 0x3F));
        }
    }

    bool read_escape(std::string& out) {
        constexpr std::string_view names = "\"\\/bfnrt";
        constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
        const char name = rest_.empty() ? '\0' : rest_.front();
        rest_.remove_prefix(rest_.empty() ? 0 : 1);
        if (const std::size_t at = names.find(name); at != std::string_view::npos) {
            out.push_back(meanings[at]);
            return true;
        }
        std::uint32_t unit = 0;
        if (name != 'u' || !read_unit(unit) || (unit >= 0xDC00 && unit <= 0xDFFF)) {
            return false;
        }
        if (unit >= 0xD800 && unit <= 0xDBFF) {
            std::uint32_t low = 0;
            if (!take("\\u") || !read_unit(low) || low < 0xDC00 || low > 0xDFFF) {
                return false;
            }
            unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
        }
        append(out, unit);
        return true;
    }

    bool read_string(std::string& out) {
        if (!take("\"")) {
            return false;
        }
        while (!rest_.empty() && rest_.front() != '"') {
            const char c = rest_.front();
            rest_.remove_prefix(1);
            if (c == '\\') {
                if (!read_escape(out)) {
                    return false;
                }
            } else if (static_cast<unsigned char>(c) < 0x20) {
                return false;
            } else {
                out.push_back(c);
            }
        }
        return take("\"") && is_utf8(out);
    }

    std::string_view rest_;
    int depth_max_;
};

}  // namespace

bool is_strict_json(std::string_view text, int depth_max) { return Reader(text, depth_max).read(); }

}  // namespace souk::fuzz
