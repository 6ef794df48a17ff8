#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/base/error.h"
#include "domain/base/json.h"

namespace souk {

/// The shape of a JSON value, said once: the gateway refuses what does not fit, and openapi.yaml is
/// rendered from it. Value type; cheap to copy.
///
///     using namespace schema;
///     const Schema command = object({required("sku", text(1, 64)), required("quantity", integer(1,
///     9999))});
class Schema {
public:
    struct Node;
    explicit Schema(std::shared_ptr<const Node> node) : node_(std::move(node)) {}

    /// The same, with null allowed.
    [[nodiscard]] Schema nullable() const;
    /// The same, named: rendered once under components/schemas and referred to.
    [[nodiscard]] Schema named(std::string_view name) const;
    /// The same, with a sentence for the reader of openapi.yaml.
    [[nodiscard]] Schema described(std::string_view sentence) const;

    [[nodiscard]] const Node& node() const { return *node_; }

private:
    std::shared_ptr<const Node> node_;
};

struct SchemaMember {
    std::string name;
    Schema schema;
    bool required;
};

enum class TextFormat { email, slug, instant, url, currency, locale, country };

/// The builders. routes.cc files say `using namespace schema;` where they describe their bodies.
namespace schema {

/// UTF-8 text without NUL. Units: code points.
[[nodiscard]] Schema text(std::int64_t length_min, std::int64_t length_max);
/// The same in one line: what is shown within lines, as names are. No control characters.
[[nodiscard]] Schema line(std::int64_t length_min, std::int64_t length_max);
[[nodiscard]] Schema text(TextFormat format);
/// An id with this prefix, e.g. `id("cart_")`.
[[nodiscard]] Schema id(std::string_view prefix);
[[nodiscard]] Schema integer(std::int64_t least, std::int64_t most);
[[nodiscard]] Schema boolean();
[[nodiscard]] Schema one_of(std::vector<std::string> values);
[[nodiscard]] Schema list(Schema element, std::int64_t count_max, std::int64_t count_min = 0);
/// No other members than these.
[[nodiscard]] Schema object(std::vector<SchemaMember> members);
[[nodiscard]] SchemaMember required(std::string_view name, Schema schema);
[[nodiscard]] SchemaMember optional(std::string_view name, Schema schema);
/// An object with free member names (1..64 code points).
[[nodiscard]] Schema dictionary(Schema value, std::int64_t count_max);
/// `{amount: 0..amount_max, currency}`.
[[nodiscard]] Schema money();
/// Any of these, tried in order; the errors of the first are reported.
[[nodiscard]] Schema any_of(std::vector<Schema> choices);
/// `{items: [element], next_cursor: text or null}`: one page of a list.
[[nodiscard]] Schema page_of(Schema element);
/// The same, to be made when it is asked for.
[[nodiscard]] std::function<Schema()> page_of(Schema (*element)());

}  // namespace schema

/// Appends every mistake of `value`, with pointers that start with `pointer`. Codes: required,
/// unknown_member, wrong_type, too_short, too_long, too_small, too_large, too_many, too_few,
/// bad_format, not_allowed.
void validate(const Schema& schema, JsonView value, const std::string& pointer,
              std::vector<FieldError>& mistakes);

/// One reference token of a JSON Pointer, with its slash. Source: RFC 6901 section 3.
[[nodiscard]] std::string pointer_token(std::string_view name);

/// Validates one query parameter or CSV cell, which is text by nature.
void validate_text(const Schema& schema, std::string_view value, const std::string& pointer,
                   std::vector<FieldError>& mistakes);

/// JSON Schema 2020-12, as OpenAPI 3.1 uses it. Named schemas are rendered as `$ref` and added to
/// `components` as {name, JSON} once.
[[nodiscard]] std::string render_json_schema(
    const Schema& schema, std::vector<std::pair<std::string, std::string>>& components);

}  // namespace souk
