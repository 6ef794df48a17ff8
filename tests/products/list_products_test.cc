#include "domain/products/limits.h"
#include "products/shop.h"

namespace souk::products {

class ListProducts : public Shop {
protected:
    std::string titles(const Answer& page) {
        std::string all;
        for (std::size_t i = 0; i < page.json()["items"].size(); ++i) {
            all += cat(all.empty() ? "" : " ", page.json()["items"].at(i)["title"].text_or());
        }
        return all;
    }
    std::string list(Parameters query, const Caller& caller) {
        return titles(call(caller, "list_products", {}, "", std::move(query)));
    }
    std::string list(Parameters query = {}) { return list(std::move(query), guest()); }
    void stock_the_shelves() {
        sell("Cup", "C1", 300, 1, R"(,"tags":["Kitchen"],"vendor":"Acme")");
        environment.clock.advance(std::chrono::seconds(1));
        sell("apple", "A1", 100, 0, R"(,"tags":["Food"])");
        environment.clock.advance(std::chrono::seconds(1));
        sell("Bowl", "B1", 200, 3, R"(,"tags":["kitchen","Food"],"vendor":"Acme")");
    }
};

TEST_F(ListProducts, SortsBothWays) {
    stock_the_shelves();
    EXPECT_EQ(list({{"sort", "title"}}), "apple Bowl Cup");
    EXPECT_EQ(list({{"sort", "-title"}}), "Cup Bowl apple");
    EXPECT_EQ(list({{"sort", "price"}}), "apple Bowl Cup");
    EXPECT_EQ(list({{"sort", "-price"}}), "Cup Bowl apple");
    EXPECT_EQ(list({{"sort", "created"}}), "Cup apple Bowl");
    EXPECT_EQ(list(), "Bowl apple Cup");
}

TEST_F(ListProducts, Filters) {
    stock_the_shelves();
    EXPECT_EQ(list({{"tag", "KITCHEN"}}), "Bowl Cup");
    EXPECT_EQ(list({{"tag", "none"}}), "");
    EXPECT_EQ(list({{"q", "ACME cup"}}), "Cup");
    EXPECT_EQ(list({{"q", "b1"}}), "Bowl");
    EXPECT_EQ(list({{"q", "!!"}}), "");
    EXPECT_EQ(list({{"price_min", "150"}, {"price_max", "250"}}), "Bowl");
    EXPECT_EQ(list({{"in_stock", "true"}}), "Bowl Cup");
    EXPECT_EQ(list({{"in_stock", "false"}}), "apple");
    EXPECT_EQ(list({{"tag", "food"}, {"in_stock", "true"}, {"q", "acme"}, {"price_max", "200"}}),
              "Bowl");
}

TEST_F(ListProducts, SearchFindsWordsByHowTheyBegin) {
    sell("Garden Chair", "GC-12", 100, 1, R"(,"vendor":"Küche & Söhne")");
    environment.clock.advance(std::chrono::seconds(1));
    sell("Gardener's glove", "GC-120", 100, 1);
    environment.clock.advance(std::chrono::seconds(1));
    sell("Red garland", "12CM", 100, 1);
    EXPECT_EQ(list({{"q", "gard"}, {"sort", "created"}}), "Garden Chair Gardener's glove");
    EXPECT_EQ(list({{"q", "gar gl"}}), "Gardener's glove");
    EXPECT_EQ(list({{"q", "gardeners"}}), "Gardener's glove");
    EXPECT_EQ(list({{"q", "arden"}}), "");
    EXPECT_EQ(list({{"q", "KUCHE söh"}}), "Garden Chair");
    EXPECT_EQ(list({{"q", "GC-12"}}), "Garden Chair");
    EXPECT_EQ(list({{"q", "12"}}), "Red garland Garden Chair");
    EXPECT_EQ(list({{"q", "g"}}), "");
}

TEST_F(ListProducts, SearchFindsWhatAVariantIsCalled) {
    create(R"({"title":"Tee","status":"published","variants":[
        {"sku":"T-R","price":{"amount":1,"currency":"EUR"},"option_values":{"Colour":"Ruby red"}},
        {"sku":"T-B","price":{"amount":1,"currency":"EUR"},"option_values":{"Colour":"Blue"}}]})");
    EXPECT_EQ(list({{"q", "ruby tee"}}), "Tee");
    EXPECT_EQ(list({{"q", "colour"}}), "");
}

