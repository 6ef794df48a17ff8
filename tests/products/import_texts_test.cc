#include "products/import_shop.h"

/// What an import makes of texts: those of more than a line, and those that are not in Latin.
namespace souk::products {

class ImportTexts : public ImportProducts {
protected:
    static constexpr const char* columns =
        "Handle,Title,Body (HTML),Vendor,Type,Tags,Option1 Name,Option1 Value,Variant SKU,Variant "
        "Barcode,Variant Price,SEO Description\n";
    using Cells = std::vector<std::pair<std::string, std::string>>;

    /// A product that is right but for these cells.
    static std::string file(const Cells& other) {
        std::string line;
        for (const auto& [column, good] : Cells{{"Handle", "p"},
                                                {"Title", "P"},
                                                {"Body (HTML)", ""},
                                                {"Vendor", "v"},
                                                {"Type", "t"},
                                                {"Tags", "a"},
                                                {"Option1 Name", "Size"},
                                                {"Option1 Value", "S"},
                                                {"Variant SKU", "X"},
                                                {"Variant Barcode", "1"},
                                                {"Variant Price", "1"},
                                                {"SEO Description", ""}}) {
            const auto found =
                std::ranges::find(other, column, &std::pair<std::string, std::string>::first);
            line +=
                cat(line.empty() ? "\"" : ",\"", found == other.end() ? good : found->second, "\"");
        }
        return cat(columns, line, "\n");
    }
};

// The API refuses them, and answers with them did not fit their own schema.
TEST_F(ImportTexts, OfMoreThanALineAreMistakesWhereTheApiRefusesThem) {
    for (const char* column : {"Title", "Vendor", "Type", "Tags", "Option1 Name", "Option1 Value",
                               "Variant SKU", "Variant Barcode"}) {
        for (const char* bad : {"a\nb", "a\r\nb", "a\tb", "a\x01",
                                "\x7F"
                                "b",
                                "a\u0085"
                                "b",
                                "a\u2028"
                                "b"}) {
            const Import import = run(file({{column, bad}}));
            EXPECT_EQ(errors_of(import), cat("2:", column, " ")) << bad;
            EXPECT_EQ(counts(import), "0/0/0/1") << column;
        }
    }
    EXPECT_EQ(get(staff(), "p").code, "not_found");
}

TEST_F(ImportTexts, OfMoreThanALineComeInWhereTheApiTakesThem) {
    const std::string csv =
        file({{"Body (HTML)", "<p>a</p>\r\n\t<p>b</p>"}, {"SEO Description", "one\ntwo"}});
    EXPECT_EQ(counts(run(csv)), "1/0/0/0");
    EXPECT_EQ(get(staff(), "p").json()["description"].text_or(), "<p>a</p>\r\n\t<p>b</p>");
    EXPECT_EQ(get(staff(), "p").json()["seo"]["description"].text_or(), "one\ntwo");
    EXPECT_EQ(counts(run(csv)), "0/0/1/0");
}

TEST_F(ImportTexts, ThatAreOptionsNamesHaveALimit) {
    EXPECT_EQ(counts(run(file({{"Option1 Name", std::string(option_name_max, 'n')}}))), "1/0/0/0");
    const Import longer = run(file({{"Option1 Name", std::string(option_name_max + 1, 'n')}}));
    EXPECT_EQ(errors_of(longer), "2:Option1 Name ");
}

// "The row names no product", of each of a Japanese shop's.
TEST_F(ImportTexts, InAnyScriptCanBeHandles) {
    const std::string csv =
        "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price\n"
        "日本,JP,サイズ,大,,1\n"
        "日本,,サイズ,小,,2\n"
        "中国,CN,サイズ,大,l15,1\n"
        "日本,,サイズ,中,,2\n"
        "---,Dashes,,,l16,1\n"
        "--,Fewer,,,l17,1\n"
        "Книга,Book,,,l18,1\n";
    const Import import = run(csv);
    EXPECT_EQ(counts(import), "5/0/0/0") << errors_of(import);
    const Answer japan = get(staff(), cat("p-", fingerprint("日本")));
    ASSERT_EQ(japan.status, 200);
    EXPECT_EQ(japan.json()["title"].text_or(), "JP");
    EXPECT_EQ(japan.json()["variants"].size(), 3u);
    const std::string before = catalogue();
    EXPECT_EQ(counts(run(csv)), "0/0/5/0");
    EXPECT_TRUE(catalogue() == before);
}

TEST_F(ImportTexts, WithSomeLatinLettersAreTheHandlesTheyWere) {
    run("Handle,Title,Variant Price\n日本 Tee,JP,1\nCafé Crème,C,1\nplain--one,P,1\n");
    for (const char* handle : {"tee", "cafe-creme", "plain--one"}) {
        EXPECT_EQ(get(staff(), handle).status, 200) << handle;
    }
}

TEST_F(ImportTexts, DoNotStandInForAHandleThatIsMissing) {
    const Import import = run("Handle,Title,Variant Price\n,,1\n,日本,1\n,Globe,1\n");
    EXPECT_EQ(errors_of(import), "2:Handle 3:Handle ");
    EXPECT_EQ(get(staff(), "globe").status, 200);
}

TEST(Fingerprint, IsThatOfItsSource) {
    // Source: the FNV reference's test vectors.
    EXPECT_EQ(fingerprint(""), "6c62272e07bb014262b821756295c58d");
    EXPECT_EQ(fingerprint("a"), "d228cb696f1a8caf78912b704e4a8964");
    EXPECT_EQ(fingerprint("foobar"), "343e1662793c64bf6f0d3597ba446f18");
}

TEST(Fingerprint, TellsHandlesApart) {
    std::set<std::string> seen;
    std::size_t count = 0;
    // Pairs of kana and Han characters, as titles are made of.
    for (unsigned first = 0x3041; first < 0x3097; ++first) {
        for (unsigned second = 0x4E00; second < 0x5000; ++second, ++count) {
            std::string text;
            for (const unsigned point : {first, second}) {
                text += static_cast<char>(0xE0 | (point >> 12));
                text += static_cast<char>(0x80 | ((point >> 6) & 0x3F));
                text += static_cast<char>(0x80 | (point & 0x3F));
            }
            seen.insert(fingerprint(text));
        }
    }
    EXPECT_EQ(seen.size(), count);
}

// The values of the second variant left the same SKU as those of the first.
TEST_F(ImportTexts, OfOptionsInAnyScriptMakeSkusOfTheirOwn) {
    const std::string id = create(
        R"({"title":"Tee","variants":[
            {"price":{"amount":1,"currency":"EUR"},"option_values":{"サイズ":"大"}},
            {"price":{"amount":1,"currency":"EUR"},"option_values":{"サイズ":"小"}},
            {"price":{"amount":1,"currency":"EUR"},"option_values":{"サイズ":"L"}}]})");
    const Answer tee = get(staff(), id);
    EXPECT_EQ(tee.json()["variants"].at(0)["sku"].text_or(), cat("tee-", fingerprint("大\n")));
    EXPECT_EQ(tee.json()["variants"].at(2)["sku"].text_or(), "tee-l");
    const std::string longest(200, 'h');
    EXPECT_EQ(sku_from(longest, {{"サイズ", "大"}}).size(), static_cast<std::size_t>(sku_max));
    EXPECT_NE(sku_from(longest, {{"サイズ", "大"}}), sku_from(longest, {{"サイズ", "小"}}));
}

}  // namespace souk::products
