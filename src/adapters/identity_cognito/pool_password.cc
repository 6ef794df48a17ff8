#include "adapters/identity_cognito/pool_password.h"

#include <algorithm>

#include "adapters/accounts/password_rules.h"
#include "domain/base/text.h"
#include "domain/ports/identity.h"

namespace souk {

namespace {

bool has_control(std::string_view text) {
    return std::ranges::any_of(
        text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

}  // namespace

Result<void> check_pool_password(std::string_view password, std::string_view email) {
    TRY(check_password(password, email));
    if (has_control(password)) {
        return fail(errors::weak_password, "A password holds no line breaks or tabs.");
    }
    if (trimmed(password) != password) {
        return fail(errors::weak_password, "A password neither begins nor ends with a space.");
    }
    return {};
}

bool is_possible_password(std::string_view password) {
    return !password.empty() && is_utf8(password) && !has_control(password) &&
           trimmed(password) == password && code_points(password) <= password_length_max;
}

}  // namespace souk
