#include "domain/base/json.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>  // house: allow third-party: base/json.h is what hides it.
#include <boost/json/basic_parser_impl.hpp>  // house: allow third-party: and this, of the same.
#include <cmath>
#include <cstring>
#include <set>
#include <utility>
#include <vector>

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

/// Rows and bodies are mostly smaller than this, and then cost one allocation. Unit: bytes.
constexpr std::size_t tree_bytes = 2048;
constexpr std::size_t stack_bytes = 2048;

/// What the parser calls, and how it is told to go on: true. Handlers hide what they look at.
class Indifferent {
public:
    static constexpr std::size_t max_object_size = bj::object::max_size();
    static constexpr std::size_t max_array_size = bj::array::max_size();
    static constexpr std::size_t max_key_size = bj::string::max_size();
    static constexpr std::size_t max_string_size = bj::string::max_size();

    using Code = bj::error_code;
    using Text = bj::string_view;
    static bool on_document_begin(Code&) { return true; }
    static bool on_document_end(Code&) { return true; }
    static bool on_object_begin(Code&) { return true; }
    static bool on_object_end(std::size_t, Code&) { return true; }
    static bool on_array_begin(Code&) { return true; }
    static bool on_array_end(std::size_t, Code&) { return true; }
    static bool on_key_part(Text, std::size_t, Code&) { return true; }
    static bool on_key(Text, std::size_t, Code&) { return true; }
    static bool on_string_part(Text, std::size_t, Code&) { return true; }
    static bool on_string(Text, std::size_t, Code&) { return true; }
    static bool on_number_part(Text, Code&) { return true; }
    static bool on_int64(std::int64_t, Text, Code&) { return true; }
    static bool on_uint64(std::uint64_t, Text, Code&) { return true; }
    template <class Number>
    static bool on_double(Number, Text, Code&) {
        return true;
    }
    static bool on_bool(bool, Code&) { return true; }
    static bool on_null(Code&) { return true; }
    static bool on_comment_part(Text, Code&) { return true; }
    static bool on_comment(Text, Code&) { return true; }
};

/// Makes the tree, and counts the members that the text names.
class TreeMaker : public Indifferent {
public:
    TreeMaker(unsigned char* scratch, std::size_t scratch_bytes)
        : stack_({}, scratch, scratch_bytes) {}

    void begin(bj::storage_ptr memory) { stack_.reset(std::move(memory)); }
    [[nodiscard]] bj::value take() { return stack_.release(); }
    [[nodiscard]] std::size_t members_named() const { return members_named_; }

    bool on_object_end(std::size_t members, Code&) {
        members_named_ += members;
        stack_.push_object(members);
        return true;
    }
    bool on_array_end(std::size_t elements, Code&) {
        stack_.push_array(elements);
        return true;
    }
    bool on_key_part(Text part, std::size_t, Code&) { return pushed_part(part); }
    bool on_key(Text last, std::size_t, Code&) {
        stack_.push_key(last);
        return true;
    }
    bool on_string_part(Text part, std::size_t, Code&) { return pushed_part(part); }
    bool on_string(Text last, std::size_t, Code&) {
        stack_.push_string(last);
        return true;
    }
    bool on_int64(std::int64_t number, Text, Code&) {
        stack_.push_int64(number);
        return true;
    }
    bool on_uint64(std::uint64_t number, Text, Code&) {
        stack_.push_uint64(number);
        return true;
    }
    bool on_double(double number, Text, Code& code) {  // house: allow float-money: refused later.
        if (!std::isfinite(number)) {
            code = bj::error::not_number;
            return false;
        }
        stack_.push_double(number);
        return true;
    }
    bool on_bool(bool flag, Code&) {
        stack_.push_bool(flag);
        return true;
    }
    bool on_null(Code&) {
        stack_.push_null();
        return true;
    }

private:
    bool pushed_part(Text part) {
        stack_.push_chars(part);
        return true;
    }

    bj::value_stack stack_;
    std::size_t members_named_ = 0;
};

/// Stops where an object names a member that it has named before.
class RepeatFinder : public Indifferent {
public:
    bool on_object_begin(Code&) {
        names_.emplace_back();
        return true;
    }
    bool on_object_end(std::size_t, Code&) {
        names_.pop_back();
        return true;
    }
    bool on_key_part(Text part, std::size_t, Code&) {
        name_.append(part.data(), part.size());
        return true;
    }
    bool on_key(Text last, std::size_t, Code& code) {
        name_.append(last.data(), last.size());
        const bool is_new = names_.back().insert(std::exchange(name_, {})).second;
        if (!is_new) {
            code = bj::error::syntax;
        }
        return is_new;
    }

private:
    std::vector<std::set<std::string>> names_;
    std::string name_;
};

/// Where the text, which is JSON, names a member twice.
std::size_t first_repeat(std::string_view text, const bj::parse_options& options) {
    bj::basic_parser<RepeatFinder> parser(options);
    bj::error_code found;
    return parser.write_some(false, text.data(), text.size(), found);
}

