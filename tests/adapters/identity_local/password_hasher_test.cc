#include "adapters/identity_local/password_hasher.h"

#include <gtest/gtest.h>

#include <future>
#include <vector>

#include "domain/ports/identity.h"

namespace souk {

TEST(PasswordHasher, HashesWithTheParametersOfOwasp) {
    PasswordHasher hasher(1);
    const auto hash = hasher.hash("a password");
    ASSERT_TRUE(hash);
    EXPECT_TRUE(hash->starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << *hash;
}

TEST(PasswordHasher, SaltsEachHash) {
    PasswordHasher hasher(1);
    EXPECT_NE(*hasher.hash("a password"), *hasher.hash("a password"));
}

TEST(PasswordHasher, KnowsTheRightPasswordAlone) {
    PasswordHasher hasher(1);
    const auto hash = hasher.hash(std::string("a\0b password", 12));
    EXPECT_TRUE(*hasher.verify(std::string_view("a\0b password", 12), *hash));
    EXPECT_FALSE(*hasher.verify(std::string_view("a\0c password", 12), *hash));
    EXPECT_FALSE(*hasher.verify("a", *hash));
    EXPECT_FALSE(*hasher.verify("", *hash));
}

TEST(PasswordHasher, KnowsNoPasswordOfAnUnknownAccount) {
    PasswordHasher hasher(1);
    EXPECT_FALSE(*hasher.verify("a password", std::nullopt));
    EXPECT_FALSE(*hasher.verify("", std::nullopt));
}

TEST(PasswordHasher, RefusesWhoComesBeyondTheQueue) {
    PasswordHasher hasher(0);
    EXPECT_EQ(hasher.hash("a password").error().code, errors::identity_unavailable);
    EXPECT_EQ(hasher.verify("a password", std::nullopt).error().code, errors::identity_unavailable);
}

TEST(PasswordHasher, ServesManyCallersOneByOne) {
    PasswordHasher hasher(16);
    std::vector<std::future<bool>> callers;
    for (int i = 0; i < 16; ++i) {
        callers.push_back(std::async(std::launch::async, [&hasher, i] {
            const std::string password = "password of " + std::to_string(i);
            const auto hash = hasher.hash(password);
            return hash && hasher.verify(password, *hash).value_or(false);
        }));
    }
    for (auto& caller : callers) {
        EXPECT_TRUE(caller.get());
    }
}

}  // namespace souk
