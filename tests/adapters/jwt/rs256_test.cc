#include "adapters/jwt/rs256.h"

#include <gtest/gtest.h>

#include "domain/base/text.h"

namespace souk {

// RFC 7515, appendix A.2: key, signing input and signature.
namespace {
constexpr const char* modulus =
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-"
    "4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-"
    "yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-"
    "bSf63kpaSHSXndS5z5rexMdbBYUsLA9e"
    "-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-"
    "DWNmoudF8NAco9"
    "_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
constexpr const char* message =
    "eyJhbGciOiJSUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc1"
    "9yb290Ijp0cnVlfQ";
constexpr const char* signature =
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_"
    "O8W2Fp5jujGbds9u"
    "JdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_"
    "nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_e"
    "SN9383LcOLn6_dO--xi12jzDwusC-"
    "eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5"
    "AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
}  // namespace

TEST(Rs256, ProvesThePublishedSignature) {
    const rs256::Key key = rs256::public_key(modulus, "AQAB");
    ASSERT_NE(key, nullptr);
    EXPECT_TRUE(rs256::verify(key, message, *from_base64url(signature)));
}

TEST(Rs256, RefusesAnyOtherMessageOrSignature) {
    const rs256::Key key = rs256::public_key(modulus, "AQAB");
    std::string bytes = *from_base64url(signature);
    EXPECT_FALSE(rs256::verify(key, cat(message, "x"), bytes));
    EXPECT_FALSE(rs256::verify(key, message, ""));
    EXPECT_FALSE(rs256::verify(key, message, bytes + "x"));
    bytes[100] = static_cast<char>(bytes[100] ^ 1);
    EXPECT_FALSE(rs256::verify(key, message, bytes));
}

TEST(Rs256, TakesNoShorterKeyThanItsBound) {
    std::string number(rs256::key_bits_min / 8, '\xFF');
    const auto key = [&] { return rs256::public_key(to_base64url(number), "AQAB"); };
    EXPECT_NE(key(), nullptr);
    number.front() = '\x80';
    EXPECT_NE(key(), nullptr);
    number.front() = '\x7F';
    EXPECT_EQ(key(), nullptr);
    number.insert(0, 1, '\0');  // Zeros in front make it no longer.
    EXPECT_EQ(key(), nullptr);
}

TEST(Rs256, MakesNoKeyOfWhatIsNone) {
    const std::string short_modulus = to_base64url(std::string(128, '\xC1'));
    for (const auto& [n, e] : {std::pair<std::string, std::string>("", "AQAB"),
                               {modulus, ""},
                               {"not base64!", "AQAB"},
                               {short_modulus, "AQAB"},
                               {modulus, "AQ"},
                               {modulus, "Ag"}}) {
        EXPECT_EQ(rs256::public_key(n, e), nullptr) << n << " " << e;
    }
}

}  // namespace souk
