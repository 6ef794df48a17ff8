#include "adapters/accounts/totp.h"

#include <gtest/gtest.h>

namespace souk {

// RFC 6238, appendix B, SHA-1; the last six of its eight digits.
TEST(Totp, GivesThePublishedCodes) {
    const std::string secret = "12345678901234567890";
    const std::pair<std::int64_t, std::string> cases[] = {
        {59, "287082"},         {1111111109, "081804"}, {1111111111, "050471"},
        {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"}};
    for (const auto& [seconds, code] : cases) {
        const auto now = Instant::from_unix_ms(seconds * 1000);
        EXPECT_EQ(totp::code(secret, totp::step_at(now)), code) << seconds;
    }
}

TEST(Totp, AddressCarriesTheSecretInBase32) {
    EXPECT_EQ(totp::address("12345678901234567890", "ann+x@example.com"),
              "otpauth://totp/Souk:ann%2Bx%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
              "&issuer=Souk&algorithm=SHA1&digits=6&period=30");
}

TEST(Totp, AcceptsNoStepUpToTheLastOne) {
    const auto now = Instant::from_unix_ms(1'767'225'600'000);
    const std::int64_t step = totp::step_at(now);
    EXPECT_EQ(totp::accepted_step("secret", totp::code("secret", step), now, step - 1), step);
    EXPECT_EQ(totp::accepted_step("secret", totp::code("secret", step), now, step), std::nullopt);
}

}  // namespace souk