// The bug: any text passed for a cursor there.
TEST_F(ListProducts, OfACategoryThatIsNotThereTakesNoForgedCursor) {
    const auto listed = [&](Parameters query) {
        return call(guest(), "list_products", {}, "", query);
    };
    EXPECT_EQ(listed({{"category", "none"}}).status, 200);
    EXPECT_EQ(listed({{"category", "none"}, {"cursor", "garbage"}}).code, "invalid_cursor");
}

TEST_F(ListProducts, SearchFindsAllThoughManyWordsBeginAlike) {
    for (std::size_t i = 0; i < 2 * lists_merged_max; ++i) {
        const std::string letters{static_cast<char>('a' + i % 26), static_cast<char>('a' + i / 26)};
        sell(cat("pre", letters), cat("S-", i), static_cast<std::int64_t>(i), 1);
    }
    std::size_t found = 0;
    std::string cursor;
    do {
        Parameters query{{"q", "pre"}, {"limit", "7"}, {"sort", "price"}};
        if (!cursor.empty()) {
            query.emplace_back("cursor", cursor);
        }
        const Answer page = call(guest(), "list_products", {}, "", query);
        for (std::size_t i = 0; i < page.json()["items"].size(); ++i) {
            EXPECT_EQ(page.json()["items"].at(i)["variants"].at(0)["sku"].text_or(),
                      cat("S-", found++));
        }
        cursor = page.json()["next_cursor"].text_or();
    } while (!cursor.empty());
    EXPECT_EQ(found, 2 * lists_merged_max);
}

TEST_F(ListProducts, SearchMergesTheListsOfManyWordsInOrder) {
    for (int i = 0; i < 60; ++i) {
        const char word = static_cast<char>('a' + i % 7);
        sell(cat("pre", word, " prefix"), cat("S-", i), i, 1);
    }
    std::string seen;
    std::string cursor;
    for (int pages = 0; pages < 20; ++pages) {
        Parameters query{{"q", "pre"}, {"limit", "9"}, {"sort", "-price"}};
        if (!cursor.empty()) {
            query.emplace_back("cursor", cursor);
        }
        const Answer page = call(guest(), "list_products", {}, "", query);
        for (std::size_t i = 0; i < page.json()["items"].size(); ++i) {
            seen += cat(
                page.json()["items"].at(i)["variants"].at(0)["price"]["amount"].integer_or(0), " ");
        }
        cursor = page.json()["next_cursor"].text_or();
        if (cursor.empty()) {
            break;
        }
    }
    std::string expected;
    for (int i = 59; i >= 0; --i) {
        expected += cat(i, " ");
    }
    EXPECT_EQ(seen, expected);
}

TEST_F(ListProducts, ACategoryShowsWhatIsBelowIt) {
    const auto category = [&](const std::string& body) {
        return call(staff(), "create_category", {}, body).json()["id"].text_or();
    };
    const std::string top = category(R"({"name":"Clothes"})");
    const std::string middle = category(cat(R"({"name":"Tops","parent_id":")", top, "\"}"));
    const std::string low = category(cat(R"({"name":"Tees","parent_id":")", middle, "\"}"));
    const std::string other = category(R"({"name":"Toys"})");
    const auto in = [](const std::string& id) { return cat(R"(,"category_ids":[")", id, "\"]"); };
    sell("Coat", "C", 300, 1, in(top));
    sell("Tee", "T", 100, 1, cat(R"(,"category_ids":[")", low, "\",\"", top, "\"]"));
    sell("Blouse", "B", 200, 1, in(middle));
    sell("Car", "K", 50, 1, in(other));
    EXPECT_EQ(list({{"category", "clothes"}, {"sort", "price"}}), "Tee Blouse Coat");
    EXPECT_EQ(list({{"category", middle}, {"sort", "-price"}}), "Blouse Tee");
    EXPECT_EQ(list({{"category", low}}), "Tee");
    EXPECT_EQ(list({{"category", "clothes"}, {"q", "co"}}), "Coat");
}

TEST_F(ListProducts, TitlesSortWithoutRegardToAccents) {
    sell("Zebra", "Z", 100, 1);
    sell("Éclair", "E", 100, 1);
    sell("Apple", "A", 100, 1);
    EXPECT_EQ(list({{"sort", "title"}}), "Apple Éclair Zebra");
}

TEST_F(ListProducts, RefusesParametersThatDoNotFit) {
    EXPECT_EQ(call(guest(), "list_products", {}, "", {{"sort", "colour"}}).pointers(),
              "?sort:not_allowed");
    EXPECT_EQ(call(guest(), "list_products", {}, "", {{"price_min", "-1"}}).pointers(),
              "?price_min:too_small");
    EXPECT_EQ(call(guest(), "list_products", {}, "", {{"in_stock", "yes"}}).pointers(),
              "?in_stock:wrong_type");
}

