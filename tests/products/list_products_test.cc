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

TEST_F(ListProducts, TitlesMayHoldAnything) {
    for (const std::string title : {"x\\u0001", "x", "x#prod_", "\\u00fcber", "\\ud83d\\ude00"}) {
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
