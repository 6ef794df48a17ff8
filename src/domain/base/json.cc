#include "domain/base/json.h"

#include <algorithm>
#include <boost/json.hpp>  // house: allow third-party: base/json.h is what hides it.
#include <cmath>

#include "domain/base/text.h"

namespace souk {

namespace bj = boost::json;

namespace {

const bj::value& of(const void* value) { return *static_cast<const bj::value*>(value); }

struct Position {
    std::size_t line = 1, column = 1;
};

Position position_of(std::string_view text, std::size_t offset) {
    Position p;
    for (const char c : text.substr(0, offset)) {
        if (c == '\n') {
            ++p.line;
            p.column = 1;
        } else {
            ++p.column;
        }
    }
    return p;
}

/// Members of all objects in the text, counted by its colons outside strings.
std::size_t colons_outside_strings(std::string_view text) {
    std::size_t count = 0;
    bool inside = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (inside) {
            if (c == '\\') {
                ++i;
            } else if (c == '"') {
                inside = false;
            }
        } else if (c == '"') {
            inside = true;
        } else if (c == ':') {
            ++count;
        }
    }
    return count;
}

/// What a parsed text holds, at any depth.
struct Census {
    std::size_t members = 0;
    bool finite = true;  // Every number is one that can be rendered.

    void count(const bj::value& value) {
        if (const auto* object = value.if_object()) {
            members += object->size();
            for (const auto& member : *object) {
                count(member.value());
            }
        } else if (const auto* array = value.if_array()) {
            for (const auto& element : *array) {
                count(element);
            }
        } else if (const auto* number = value.if_double()) {
            finite = finite && std::isfinite(*number);
        }
    }
};

}  // namespace

bool JsonView::is_null() const { return value_ != nullptr && of(value_).is_null(); }
bool JsonView::is_object() const { return value_ != nullptr && of(value_).is_object(); }
bool JsonView::is_array() const { return value_ != nullptr && of(value_).is_array(); }
bool JsonView::is_string() const { return value_ != nullptr && of(value_).is_string(); }
bool JsonView::is_bool() const { return value_ != nullptr && of(value_).is_bool(); }
bool JsonView::is_integer() const { return value_ != nullptr && of(value_).is_int64(); }
bool JsonView::is_number() const { return value_ != nullptr && of(value_).is_number(); }

JsonView JsonView::operator[](std::string_view name) const {
    if (!is_object()) {
        return {};
    }
    const bj::value* found = of(value_).get_object().if_contains(name);
    return JsonView(found);
}

std::size_t JsonView::size() const {
    if (is_object()) {
        return of(value_).get_object().size();
    }
    return is_array() ? of(value_).get_array().size() : 0;
}

JsonView JsonView::at(std::size_t i) const {
    return is_array() && i < size() ? JsonView(&of(value_).get_array()[i]) : JsonView();
}

std::pair<std::string_view, JsonView> JsonView::member(std::size_t i) const {
    if (!is_object() || i >= size()) {
        return {};
    }
    const auto& pair = *(of(value_).get_object().begin() + i);
    return {std::string_view(pair.key().data(), pair.key().size()), JsonView(&pair.value())};
}

std::optional<std::string_view> JsonView::string() const {
    if (!is_string()) {
        return std::nullopt;
    }
    const bj::string& text = of(value_).get_string();
    return std::string_view(text.data(), text.size());
}

std::optional<std::int64_t> JsonView::integer() const {
    return is_integer() ? std::optional(of(value_).get_int64()) : std::nullopt;
}

std::optional<bool> JsonView::boolean() const {
    return is_bool() ? std::optional(of(value_).get_bool()) : std::nullopt;
}

std::string JsonView::text_or(std::string_view otherwise) const {
    return std::string(string().value_or(otherwise));
}
std::int64_t JsonView::integer_or(std::int64_t otherwise) const {
    return integer().value_or(otherwise);
}
bool JsonView::bool_or(bool otherwise) const { return boolean().value_or(otherwise); }

std::string JsonView::render() const {
    return value_ == nullptr ? std::string("null") : bj::serialize(of(value_));
}

struct JsonDocument::State {
    bj::monotonic_resource memory;
    bj::value root;
    State() : root(nullptr, &memory) {}
};

