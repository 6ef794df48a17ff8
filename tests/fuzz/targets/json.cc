#include "domain/base/json.h"

#include <algorithm>
#include <string>
#include <vector>

#include "domain/base/text.h"
#include "fuzz/strict_json.h"
#include "fuzz/target.h"

namespace souk::fuzz {

namespace {

/// Every text in it is UTF-8, and every member is found under its name.
void check_views(JsonView value) {
    if (const auto text = value.string()) {
        HOLDS(is_utf8(*text));
    }
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (value.is_array()) {
            check_views(value.at(i));
            continue;
        }
        const auto [name, content] = value.member(i);
        HOLDS(is_utf8(name));
        HOLDS(value[name].present() && value[name].render() == content.render());
        check_views(content);
    }
}

/// Whether any number in it is no integer: Boost.JSON reads and writes the last digits of those as
/// it likes, and nothing here counts in them.
bool has_fractions(JsonView value) {
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (has_fractions(value.is_array() ? value.at(i) : value.member(i).second)) {
            return true;
        }
    }
    return value.is_number() && !value.is_integer();
}

/// Whether a number in the text may have an exponent of three digits or more: what is nothing times
/// ten to the 400 is too large for Boost.JSON all the same.
bool has_long_exponent(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == 'e' || text[i] == 'E') {
            std::string_view digits = text.substr(i + 1);
            digits.remove_prefix(digits.starts_with('+') || digits.starts_with('-') ? 1 : 0);
            if (std::min(digits.find_first_not_of("0123456789"), digits.size()) >= 3) {
                return true;
            }
        }
    }
    return false;
}

/// The value by way of our own writer. What it has no verb for (fractions) goes in as it is.
void write(JsonView value, JsonWriter& out) {
    if (const auto text = value.string()) {
        out.value(*text);
    } else if (const auto number = value.integer()) {
        out.value(*number);
    } else if (const auto flag = value.boolean()) {
        out.value(*flag);
    } else if (value.is_object()) {
        out.begin_object();
        for (std::size_t i = 0; i < value.size(); ++i) {
            const auto [name, content] = value.member(i);
            out.key(name);
            write(content, out);
        }
        out.end_object();
    } else if (value.is_array()) {
        out.begin_array();
        for (std::size_t i = 0; i < value.size(); ++i) {
            write(value.at(i), out);
        }
        out.end_array();
    } else {
        out.raw(value.render());
    }
}

}  // namespace

FUZZ_TARGET(json) {
    const auto document = JsonDocument::parse(input);
    const bool strict = is_strict_json(input, json_depth_max);
    HOLDS(!document || strict);
    HOLDS(document || !strict || has_long_exponent(input));
    if (!document) {
        HOLDS(document.error().code == errors::malformed_json);
        return;
    }
    check_views(document->root());
    const std::string rendered = document->root().render();
    const auto again = JsonDocument::parse(rendered);
    HOLDS(again.has_value());
    if (has_fractions(document->root())) {
        return;
    }
    HOLDS(again->root().render() == rendered);
    JsonWriter out;
    write(document->root(), out);
    const auto written = JsonDocument::parse(out.text());
    HOLDS(written.has_value());
    HOLDS(written->root().render() == rendered);
}

}  // namespace souk::fuzz
