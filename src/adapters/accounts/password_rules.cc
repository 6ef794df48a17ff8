#include "adapters/accounts/password_rules.h"

#include <algorithm>
#include <array>

#include "domain/base/text.h"
#include "domain/ports/identity.h"

namespace souk {

namespace {

// What attackers try first, of the passwords that are long enough to be chosen at all. Sorted, for
// the search.
constexpr std::array<std::string_view, 120> common_passwords{
    "00000000",   "0123456789",  "0987654321",    "11111111",   "1111111111", "11223344",
    "1122334455", "12121212",    "123123123",     "123321123",  "12341234",   "12344321",
    "1234554321", "12345678",    "123456789",     "1234567890", "123456789a", "12345678a",
    "123456abc",  "1234qwer",    "123654789",     "123qweasd",  "147258369",  "147852369",
    "1q2w3e4r",   "1q2w3e4r5t",  "1qaz2wsx",      "1qazxsw2",   "22222222",   "55555555",
    "66666666",   "77777777",    "87654321",      "88888888",   "963852741",  "987654321",
    "99999999",   "aa123456",    "aaaaaaaa",      "abc12345",   "abcd1234",   "abcdefgh",
    "access14",   "admin123",    "administrator", "alexander",  "asdasdasd",  "asdf1234",
    "asdfasdf",   "asdfghjk",    "asdfghjkl",     "azertyuiop", "baseball",   "basketball",
    "butterfly",  "changeme",    "charlie1",      "chocolate",  "computer",   "corvette",
    "danielle",   "dragon123",   "einstein",      "elephant",   "facebook",   "football",
    "football1",  "godzilla",    "hello123",      "iloveyou",   "iloveyou1",  "internet",
    "jennifer",   "jonathan",    "letmein1",      "liverpool",  "lovelove",   "manchester",
    "marlboro",   "master123",   "maverick",      "mercedes",   "michelle",   "midnight",
    "monkey123",  "mountain",    "mustang1",      "newyork1",   "nicholas",   "p@ssw0rd",
    "pa55word",   "pass1234",    "passw0rd",      "password",   "password!",  "password1",
    "password12", "password123", "password1234",  "princess",   "princess1",  "q1w2e3r4",
    "q1w2e3r4t5", "qazwsxedc",   "qwer1234",      "qwerty12",   "qwerty123",  "qwertyui",
    "qwertyuiop", "samantha",    "starwars",      "sunshine",   "superman",   "trustno1",
    "victoria",   "welcome1",    "welcome123",    "whatever",   "zaq12wsx",   "zxcvbnm1"};
static_assert(std::ranges::is_sorted(common_passwords));

}  // namespace

Result<void> check_password(std::string_view password, std::string_view email) {
    if (!is_utf8(password)) {
        return fail(errors::weak_password, "The password is not valid UTF-8 text.");
    }
    const std::size_t length = code_points(password);
    if (length < password_length_min || length > password_length_max) {
        return fail(errors::weak_password, cat("A password has ", password_length_min, " to ",
                                               password_length_max, " characters."));
    }
    if (ascii_equal_ignoring_case(password, email)) {
        return fail(errors::weak_password, "The password must not be the e-mail address.");
    }
    if (std::ranges::binary_search(common_passwords, std::string_view(ascii_lower(password)))) {
        return fail(errors::weak_password,
                    "This password is one of the most common ones; choose another.");
    }
    return {};
}

}  // namespace souk