TEST_F(ListProducts, ShowsDraftsToStaffAlone) {
    stock_the_shelves();
    create(R"({"title":"Draft"})");
    EXPECT_EQ(list({{"sort", "title"}}), "apple Bowl Cup");
    EXPECT_EQ(list({{"sort", "title"}}, staff()), "apple Bowl Cup Draft");
    EXPECT_EQ(list({{"sort", "-title"}}, staff()), "Draft Cup Bowl apple");
    EXPECT_EQ(list({{"status", "draft"}}, staff()), "Draft");
    EXPECT_EQ(list({{"status", "draft"}}), "");
    EXPECT_EQ(list({{"q", "draft"}}, staff()), "Draft");
}

TEST_F(ListProducts, FollowsEveryChange) {
    const std::string id = sell("Cup", "C1", 300, 1, R"(,"tags":["Kitchen"])");
    call(staff(), "change_product", {{"product", id}}, R"({"title":"Mug","tags":["Office"]})");
    EXPECT_EQ(list({{"q", "cup"}}), "");
    EXPECT_EQ(list({{"q", "mug"}}), "Mug");
    EXPECT_EQ(list({{"tag", "kitchen"}}), "");
    call(staff(), "unpublish_product", {{"product", id}});
    EXPECT_EQ(list(), "");
    call(staff(), "publish_product", {{"product", id}});
    EXPECT_EQ(list({{"tag", "office"}}), "Mug");
    call(staff(), "delete_product", {{"product", id}});
    EXPECT_EQ(list({{"tag", "office"}}), "");
}

TEST_F(ListProducts, PagesShowEachProductOnceInEveryOrder) {
    for (int i = 0; i < 23; ++i) {
        sell(cat("Thing ", i % 7), cat("T", i), 100 + i % 5, 1);
        if (i % 3 == 0) {
            create(cat(R"({"title":"Draft )", i % 4, R"(","variants":[{"sku":"D)", i,
                       R"(","price":{"amount":)", 100 + i % 6, R"(,"currency":"EUR"}}]})"));
        }
        environment.clock.advance(std::chrono::milliseconds(i % 2));
    }
    for (const std::string sort : {"title", "-title", "price", "-price", "created", "-created"}) {
        for (const auto& [caller, count] : {std::pair(guest(), 23u), std::pair(staff(), 31u)}) {
            std::set<std::string> seen;
            std::string cursor;
            int pages = 0;
            do {
                Parameters query{{"sort", sort}, {"limit", "4"}};
                if (!cursor.empty()) {
                    query.emplace_back("cursor", cursor);
                }
                const Answer page = call(caller, "list_products", {}, "", query);
                ASSERT_EQ(page.status, 200) << page.error.detail;
                for (std::size_t i = 0; i < page.json()["items"].size(); ++i) {
                    EXPECT_TRUE(seen.insert(page.json()["items"].at(i)["id"].text_or()).second);
                }
                cursor = page.json()["next_cursor"].text_or();
                ++pages;
            } while (!cursor.empty());
            EXPECT_EQ(seen.size(), count) << sort;
            EXPECT_LE(pages, 9);
        }
    }
}

TEST_F(ListProducts, AListByPriceReadsNothingAboveTheHighestWanted) {
    stock_the_shelves();
    for (int i = 0; i < 60; ++i) {
        sell(cat("Dear ", i), cat("D", i), 1000 + i, 1);
    }
    for (const std::string price : {"100", "199", "200"}) {
        const std::string expected = price == "200" ? "apple Bowl" : "apple";
        ledger.rows_read = 0;
        EXPECT_EQ(list({{"sort", "price"}, {"price_max", price}}), expected);
        EXPECT_LT(ledger.rows_read, 10U);
        ledger.rows_read = 0;
        const Answer dearest_first =
            call(guest(), "list_products", {}, "", {{"sort", "-price"}, {"price_max", price}});
        EXPECT_EQ(dearest_first.json()["items"].at(0)["title"].text_or(),
                  price == "200" ? "Bowl" : "apple");
        EXPECT_TRUE(dearest_first.json()["next_cursor"].is_null());
        EXPECT_LT(ledger.rows_read, 10U);
    }
}

