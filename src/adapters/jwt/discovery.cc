#include "adapters/jwt/discovery.h"

#include "domain/base/json.h"
#include "domain/base/text.h"

namespace souk {

std::string discovery_document(std::string_view issuer,
                               std::initializer_list<std::string_view> claims) {
    // No authorization or token endpoint: Souk takes credentials by its own API, for its own
    // clients alone.
    JsonWriter out;
    out.begin_object()
        .member("issuer", issuer)
        .member("jwks_uri", cat(issuer, "/.well-known/jwks.json"));
    out.key("response_types_supported").begin_array().value("token").end_array();
    out.key("subject_types_supported").begin_array().value("public").end_array();
    out.key("id_token_signing_alg_values_supported").begin_array().value("RS256").end_array();
    out.key("claims_supported").begin_array();
    for (const auto claim : claims) {
        out.value(claim);
    }
    out.end_array().end_object();
    return out.take();
}

}  // namespace souk
