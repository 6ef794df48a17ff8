#pragma once

#include <string>

#include "domain/base/json.h"
#include "domain/base/schema.h"

namespace souk {

/// A postal address as people write it on a parcel. Units: each line at most 200 code points.
struct Address {
    std::string name, company, line1, line2, city, region, postal_code;
    std::string country;  // ISO 3166-1 alpha-2
    std::string phone;

    friend bool operator==(const Address&, const Address&) = default;
};

/// name, line1, city and country are required.
[[nodiscard]] Schema address_schema();
/// The members of the schema, for schemas that add to them.
[[nodiscard]] std::vector<SchemaMember> address_members();
/// From a validated body or a row.
[[nodiscard]] Address parse_address(JsonView json);
/// As a JSON object.
[[nodiscard]] std::string render_address(const Address& address);

}  // namespace souk
