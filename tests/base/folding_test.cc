#include "domain/base/folding.h"

#include <gtest/gtest.h>

#include "domain/base/text.h"

namespace souk {
namespace {

using Words = std::vector<std::string>;

TEST(Folded, IsWhatPeopleType) {
    EXPECT_EQ(folded("Crème Brûlée"), "creme brulee");
    EXPECT_EQ(folded("GRÜNE Äpfel, Straße"), "grune apfel, strasse");
    EXPECT_EQ(folded("Łódź Ærø İstanbul ŒUVRE"), "lodz aero istanbul oeuvre");
    EXPECT_EQ(folded("Đặc biệt"), "dac biet");
    EXPECT_EQ(folded("ΚΑΦΈΣ καφές"), "καφεσ καφεσ");
    EXPECT_EQ(folded("ЁЛКА ёлка"), "елка елка");
    EXPECT_EQ(folded("ＡＢＣ１２"), "abc12");
    EXPECT_EQ(folded("日本 عربي"), "日本 عربي");
}

TEST(Folded, IsTheSameForComposedAndDecomposedLetters) {
    EXPECT_EQ(folded("Cafe\xCC\x81"), folded("Caf\xC3\xA9"));
}

TEST(Folded, StaysAsItIsWhenFoldedAgain) {
    for (std::uint32_t point = 1; point < 0x3000; ++point) {
        std::string text;
        if (point < 0x80) {
            text = static_cast<char>(point);
        } else if (point < 0x800) {
            text = {static_cast<char>(0xC0U | (point >> 6U)),
                    static_cast<char>(0x80U | (point & 0x3FU))};
        } else {
            text = {static_cast<char>(0xE0U | (point >> 12U)),
                    static_cast<char>(0x80U | ((point >> 6U) & 0x3FU)),
                    static_cast<char>(0x80U | (point & 0x3FU))};
        }
        ASSERT_TRUE(is_utf8(folded(text))) << point;
        ASSERT_EQ(folded(folded(text)), folded(text)) << point;
    }
}

TEST(Folded, SurvivesWhatIsNoText) {
    EXPECT_EQ(folded("a\xC3").substr(0, 1), "a");
    EXPECT_EQ(folded(""), "");
}

TEST(WordsOf, AreDividedBySignsOfAnyScript) {
    EXPECT_EQ(words_of("“Tea–Set”, 24×30cm (red)"), (Words{"tea", "set", "24", "30cm", "red"}));
    EXPECT_EQ(words_of("!! … —"), Words{});
}

TEST(WordsOf, AreJoinedByAnApostrophe) {
    EXPECT_EQ(words_of("Children's child’s"), (Words{"childrens", "childs"}));
}

TEST(WordsOf, AreSingleCharactersInHanAndKana) {
    EXPECT_EQ(words_of("青い皿 Set"), (Words{"青", "い", "皿", "set"}));
    EXPECT_EQ(words_of("한국 찻잔"), (Words{"한국", "찻잔"}));
}

}  // namespace
}  // namespace souk
