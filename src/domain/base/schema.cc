#include "domain/base/schema.h"

#include <algorithm>
#include <optional>

#include "domain/base/id.h"
#include "domain/base/money.h"
#include "domain/base/text.h"
#include "domain/base/text_format.h"

namespace souk {

namespace {
enum class Shape {
    text,
    formatted,
    id,
    integer,
    boolean,
    choice,
    list,
    object,
    dictionary,
    any_of
};
}

struct Schema::Node {
    Shape shape{};
    std::int64_t least = 0, most = 0;
    TextFormat format{};
    std::vector<std::string> values = {};
    std::vector<SchemaMember> members = {};
    std::vector<Schema> parts = {};
    bool nullable = false;
    bool one_line = false;
    std::string name = {};
    std::string description = {};
};

namespace {

Schema from(Schema::Node node) {
    return Schema(std::make_shared<const Schema::Node>(std::move(node)));
}

/// Checks text of any of the textual shapes. Returns the mistake's {code, detail}.
std::optional<std::pair<std::string, std::string>> text_mistake(const Schema::Node& node,
                                                                std::string_view value) {
    using Mistake = std::pair<std::string, std::string>;
    if (!is_utf8(value)) {
        return Mistake{"bad_format", "Not valid UTF-8."};
    }
    if (value.find('\0') != std::string_view::npos) {
        return Mistake{"bad_format", "NUL characters are not allowed."};
    }
    if (node.shape == Shape::text) {
        const auto length = static_cast<std::int64_t>(code_points(value));
        if (length < node.least) {
            return Mistake{"too_short", cat("At least ", node.least, " characters.")};
        }
        if (length > node.most) {
            return Mistake{"too_long", cat("At most ", node.most, " characters.")};
        }
        if (node.one_line && node.least > 0 && trimmed(value).empty()) {
            return Mistake{"too_short", "White space alone says nothing."};
        }
        if (node.one_line && !is_one_line(value)) {
            return Mistake{"bad_format", "Line breaks and control characters are not allowed."};
        }
    } else if (node.shape == Shape::formatted && !row_of(node.format).fits(value)) {
        return Mistake{"bad_format", cat("Not ", row_of(node.format).words, ".")};
    } else if (node.shape == Shape::formatted && node.most > 0 && std::ssize(value) > node.most) {
        return Mistake{"too_long", cat("At most ", node.most, " characters.")};
    } else if (node.shape == Shape::id && !detail::is_id(value, node.values.front())) {
        return Mistake{"bad_format", cat("Not an id of the form ", node.values.front(), "….")};
    } else if (node.shape == Shape::choice &&
               std::ranges::find(node.values, value) == node.values.end()) {
        std::string allowed;
        for (const auto& choice : node.values) {
            allowed += cat(allowed.empty() ? "" : ", ", choice);
        }
        return Mistake{"not_allowed", cat("One of: ", allowed, ".")};
    }
    return std::nullopt;
}

std::optional<std::pair<std::string, std::string>> integer_mistake(const Schema::Node& node,
                                                                   std::int64_t number) {
    if (number < node.least) {
        return std::pair{std::string("too_small"), cat("At least ", node.least, ".")};
    }
    if (number > node.most) {
        return std::pair{std::string("too_large"), cat("At most ", node.most, ".")};
    }
    return std::nullopt;
}

void validate_object(const Schema::Node& node, JsonView value, const std::string& pointer,
                     std::vector<FieldError>& mistakes) {
    for (const auto& member : node.members) {
        const JsonView found = value[member.name];
        if (found.present()) {
            validate(member.schema, found, pointer + pointer_token(member.name), mistakes);
        } else if (member.required) {
            mistakes.push_back({pointer + pointer_token(member.name), "required", "Missing."});
        }
    }
    for (std::size_t i = 0; i < value.size(); ++i) {
        const auto name = value.member(i).first;
        if (std::ranges::find(node.members, name, &SchemaMember::name) == node.members.end()) {
            mistakes.push_back(
                {pointer + pointer_token(name), "unknown_member", "No such member."});
        }
    }
}

void validate_elements(const Schema::Node& node, JsonView value, const std::string& pointer,
                       std::vector<FieldError>& mistakes) {
    const auto count = static_cast<std::int64_t>(value.size());
    if (count > node.most) {
        mistakes.push_back({pointer, "too_many", cat("At most ", node.most, ".")});
        return;  // A flood of mistakes about a flood of elements would help nobody.
    }
    if (count < node.least) {
        mistakes.push_back({pointer, "too_few", cat("At least ", node.least, ".")});
    }
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (node.shape == Shape::list) {
            validate(node.parts.front(), value.at(i), cat(pointer, "/", i), mistakes);
            continue;
        }
        const auto [name, content] = value.member(i);
        const std::string where = pointer + pointer_token(name);
        if (name.empty() || code_points(name) > 64) {
            mistakes.push_back({where, "bad_format", "Names have 1 to 64 characters."});
        }
        validate(node.parts.front(), content, where, mistakes);
    }
}

std::string_view words_of(Shape shape) {
    switch (shape) {
        case Shape::text:
        case Shape::formatted:
        case Shape::id:
        case Shape::choice: return "a string";
        case Shape::integer: return "an integer";
        case Shape::boolean: return "true or false";
        case Shape::list: return "an array";
        case Shape::object:
        case Shape::dictionary: return "an object";
        case Shape::any_of: return "one of several shapes";
    }
    return {};
}

bool has_type(Shape shape, JsonView value) {
    switch (shape) {
        case Shape::text:
        case Shape::formatted:
        case Shape::id:
        case Shape::choice: return value.is_string();
        case Shape::integer: return value.is_integer();
        case Shape::boolean: return value.is_bool();
        case Shape::list: return value.is_array();
        case Shape::object:
        case Shape::dictionary: return value.is_object();
        case Shape::any_of: return true;
    }
    return false;
}

/// Whether an object at `pointer` may have what stands at `below` it.
bool has_member(const Schema::Node& node, const std::string& pointer, std::string_view below) {
    return std::ranges::any_of(node.members, [&](const SchemaMember& member) {
        return below == cat(pointer, pointer_token(member.name));
    });
}

/// Tells the mistakes against the choice that was most likely meant: the one that knows most of the
/// members, and of those the one with the fewest mistakes.
void validate_any_of(const Schema::Node& node, JsonView value, const std::string& pointer,
                     std::vector<FieldError>& mistakes) {
    const auto strangeness = [](const std::vector<FieldError>& tried) {
        return std::pair(std::ranges::count(tried, "unknown_member", &FieldError::code),
                         std::ssize(tried));
    };
    std::vector<FieldError> nearest;
    for (const auto& choice : node.parts) {
        std::vector<FieldError> tried;
        validate(choice, value, pointer, tried);
        if (tried.empty()) {
            return;
        }
        if (nearest.empty() || strangeness(tried) < strangeness(nearest)) {
            nearest = std::move(tried);
        }
    }
    for (auto& mistake : nearest) {
        const bool known = mistake.code == "unknown_member" &&
                           std::ranges::any_of(node.parts, [&](const Schema& choice) {
                               return has_member(choice.node(), pointer, mistake.pointer);
                           });
        if (known) {
            mistake.code = "not_allowed";
            mistake.detail = "Not together with the other members.";
        }
        mistakes.push_back(std::move(mistake));
    }
}

}  // namespace

