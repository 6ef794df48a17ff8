#include "adapters/aws_client/xml_text.h"

#include <array>
#include <charconv>
#include <cstdint>

#include "domain/base/folding.h"
#include "domain/base/text.h"

namespace souk::aws {

namespace {

struct Entity {
    std::string_view name;
    char character;
};
constexpr std::array<Entity, 5> entities{
    {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}}};

/// Of an entity with its marks: `&#x10FFFF;`, and some zeros.
constexpr std::size_t entity_bytes_max = 16;

/// Source: Unicode; XML 1.0, section 2.2.
bool is_character(std::uint32_t point) {
    return point != 0 && point <= 0x10FFFF && (point < 0xD800 || point > 0xDFFF);
}

/// `#65` or `#x41`.
std::optional<std::uint32_t> numbered(std::string_view name) {
    if (!name.starts_with('#')) {
        return std::nullopt;
    }
    const bool hex = name.starts_with("#x");
    name.remove_prefix(hex ? 2 : 1);
    std::uint32_t point = 0;
    const auto [end, problem] =
        std::from_chars(name.data(), name.data() + name.size(), point, hex ? 16 : 10);
    const bool whole = problem == std::errc() && end == name.data() + name.size();
    return whole && is_character(point) ? std::optional(point) : std::nullopt;
}

bool append_entity(std::string& out, std::string_view name) {
    for (const Entity& entity : entities) {
        if (entity.name == name) {
            out.push_back(entity.character);
            return true;
        }
    }
    const auto point = numbered(name);
    if (point) {
        append_utf8(out, *point);
    }
    return point.has_value();
}

std::string unescaped(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t mark = text.find('&');
        out.append(text.substr(0, mark));
        if (mark == std::string_view::npos) {
            break;
        }
        text.remove_prefix(mark);
        const std::size_t end = text.substr(0, entity_bytes_max).find(';');
        if (end != std::string_view::npos && append_entity(out, text.substr(1, end - 1))) {
            text.remove_prefix(end + 1);
        } else {
            out.push_back('&');
            text.remove_prefix(1);
        }
    }
    return out;
}

std::optional<std::string_view> between_tags(std::string_view xml, std::string_view element) {
    const std::string opening = cat('<', element);
    for (std::size_t at = xml.find(opening); at != std::string_view::npos;
         at = xml.find(opening, at + 1)) {
        std::string_view rest = xml.substr(at + opening.size());
        const std::size_t tag_end = rest.find('>');
        if (tag_end == std::string_view::npos) {
            return std::nullopt;
        }
        if (rest.find_first_of(" \t\r\n/>") != 0) {
            continue;  // A longer name that begins alike.
        }
        if (tag_end > 0 && rest[tag_end - 1] == '/') {
            return std::string_view();
        }
        rest.remove_prefix(tag_end + 1);
        const std::size_t end = rest.find(cat("</", element, '>'));
        return end == std::string_view::npos ? std::nullopt : std::optional(rest.substr(0, end));
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string> xml_text(std::string_view xml, std::string_view element) {
    const auto found = between_tags(xml, element);
    return found ? std::optional(unescaped(*found)) : std::nullopt;
}

std::string_view xml_inside(std::string_view xml, std::string_view element) {
    return between_tags(xml, element).value_or(std::string_view());
}

std::string xml_escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const Entity* found = nullptr;
        for (const Entity& entity : entities) {
            found = entity.character == c ? &entity : found;
        }
        if (found == nullptr) {
            out.push_back(c);
        } else {
            out.append("&").append(found->name).append(";");
        }
    }
    return out;
}

}  // namespace souk::aws
