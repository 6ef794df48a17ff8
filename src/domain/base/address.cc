#include "domain/base/address.h"

#include <array>

namespace souk {

namespace {

struct Part {
    std::string_view name;
    std::string Address::* member;
    bool required;
};

constexpr std::array address_parts = std::to_array<Part>({
    {"name", &Address::name, true},
    {"company", &Address::company, false},
    {"line1", &Address::line1, true},
    {"line2", &Address::line2, false},
    {"city", &Address::city, true},
    {"region", &Address::region, false},
    {"postal_code", &Address::postal_code, false},
    {"country", &Address::country, true},
    {"phone", &Address::phone, false},
});

constexpr std::int64_t line_length_max = 200;

}  // namespace

std::vector<SchemaMember> address_members() {
    std::vector<SchemaMember> members;
    for (const auto& part : address_parts) {
        if (part.name == "country") {
            members.push_back(schema::required(part.name, schema::text(TextFormat::country)));
        } else if (part.required) {
            members.push_back(schema::required(part.name, schema::line(1, line_length_max)));
        } else {
            members.push_back(
                schema::optional(part.name, schema::line(0, line_length_max).nullable()));
        }
    }
    return members;
}

Schema address_schema() { return schema::object(address_members()).named("Address"); }

Address parse_address(JsonView json) {
    Address address;
    for (const auto& part : address_parts) {
        address.*part.member = json[part.name].text_or();
    }
    return address;
}

std::string render_address(const Address& address) {
    JsonWriter out;
    out.begin_object();
    for (const auto& part : address_parts) {
        if (part.required || !(address.*part.member).empty()) {
            out.member(part.name, address.*part.member);
        }
    }
    return out.end_object().take();
}

}  // namespace souk
