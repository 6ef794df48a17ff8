#include "domain/ports/cursor.h"

#include <gtest/gtest.h>

#include "adapters/memory/test_environment.h"
#include "domain/base/text.h"

namespace souk {

class Cursor : public ::testing::Test {
protected:
    TestEnvironment test;
    Environment environment = test.environment();
};

TEST_F(Cursor, OpensForTheScopeThatItWasSealedFor) {
    const std::string cursor = seal_cursor(environment, "products#store_1", "title#1");
    EXPECT_EQ(*open_cursor(environment, "products#store_1", cursor), "title#1");
}

TEST_F(Cursor, IsTheSameForTheSamePlace) {
    EXPECT_EQ(seal_cursor(environment, "s", "t"), seal_cursor(environment, "s", "t"));
}

TEST_F(Cursor, OfNothingIsTheFirstPage) { EXPECT_EQ(*open_cursor(environment, "s", ""), ""); }

TEST_F(Cursor, OpensForNoOtherScope) {
    const std::string cursor = seal_cursor(environment, "ab", "c");
    EXPECT_EQ(open_cursor(environment, "a", cursor).error().code, errors::invalid_cursor);
    EXPECT_EQ(open_cursor(environment, "abc", cursor).error().code, errors::invalid_cursor);
}

TEST_F(Cursor, OpensForNoOtherWayToCutScopeAndText) {
    const std::string sealed = *from_base64url(seal_cursor(environment, "ab", "c"));
    const std::string forged = to_base64url(cat(sealed.substr(0, sealed.size() - 1), "bc"));
    EXPECT_EQ(open_cursor(environment, "a", forged).error().code, errors::invalid_cursor);
}

TEST_F(Cursor, OpensForNoOtherInstallation) {
    const std::string cursor = seal_cursor(environment, "s", "t");
    environment.secret = std::string(32, 'x');
    EXPECT_EQ(open_cursor(environment, "s", cursor).error().code, errors::invalid_cursor);
}

TEST_F(Cursor, RefusesEveryChangedCharacter) {
    const std::string cursor = seal_cursor(environment, "s", "title#1");
    for (std::size_t i = 0; i < cursor.size(); ++i) {
        std::string forged = cursor;
        forged[i] = forged[i] == 'A' ? 'B' : 'A';
        EXPECT_FALSE(open_cursor(environment, "s", forged)) << i;
    }
    EXPECT_FALSE(open_cursor(environment, "s", "short"));
    EXPECT_FALSE(open_cursor(environment, "s", "not base64!"));
}

TEST_F(Cursor, FitsTheQueryParameter) {
    EXPECT_LE(seal_cursor(environment, "s", std::string(cursor_text_max, 'x')).size(), 2048u);
}

}  // namespace souk
