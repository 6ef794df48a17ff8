#include "domain/base/schema.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "domain/base/text.h"
#include "fuzz/bytes.h"
#include "fuzz/target.h"

namespace souk::fuzz {

namespace {

constexpr int depth_max = 4;
constexpr std::array<std::string_view, 4> names{"a", "b", "sku", "x/y~z"};

/// A schema with what it means, said a second time.
struct Model {
    enum class Kind { text, integer, boolean, choice, list, object, dictionary, any_of };
    Kind kind = Kind::boolean;
    std::int64_t least = 0, most = 0;
    std::vector<std::string> names = {};  // Of members, or the choices.
    std::vector<bool> required = {};
    std::vector<Model> parts = {};
    bool nullable = false;
};

Model model_from(Bytes& bytes, int depth) {
    Model model;
    const std::size_t kinds = depth == depth_max ? 4 : 8;
    model.kind = static_cast<Model::Kind>(bytes.below(kinds));
    model.nullable = bytes.below(8) == 0;
    model.least = static_cast<std::int64_t>(bytes.below(4));
    model.most = model.least + static_cast<std::int64_t>(bytes.below(4));
    std::size_t parts = 0;
    switch (model.kind) {
        case Model::Kind::text:
        case Model::Kind::integer:
        case Model::Kind::boolean: break;
        case Model::Kind::choice: model.names = {"a", "sku", "grün"}; break;
        case Model::Kind::list:
        case Model::Kind::dictionary: parts = 1; break;
        case Model::Kind::object:
        case Model::Kind::any_of: parts = 1 + bytes.below(names.size()); break;
    }
    for (std::size_t i = 0; i < parts; ++i) {
        model.parts.push_back(model_from(bytes, depth + 1));
        if (model.kind == Model::Kind::object) {
            model.names.emplace_back(names[i]);
            model.required.push_back(bytes.flag());
        }
    }
    return model;
}

Schema plain_schema(const Model& model);

Schema schema_of(const Model& model) {
    const Schema plain = plain_schema(model);
    return model.nullable ? plain.nullable() : plain;
}

Schema plain_schema(const Model& model) {
    switch (model.kind) {
        case Model::Kind::text: return schema::text(model.least, model.most);
        case Model::Kind::integer: return schema::integer(model.least, model.most);
        case Model::Kind::boolean: return schema::boolean();
        case Model::Kind::choice: return schema::one_of(model.names);
        case Model::Kind::list:
            return schema::list(schema_of(model.parts.front()), model.most, model.least);
        case Model::Kind::dictionary:
            return schema::dictionary(schema_of(model.parts.front()), model.most);
        case Model::Kind::object: {
            std::vector<SchemaMember> members;
            for (std::size_t i = 0; i < model.parts.size(); ++i) {
                members.push_back({model.names[i], schema_of(model.parts[i]), model.required[i]});
            }
            return schema::object(std::move(members));
        }
        case Model::Kind::any_of: {
            std::vector<Schema> choices;
            std::ranges::transform(model.parts, std::back_inserter(choices), schema_of);
            return schema::any_of(std::move(choices));
        }
    }
    return schema::boolean();
}

bool within(std::size_t count, const Model& model) {
    return static_cast<std::int64_t>(count) >= model.least &&
           static_cast<std::int64_t>(count) <= model.most;
}

bool fits(const Model& model, JsonView value);

bool fits_object(const Model& model, JsonView value) {
    std::size_t known = 0;
    for (std::size_t i = 0; i < model.parts.size(); ++i) {
        const JsonView content = value[model.names[i]];
        known += content.present() ? 1 : 0;
        if (content.present() ? !fits(model.parts[i], content) : bool{model.required[i]}) {
            return false;
        }
    }
    return known == value.size();
}

bool fits_elements(const Model& model, JsonView value) {
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (value.is_array()) {
            if (!fits(model.parts.front(), value.at(i))) {
                return false;
            }
            continue;
        }
        const auto [name, content] = value.member(i);
        if (name.empty() || code_points(name) > 64 || !fits(model.parts.front(), content)) {
            return false;
        }
    }
    return true;
}

bool fits(const Model& model, JsonView value) {
    if (value.is_null() && model.nullable) {
        return true;
    }
    switch (model.kind) {
        case Model::Kind::text:
            return value.is_string() && within(code_points(*value.string()), model) &&
                   !value.string()->contains('\0');
        case Model::Kind::integer:
            return value.is_integer() && *value.integer() >= model.least &&
                   *value.integer() <= model.most;
        case Model::Kind::boolean: return value.is_bool();
        case Model::Kind::choice:
            return value.is_string() && std::ranges::count(model.names, *value.string()) > 0;
        case Model::Kind::list:
            return value.is_array() && within(value.size(), model) && fits_elements(model, value);
        case Model::Kind::dictionary:
            return value.is_object() && static_cast<std::int64_t>(value.size()) <= model.most &&
                   fits_elements(model, value);
        case Model::Kind::object: return value.is_object() && fits_object(model, value);
        case Model::Kind::any_of:
            return std::ranges::any_of(model.parts,
                                       [&](const Model& part) { return fits(part, value); });
    }
    return false;
}

std::string unescaped(std::string_view token) {
    std::string out;
    for (std::size_t i = 0; i < token.size(); ++i) {
        HOLDS(token[i] != '~' ||
              (i + 1 < token.size() && (token[i + 1] == '0' || token[i + 1] == '1')));
        out.push_back(token[i] != '~' ? token[i] : token[++i] == '0' ? '~' : '/');
    }
    return out;
}

/// The value at an RFC 6901 pointer; of a missing member, its object.
void check_pointer(JsonView value, const FieldError& mistake) {
    HOLDS(mistake.pointer.empty() || mistake.pointer.starts_with('/'));
    const auto tokens = souk::split(mistake.pointer, '/');
    for (std::size_t i = 1; i < tokens.size(); ++i) {
        const std::string name = unescaped(tokens[i]);
        const bool last = i + 1 == tokens.size();
        if (value.is_array()) {
            const auto index = to_integer(name);
            HOLDS(index && *index >= 0 && static_cast<std::size_t>(*index) < value.size());
            value = value.at(static_cast<std::size_t>(*index));
            continue;
        }
        HOLDS(value.is_object());
        HOLDS(value[name].present() == !(last && mistake.code == "required"));
        value = value[name];
    }
}

}  // namespace

FUZZ_TARGET(schema) {
    Bytes bytes(input);
    Bytes shape(bytes.line());
    const auto document = JsonDocument::parse(bytes.rest());
    if (!document) {
        return;
    }
    const Model model = model_from(shape, 0);
    const Schema schema = schema_of(model);
    std::vector<FieldError> mistakes;
    validate(schema, document->root(), "", mistakes);
    HOLDS(mistakes.empty() == fits(model, document->root()));
    for (const auto& mistake : mistakes) {
        HOLDS(!mistake.code.empty() && !mistake.detail.empty());
        check_pointer(document->root(), mistake);
    }
    std::vector<std::pair<std::string, std::string>> components;
    HOLDS(JsonDocument::parse(render_json_schema(schema, components)).has_value());
}

}  // namespace souk::fuzz