JsonDocument::JsonDocument() = default;
JsonDocument::JsonDocument(JsonDocument&&) noexcept = default;
JsonDocument& JsonDocument::operator=(JsonDocument&&) noexcept = default;
JsonDocument::~JsonDocument() = default;

JsonView JsonDocument::root() const { return state_ ? JsonView(&state_->root) : JsonView(); }

Result<JsonDocument> JsonDocument::parse(std::string_view text) {
    JsonDocument document;
    document.state_ = std::make_unique<State>();
    bj::parse_options options;
    options.max_depth = json_depth_max;
    bj::stream_parser parser(bj::storage_ptr{}, options);
    parser.reset(
        &document.state_->memory);  // So that release() hands the value over without a copy.
    bj::error_code problem;
    std::size_t used = parser.write_some(text.data(), text.size(), problem);
    if (!problem) {
        parser.finish(problem);
        // What follows the value must be white space only, of RFC 8259's four kinds.
        const auto rest = text.substr(std::min(used, text.size()));
        if (!problem && rest.find_first_not_of(" \t\r\n") != std::string_view::npos) {
            problem = bj::error::extra_data;
        }
    }
    if (problem) {
        const Position p = position_of(text, std::min(used, text.size()));
        return fail(errors::malformed_json,
                    cat("Line ", p.line, ", column ", p.column, ": ", problem.message(), "."));
    }
    document.state_->root = parser.release();
    // Boost.JSON keeps the last of two members with one name. A body that says a thing twice is
    // ambiguous, and ambiguity is how filters are passed: members kept must equal members written.
    Census census;
    census.count(document.state_->root);
    if (census.members != colons_outside_strings(text)) {
        return fail(errors::malformed_json, "An object names the same member twice.");
    }
    if (!census.finite) {
        return fail(errors::malformed_json, "A number is too large.");
    }
    return document;
}

void JsonWriter::separate() {
    if (!first_) {
        out_.push_back(',');
    }
    first_ = false;
}

JsonWriter& JsonWriter::begin_object() {
    separate();
    out_.push_back('{');
    first_ = true;
    return *this;
}
JsonWriter& JsonWriter::end_object() {
    out_.push_back('}');
    first_ = false;
    return *this;
}
JsonWriter& JsonWriter::begin_array() {
    separate();
    out_.push_back('[');
    first_ = true;
    return *this;
}
JsonWriter& JsonWriter::end_array() {
    out_.push_back(']');
    first_ = false;
    return *this;
}

namespace {

void append_quoted(std::string& out, std::string_view text) {
    constexpr std::string_view hex = "0123456789abcdef";
    out.push_back('"');
    std::size_t start = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c >= 0x20 && c != '"' && c != '\\') {
            continue;
        }
        out.append(text.substr(start, i - start));
        start = i + 1;
        switch (c) {
            case '"': out.append("\\\""); break;
            case '\\': out.append("\\\\"); break;
            case '\n': out.append("\\n"); break;
            case '\r': out.append("\\r"); break;
            case '\t': out.append("\\t"); break;
            default:  // house: allow default-case: over characters, not one of our enums.
                out.append("\\u00");
                out.push_back(hex[c >> 4]);
                out.push_back(hex[c & 0x0FU]);
        }
    }
    out.append(text.substr(start));
    out.push_back('"');
}

}  // namespace

JsonWriter& JsonWriter::key(std::string_view name) {
    separate();
    append_quoted(out_, name);
    out_.push_back(':');
    first_ = true;  // The value that follows takes no comma.
    return *this;
}
JsonWriter& JsonWriter::value(std::string_view text) {
    separate();
    append_quoted(out_, text);
    return *this;
}
JsonWriter& JsonWriter::integer(std::int64_t number) {
    separate();
    detail::append_integer(out_, number);
    return *this;
}
JsonWriter& JsonWriter::boolean(bool flag) {
    separate();
    out_.append(flag ? "true" : "false");
    return *this;
}
JsonWriter& JsonWriter::null() {
    separate();
    out_.append("null");
    return *this;
}
JsonWriter& JsonWriter::raw(std::string_view json) {
    separate();
    out_.append(json);
    return *this;
}

std::string json_quoted(std::string_view text) {
    std::string out;
    append_quoted(out, text);
    return out;
}

}  // namespace souk
