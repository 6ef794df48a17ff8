#include "domain/base/clipped_text.h"

#include <gtest/gtest.h>

#include "domain/base/text.h"

namespace souk {
namespace {

TEST(ClippedText, KeepsWholeCharactersOnly) {
    const std::string text = "aé日😀";  // Of 1, 2, 3 and 4 bytes.
    const std::size_t whole[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};
    for (std::size_t most = 0; most < std::size(whole); ++most) {
        EXPECT_EQ(clipped(text, most), text.substr(0, whole[most])) << most;
        EXPECT_TRUE(is_utf8(clipped(text, most)));
    }
    EXPECT_EQ(clipped("", 3), "");
}

TEST(ClippedText, OfWhatIsNoUtf8KeepsAllButThreeBytes) {
    const std::string noise(10, '\x80');
    EXPECT_EQ(clipped(noise, 10).size(), 10u);
    EXPECT_EQ(clipped(noise, 8).size(), 5u);
    EXPECT_EQ(clipped(noise, 2).size(), 0u);
}

TEST(ClippedText, IsReadableWhateverItWas) {
    EXPECT_EQ(readable("aé日"), "aé日");
    EXPECT_EQ(readable("a\xE9z"), "a?z");
    EXPECT_EQ(readable("é\xFF"), "???")
        << "Of a text that is none, nothing beyond ASCII is believed.";
}

}  // namespace
}  // namespace souk