Schema Schema::nullable() const {
    Node copy = *node_;
    copy.nullable = true;
    return from(std::move(copy));
}
Schema Schema::named(std::string_view name) const {
    Node copy = *node_;
    copy.name = name;
    return from(std::move(copy));
}
Schema Schema::described(std::string_view sentence) const {
    Node copy = *node_;
    copy.description = sentence;
    return from(std::move(copy));
}

namespace schema {

Schema text(std::int64_t length_min, std::int64_t length_max) {
    return from({.shape = Shape::text, .least = length_min, .most = length_max});
}
Schema line(std::int64_t length_min, std::int64_t length_max) {
    return from({.shape = Shape::text, .least = length_min, .most = length_max, .one_line = true});
}
Schema text(TextFormat format) {
    return format == TextFormat::slug ? slug(slug_max)
                                      : from({.shape = Shape::formatted, .format = format});
}
Schema slug(std::int64_t length_max) {
    return from({.shape = Shape::formatted, .most = length_max, .format = TextFormat::slug});
}
Schema id(std::string_view prefix) {
    return from({.shape = Shape::id, .values = {std::string(prefix)}});
}
Schema integer(std::int64_t least, std::int64_t most) {
    return from({.shape = Shape::integer, .least = least, .most = most});
}
Schema boolean() { return from({.shape = Shape::boolean}); }
Schema one_of(std::vector<std::string> values) {
    return from({.shape = Shape::choice, .values = std::move(values)});
}
Schema list(Schema element, std::int64_t count_max, std::int64_t count_min) {
    return from({.shape = Shape::list,
                 .least = count_min,
                 .most = count_max,
                 .parts = {std::move(element)}});
}
Schema object(std::vector<SchemaMember> members) {
    return from({.shape = Shape::object, .members = std::move(members)});
}
SchemaMember required(std::string_view name, Schema schema) {
    return {std::string(name), std::move(schema), true};
}
SchemaMember optional(std::string_view name, Schema schema) {
    return {std::string(name), std::move(schema), false};
}
Schema dictionary(Schema value, std::int64_t count_max) {
    return from({.shape = Shape::dictionary, .most = count_max, .parts = {std::move(value)}});
}
Schema money() {
    return object({required("amount", integer(0, amount_max)),
                   required("currency", text(TextFormat::currency))})
        .named("Money");
}
Schema any_of(std::vector<Schema> choices) {
    return from({.shape = Shape::any_of, .parts = std::move(choices)});
}
Schema page_of(Schema element) {
    return object({required("items", list(std::move(element), 100)),
                   required("next_cursor", text(1, 2048).nullable())});
}
std::function<Schema()> page_of(Schema (*element)()) {
    return [element] { return page_of(element()); };
}

}  // namespace schema