std::unexpected<Error> malformed(std::string_view text, std::size_t at, std::string_view what) {
    const Position p = position_of(text, std::min(at, text.size()));
    return fail(Error{errors::malformed_json,
                      cat("Line ", p.line, ", column ", p.column, ": ", what, "."),
                      {},
                      {{"line", cat(p.line)}, {"column", cat(p.column)}}});
}

std::size_t members_in(const bj::value& value) {
    std::size_t count = 0;
    if (const auto* object = value.if_object()) {
        count += object->size();
        for (const auto& member : *object) {
            count += members_in(member.value());
        }
    } else if (const auto* array = value.if_array()) {
        for (const auto& element : *array) {
            count += members_in(element);
        }
    }
    return count;
}

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
    std::array<unsigned char, tree_bytes> first;
    bj::monotonic_resource memory{first.data(), first.size()};
    bj::value root = bj::value(nullptr, &memory);
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
    std::array<unsigned char, stack_bytes> scratch;
    bj::basic_parser<TreeMaker> parser(options, scratch.data(), scratch.size());
    // In the memory that the value stays in, so that it is handed over without a copy.
    parser.handler().begin(&document.state_->memory);
    bj::error_code problem;
    const std::size_t used = parser.write_some(false, text.data(), text.size(), problem);
    // What follows the value must be white space only, of RFC 8259's four kinds.
    if (!problem && text.substr(used).find_first_not_of(" \t\r\n") != std::string_view::npos) {
        problem = bj::error::extra_data;
    }
    if (problem) {
        return malformed(
            text, used,
            problem == bj::error::not_number ? "A number is too large" : problem.message());
    }
    document.state_->root = parser.handler().take();
    // Boost.JSON keeps the last of two members with one name. A body that says a thing twice is
    // ambiguous, and ambiguity is how filters are passed: members kept must equal members named.
    if (members_in(document.state_->root) != parser.handler().members_named()) {
        return malformed(text, first_repeat(text, options),
                         "An object names the same member twice");
    }
    return document;
}

namespace {

/// What a small document needs: a text that starts empty is moved five times until it has so much.
constexpr std::size_t first_bytes = 400;

}  // namespace

void JsonWriter::separate() {
    if (!first_) {
        out_.push_back(',');
    }
    first_ = false;
}

JsonWriter& JsonWriter::begin_object() {
    if (out_.empty()) {
        out_.reserve(first_bytes);
    }
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

/// The place of the first character that a JSON string must not hold as it is, or the length of the
/// text. Looks at eight bytes at once; which of them it was is looked for among those eight.
std::size_t first_to_escape(std::string_view text, std::size_t from) {
    constexpr std::uint64_t each = 0x0101010101010101;
    const auto zero_in = [](std::uint64_t bytes) {
        return (bytes - each) & ~bytes & (each * 0x80);
    };
    std::size_t at = from;
    for (; at + sizeof(std::uint64_t) <= text.size(); at += sizeof(std::uint64_t)) {
        std::uint64_t bytes = 0;
        std::memcpy(&bytes, text.data() + at, sizeof bytes);
        const std::uint64_t control = (bytes - each * 0x20) & ~bytes & (each * 0x80);
        if ((control | zero_in(bytes ^ (each * '"')) | zero_in(bytes ^ (each * '\\'))) != 0) {
            break;
        }
    }
    const auto escaped = [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
    };
    while (at < text.size() && !escaped(text[at])) {
        ++at;
    }
    return at;
}

void append_escaped(std::string& out, char character) {
    constexpr std::string_view hex = "0123456789abcdef";
    const auto c = static_cast<unsigned char>(character);
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

char* copy_to(char* to, std::string_view text) { return to + text.copy(to, text.size()); }

/// Puts `text` as a JSON string behind `before`, and `after` behind that.
void append_quoted(std::string& out, std::string_view before, std::string_view text,
                   std::string_view after) {
    std::size_t at = first_to_escape(text, 0);
    if (at == text.size()) {  // As nearly always: the string grows once.
        const std::size_t size = out.size();
        const std::size_t grown = size + before.size() + text.size() + after.size() + 2;
        // libstdc++ 12 hands over its capacity, not the size that was asked for.
        out.resize_and_overwrite(grown, [&](char* to, std::size_t) {
            to = copy_to(to + size, before);
            *to++ = '"';
            to = copy_to(to, text);
            *to++ = '"';
            copy_to(to, after);
            return grown;
        });
        return;
    }
    out.append(before).push_back('"');
    for (std::size_t start = 0; true; at = first_to_escape(text, start)) {
        out.append(text.substr(start, at - start));
        if (at == text.size()) {
            break;
        }
        append_escaped(out, text[at]);
        start = at + 1;
    }
    out.append("\"").append(after);
}

}  // namespace

JsonWriter& JsonWriter::key(std::string_view name) {
    append_quoted(out_, first_ ? "" : ",", name, ":");
    first_ = true;  // The value that follows takes no comma.
    return *this;
}
JsonWriter& JsonWriter::value(std::string_view text) {
    append_quoted(out_, first_ ? "" : ",", text, "");
    first_ = false;
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
    append_quoted(out, "", text, "");
    return out;
}

}  // namespace souk
