#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "domain/base/error.h"

namespace souk {

namespace errors {
inline constexpr ErrorCode malformed_json{"malformed_json", ErrorKind::invalid};
}

/// Nesting deeper than this is refused. Unit: arrays and objects.
inline constexpr int json_depth_max = 32;

/// A value inside a JsonDocument; valid as long as the document. A default one is absent, and so is
/// every member that an object, every element that an array lacks: lookups chain without checks.
class JsonView {
public:
    JsonView() = default;

    [[nodiscard]] bool present() const { return value_ != nullptr; }
    [[nodiscard]] bool is_null() const;
    [[nodiscard]] bool is_object() const;
    [[nodiscard]] bool is_array() const;
    [[nodiscard]] bool is_string() const;
    [[nodiscard]] bool is_bool() const;
    /// A number without fraction or exponent that fits int64.
    [[nodiscard]] bool is_integer() const;
    [[nodiscard]] bool is_number() const;

    /// The member of that name, or an absent view.
    [[nodiscard]] JsonView operator[](std::string_view name) const;
    /// Elements of an array or members of an object; 0 for the rest.
    [[nodiscard]] std::size_t size() const;
    /// The i-th element of an array, or an absent view.
    [[nodiscard]] JsonView at(std::size_t i) const;
    /// The i-th member of an object, in the text's order, or an absent view without a name.
    [[nodiscard]] std::pair<std::string_view, JsonView> member(std::size_t i) const;

    /// The value if it has that type.
    [[nodiscard]] std::optional<std::string_view> string() const;
    [[nodiscard]] std::optional<std::int64_t> integer() const;
    [[nodiscard]] std::optional<bool> boolean() const;
    /// The same with a default, for rows and validated bodies.
    [[nodiscard]] std::string text_or(std::string_view otherwise = {}) const;
    [[nodiscard]] std::int64_t integer_or(std::int64_t otherwise) const;
    // house: allow bool-parameter: the value is a boolean, not a choice.
    [[nodiscard]] bool bool_or(bool otherwise) const;

    /// The value as JSON text, compact.
    [[nodiscard]] std::string render() const;

private:
    friend class JsonDocument;
    explicit JsonView(const void* value) : value_(value) {}
    const void* value_ = nullptr;  // A boost::json::value, hidden for the sake of build times.
};

/// A parsed text. Movable; its views stay valid when it moves.
class JsonDocument {
public:
    JsonDocument();
    JsonDocument(JsonDocument&&) noexcept;
    JsonDocument& operator=(JsonDocument&&) noexcept;
    ~JsonDocument();

    /// Strict RFC 8259: UTF-8 only, no comments, no duplicate member names, nothing after the
    /// value. Errors: malformed_json, with line and column in the detail.
    static Result<JsonDocument> parse(std::string_view text);
    [[nodiscard]] JsonView root() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Writes compact JSON front to back into one string. Names and order are the caller's.
class JsonWriter {
public:
    JsonWriter& begin_object();
    JsonWriter& end_object();
    JsonWriter& begin_array();
    JsonWriter& end_array();
    JsonWriter& key(std::string_view name);
    JsonWriter& value(std::string_view text);
    JsonWriter& value(const char* text) { return value(std::string_view(text)); }
    JsonWriter& value(const std::string& text) { return value(std::string_view(text)); }
    template <std::integral N>
        requires(!std::same_as<N, bool>)
    JsonWriter& value(N number) {
        return integer(static_cast<std::int64_t>(number));
    }
    template <std::same_as<bool> B>
    JsonWriter& value(B flag) {
        return boolean(flag);
    }
    JsonWriter& null();
    /// Text that is JSON already.
    JsonWriter& raw(std::string_view json);
    template <class T>
    JsonWriter& value(const std::optional<T>& maybe) {
        return maybe ? value(*maybe) : null();
    }
    template <class T>
    JsonWriter& member(std::string_view name, const T& content) {
        return key(name).value(content);
    }
    JsonWriter& raw_member(std::string_view name, std::string_view json) {
        return key(name).raw(json);
    }

    [[nodiscard]] const std::string& text() const { return out_; }
    [[nodiscard]] std::string take() { return std::move(out_); }

private:
    JsonWriter& integer(std::int64_t number);
    // house: allow bool-parameter: the value is a boolean, not a choice.
    JsonWriter& boolean(bool flag);
    void separate();

    std::string out_;
    bool first_ = true;
};

/// `text` as a JSON string with its quotes.
[[nodiscard]] std::string json_quoted(std::string_view text);

}  // namespace souk