void validate(const Schema& schema, JsonView value, const std::string& pointer,
              std::vector<FieldError>& mistakes) {
    const auto& node = schema.node();
    if (value.is_null() && node.nullable) {
        return;
    }
    if (!has_type(node.shape, value)) {
        mistakes.push_back({pointer, "wrong_type", cat("Must be ", words_of(node.shape), ".")});
        return;
    }
    std::optional<std::pair<std::string, std::string>> mistake;
    switch (node.shape) {
        case Shape::text:
        case Shape::formatted:
        case Shape::id:
        case Shape::choice: mistake = text_mistake(node, *value.string()); break;
        case Shape::integer: mistake = integer_mistake(node, *value.integer()); break;
        case Shape::boolean: break;
        case Shape::list:
        case Shape::dictionary: validate_elements(node, value, pointer, mistakes); break;
        case Shape::object: validate_object(node, value, pointer, mistakes); break;
        case Shape::any_of: validate_any_of(node, value, pointer, mistakes); break;
    }
    if (mistake) {
        mistakes.push_back({pointer, mistake->first, mistake->second});
    }
}

void validate_text(const Schema& schema, std::string_view value, const std::string& pointer,
                   std::vector<FieldError>& mistakes) {
    const auto& node = schema.node();
    std::optional<std::pair<std::string, std::string>> mistake;
    if (node.shape == Shape::integer) {
        const auto number = to_integer(value);
        mistake = number ? integer_mistake(node, *number)
                         : std::pair{std::string("wrong_type"), std::string("Must be an integer.")};
    } else if (node.shape == Shape::boolean) {
        if (value != "true" && value != "false") {
            mistake = std::pair{std::string("wrong_type"), std::string("Must be true or false.")};
        }
    } else {
        CHECK(has_type(node.shape, JsonView()) == false);
        mistake = text_mistake(node, value);
    }
    if (mistake) {
        mistakes.push_back({pointer, mistake->first, mistake->second});
    }
}