TEST_F(ListProducts, CursorsAreBoundToStoreQueryAndAudience) {
    stock_the_shelves();
    const Answer page = call(guest(), "list_products", {}, "", {{"sort", "title"}, {"limit", "1"}});
    const std::string cursor = page.json()["next_cursor"].text_or();
    EXPECT_EQ(
        call(guest(), "list_products", {}, "", {{"sort", "title"}, {"cursor", cursor}}).status,
        200);
    EXPECT_EQ(call(guest(), "list_products", {}, "", {{"sort", "price"}, {"cursor", cursor}}).code,
              "invalid_cursor");
    EXPECT_EQ(call(guest(), "list_products", {}, "",
                   {{"sort", "title"}, {"tag", "food"}, {"cursor", cursor}})
                  .code,
              "invalid_cursor");
    EXPECT_EQ(call(staff(), "list_products", {}, "", {{"sort", "title"}, {"cursor", cursor}}).code,
              "invalid_cursor");
    Caller other = guest();
    other.store = other_store;
    EXPECT_EQ(call(other, "list_products", {}, "", {{"sort", "title"}, {"cursor", cursor}}).code,
              "invalid_cursor");
    EXPECT_EQ(call(guest(), "list_products", {}, "", {{"cursor", "forged"}}).code,
              "invalid_cursor");
}

TEST_F(ListProducts, APageReadsABoundedNumberOfRows) {
    for (int i = 0; i < 700; ++i) {
        sell(cat("Thing ", i), cat("T", i), 100, 0);
    }
    ledger.rows_read = 0;
    const Answer page =
        call(guest(), "list_products", {}, "", {{"in_stock", "true"}, {"limit", "100"}});
    EXPECT_EQ(page.json()["items"].size(), 0u);
    EXPECT_FALSE(page.json()["next_cursor"].text_or().empty());
    EXPECT_LE(ledger.rows_read, page_reads_max);
    const Answer next = call(
        guest(), "list_products", {}, "",
        {{"in_stock", "true"}, {"limit", "100"}, {"cursor", page.json()["next_cursor"].text_or()}});
    EXPECT_TRUE(next.json()["next_cursor"].is_null());
}

TEST_F(ListProducts, APageLooksAtABoundedNumberOfProducts) {
    for (std::size_t i = 0; i < page_rows_max; ++i) {
        sell(cat("Thing ", i), cat("T", i), 100, 0);
    }
    const auto page = [&] {
        return call(guest(), "list_products", {}, "",
                    {{"in_stock", "true"}, {"limit", "100"}, {"sort", "title"}});
    };
    EXPECT_TRUE(page().json()["next_cursor"].is_null());
    sell("Things to come", "T", 100, 1);
    const Answer first = page();
    EXPECT_EQ(first.json()["items"].size(), 0u);
    const std::string cursor = first.json()["next_cursor"].text_or();
    EXPECT_EQ(list({{"in_stock", "true"}, {"sort", "title"}, {"cursor", cursor}}),
              "Things to come");
}

TEST_F(ListProducts, SearchHeedsTheFirstWordsOfAQuery) {
    std::string title, missed_first = "missing", missed_last;
    for (std::size_t i = 1; i < query_terms_max; ++i) {
        title += cat("w", i, " ");
        missed_first += cat("+w", i);
    }
    sell(title, "X", 100, 1);
    EXPECT_EQ(list({{"q", title + "missing"}}), "");
    EXPECT_EQ(list({{"q", title + "X missing"}}), title.substr(0, title.size() - 1));
}

TEST_F(ListProducts, SearchHeedsTheBeginningOfALongWord) {
    const std::string word(term_bytes_max, 'x');
    sell(word + "abc", "S", 100, 1);
    EXPECT_EQ(list({{"q", word + "xyz"}}), word + "abc");
    EXPECT_EQ(list({{"q", word.substr(1) + "z"}}), "");
}

TEST_F(ListProducts, TitlesMayHoldAnything) {
    for (const std::string title : {"x\\u00a0", "x", "x#prod_", "\\u00fcber", "\\ud83d\\ude00"}) {
        create(cat(R"({"title":")", title, R"(","status":"published","handle":"h)",
                   rows_with("handle#"), R"(","variants":[{"sku":"s)", rows_with("sku#"),
                   R"(","price":{"amount":1,"currency":"EUR"}}]})"));
    }
    std::string cursor;
    std::size_t seen = 0;
    do {
        const Answer page = call(guest(), "list_products", {}, "",
                                 {{"sort", "title"}, {"limit", "1"}, {"cursor", cursor}});
        seen += page.json()["items"].size();
        cursor = page.json()["next_cursor"].text_or();
    } while (!cursor.empty());
    EXPECT_EQ(seen, 5u);
}

}  // namespace souk::products
