#include "domain/notifications/signature.h"

#include <gtest/gtest.h>

#include "adapters/memory/seeded_crypto.h"
#include "domain/base/text.h"

namespace souk::notifications {
namespace {

// Source: the example of the Standard Webhooks reference libraries.
constexpr std::string_view example_secret = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr std::string_view example_id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
constexpr std::string_view example_body = R"({"test": 2432232314})";
constexpr std::string_view example_signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
const Instant example_time = Instant::from_unix_ms(1'614'265'330'000);

TEST(Signature, IsThatOfTheSpecificationsExample) {
    const SeededCrypto crypto;
    EXPECT_EQ(
        signatures(crypto, {*from_base64(example_secret)}, example_id, example_time, example_body),
        example_signature);
}

TEST(Signature, ComesOncePerSecretSeparatedBySpaces) {
    const SeededCrypto crypto;
    const std::string both = signatures(crypto, {"another secret", *from_base64(example_secret)},
                                        example_id, example_time, example_body);
    const auto parts = split(both, ' ');
    ASSERT_EQ(parts.size(), 2U);
    EXPECT_TRUE(parts[0].starts_with("v1,"));
    EXPECT_EQ(parts[1], example_signature);
}

TEST(Signature, CountsTheTimeInWholeSeconds) {
    const SeededCrypto crypto;
    const auto sign = [&](Instant time) {
        return signatures(crypto, {"secret"}, example_id, time, example_body);
    };
    EXPECT_EQ(sign(example_time), sign(example_time + std::chrono::milliseconds(999)));
    EXPECT_NE(sign(example_time), sign(example_time + std::chrono::seconds(1)));
}

TEST(Signature, SecretsAreShownAsTheSpecificationSays) {
    EXPECT_EQ(secret_text(*from_base64(example_secret)), cat("whsec_", example_secret));
}

}  // namespace
}  // namespace souk::notifications