namespace {

using Components = std::vector<std::pair<std::string, std::string>>;

std::string object_members(const Schema::Node& node, Components& components) {
    std::string properties;
    std::string needed;
    for (const auto& member : node.members) {
        properties += cat(properties.empty() ? "" : ",", json_quoted(member.name), ":",
                          render_json_schema(member.schema, components));
        if (member.required) {
            needed += cat(needed.empty() ? "" : ",", json_quoted(member.name));
        }
    }
    return cat("\"properties\":{", properties, "},\"additionalProperties\":false",
               needed.empty() ? "" : cat(",\"required\":[", needed, "]"));
}

constexpr std::string_view line_character = R"([^\\u0000-\\u001F\\u007F-\\u009F\\u2028\\u2029])";
constexpr std::string_view visible_character = R"([^\\u0000-\\u0020\\u007F-\\u009F\\u2028\\u2029])";

/// What `text_mistake` says of any text's characters, as a regular expression in JSON.
std::string text_pattern(const Schema::Node& node) {
    if (!node.one_line) {
        return R"(,"pattern":"^[^\\u0000]*$")";
    }
    const std::string start = node.least > 0 ? cat(" *", visible_character) : std::string();
    return cat(R"(,"pattern":"^)", start, line_character, R"(*$")");
}

std::string constraints(const Schema::Node& node, Components& components) {
    switch (node.shape) {
        case Shape::text:
            return cat(R"("minLength":)", node.least, R"(,"maxLength":)", node.most,
                       text_pattern(node));
        case Shape::formatted:
            return cat(row_of(node.format).json_schema,
                       node.most > 0 ? cat(R"(,"maxLength":)", node.most) : "");
        case Shape::id:
            return cat(R"("pattern":"^)", node.values.front(), R"([0-9A-HJKMNP-TV-Z]{26}$")");
        case Shape::integer:
            return cat(R"("minimum":)", node.least, R"(,"maximum":)", node.most,
                       R"(,"format":"int64")");
        case Shape::boolean: return {};
        case Shape::choice: {
            std::string values;
            for (const auto& value : node.values) {
                values += cat(values.empty() ? "" : ",", json_quoted(value));
            }
            return cat("\"enum\":[", values, node.nullable ? ",null" : "", "]");
        }
        case Shape::list:
            return cat(R"("minItems":)", node.least, R"(,"maxItems":)", node.most, R"(,"items":)",
                       render_json_schema(node.parts.front(), components));
        case Shape::object: return object_members(node, components);
        case Shape::dictionary:
            return cat(R"("maxProperties":)", node.most,
                       R"(,"propertyNames":{"minLength":1,"maxLength":64},"additionalProperties":)",
                       render_json_schema(node.parts.front(), components));
        case Shape::any_of: {
            std::string choices;
            for (const auto& part : node.parts) {
                choices += cat(choices.empty() ? "" : ",", render_json_schema(part, components));
            }
            return cat("\"anyOf\":[", choices, node.nullable ? R"(,{"type":"null"})" : "", "]");
        }
    }
    return {};
}

std::string_view type_of(Shape shape) {
    switch (shape) {
        case Shape::text:
        case Shape::formatted:
        case Shape::id:
        case Shape::choice: return "string";
        case Shape::integer: return "integer";
        case Shape::boolean: return "boolean";
        case Shape::list: return "array";
        case Shape::object:
        case Shape::dictionary: return "object";
        case Shape::any_of: return {};
    }
    return {};
}

std::string render_body(const Schema::Node& node, Components& components) {
    std::string members;
    const auto add = [&members](const std::string& member) {
        if (!member.empty()) {
            members += cat(members.empty() ? "" : ",", member);
        }
    };
    const auto type = type_of(node.shape);
    if (!type.empty()) {
        add(node.nullable ? cat(R"("type":[")", type, R"(","null"])")
                          : cat(R"("type":")", type, '"'));
    }
    if (!node.description.empty()) {
        add(cat("\"description\":", json_quoted(node.description)));
    }
    add(constraints(node, components));
    return cat("{", members, "}");
}

}  // namespace

std::string render_json_schema(const Schema& schema, Components& components) {
    const auto& node = schema.node();
    if (node.name.empty()) {
        return render_body(node, components);
    }
    if (std::ranges::find(components, node.name, &std::pair<std::string, std::string>::first) ==
        components.end()) {
        components.emplace_back(node.name,
                                "");  // Taken first, for schemas that refer to themselves.
        Schema::Node plain = node;
        plain.nullable = false;
        std::string body = render_body(plain, components);
        std::ranges::find(components, node.name, &std::pair<std::string, std::string>::first)
            ->second = std::move(body);
    }
    const std::string reference = cat(R"({"$ref":"#/components/schemas/)", node.name, R"("})");
    return node.nullable ? cat(R"({"anyOf":[)", reference, R"(,{"type":"null"}]})") : reference;
}

std::string pointer_token(std::string_view name) {
    std::string out = "/";
    for (const char c : name) {
        if (c == '~') {
            out += "~0";
        } else if (c == '/') {
            out += "~1";
        } else {
            out.push_back(c);
        }
    }
    return out;
}

}  // namespace souk
