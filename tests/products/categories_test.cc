#include "domain/products/limits.h"
#include "products/shop.h"

namespace souk::products {

class CategoryRoutes : public Shop {
protected:
    std::string category(const std::string& body) {
        const Answer made = call(staff(), "create_category", {}, body);
        EXPECT_EQ(made.status, 201) << made.code << made.pointers();
        return made.json()["id"].text_or();
    }
};

TEST_F(CategoryRoutes, ListByPositionAndName) {
    category(R"({"name":"Toys","position":2})");
    category(R"({"name":"Books","position":2})");
    category(R"({"name":"News","position":1})");
    const Answer first = call(guest(), "list_categories", {}, "", {{"limit", "2"}});
    EXPECT_EQ(first.json()["items"].at(0)["name"].text_or(), "News");
    EXPECT_EQ(first.json()["items"].at(1)["handle"].text_or(), "books");
    const Answer second = call(guest(), "list_categories", {}, "",
                               {{"limit", "2"}, {"cursor", first.json()["next_cursor"].text_or()}});
    EXPECT_EQ(second.json()["items"].at(0)["name"].text_or(), "Toys");
    EXPECT_TRUE(second.json()["next_cursor"].is_null());
}

TEST_F(CategoryRoutes, AreSortedAsPeopleReadThem) {
    for (const char* name : {"b", "Z", "Á", "a"}) {
        category(cat(R"({"name":")", name, "\"}"));
    }
    std::string order;
    const Answer all = call(guest(), "list_categories");
    for (std::size_t i = 0; i < all.json()["items"].size(); ++i) {
        order += all.json()["items"].at(i)["name"].text_or();
    }
    EXPECT_TRUE(order == "aÁbZ" || order == "ÁabZ") << order;
}

TEST_F(CategoryRoutes, AreChangedAndDeletedByIdOrHandle) {
    category(R"({"name":"Toys"})");
    const Answer changed =
        call(staff(), "change_category", {{"category", "toys"}}, R"({"position":3})");
    EXPECT_EQ(changed.json()["position"].integer_or(0), 3);
    EXPECT_EQ(call(staff(), "change_category", {{"category", "none"}}, "{}").code, "not_found");
    EXPECT_EQ(call(staff(), "delete_category", {{"category", "toys"}}).status, 204);
    EXPECT_EQ(call(staff(), "delete_category", {{"category", "toys"}}).code, "not_found");
}

TEST_F(CategoryRoutes, SayWhereWhatWasMadeIs) {
    const Answer made = call(staff(), "create_category", {}, R"({"name":"Toys"})");
    EXPECT_EQ(made.response.headers[1],
              Parameter("Location", cat("/v1/stores/", store_id.text(), "/categories/",
                                        made.json()["id"].text_or())));
}

TEST_F(CategoryRoutes, RefuseATakenHandle) {
    category(R"({"name":"Toys"})");
    const std::string before = everything();
    EXPECT_EQ(call(staff(), "create_category", {}, R"({"name":"More","handle":"toys"})").code,
              "handle_taken");
    EXPECT_EQ(everything(), before);
}

TEST_F(CategoryRoutes, NumberAHandleThatTheNameAloneWouldRepeat) {
    category(R"({"name":"Toys"})");
    const std::string second = category(R"({"name":"Toys"})");
    const Answer seen = call(guest(), "show_category", {{"category", "toys-2"}});
    EXPECT_EQ(seen.json()["id"].text_or(), second);
}

TEST_F(CategoryRoutes, ShowOneByIdOrHandle) {
    const std::string id = category(R"({"name":"Toys"})");
    const Answer by_id = call(guest(), "show_category", {{"category", id}});
    ASSERT_EQ(by_id.status, 200);
    EXPECT_EQ(by_id.json()["name"].text_or(), "Toys");
    EXPECT_EQ(call(guest(), "show_category", {{"category", "toys"}}).response.text(),
              by_id.response.text());
    EXPECT_EQ(call(guest(), "show_category", {{"category", "none"}}).code, "not_found");
    Caller elsewhere = guest();
    elsewhere.store = other_store;
    EXPECT_EQ(call(elsewhere, "show_category", {{"category", id}}).code, "not_found");
}

TEST_F(CategoryRoutes, MoveButNotInCirclesNorTooDeep) {
    std::vector<std::string> chain{category(R"({"name":"c0"})")};
    for (std::size_t i = 1; i < category_depth_max; ++i) {
        chain.push_back(
            category(cat(R"({"name":"c)", i, R"(","parent_id":")", chain.back(), "\"}")));
    }
    EXPECT_EQ(call(staff(), "create_category", {},
                   cat(R"({"name":"deep","parent_id":")", chain.back(), "\"}"))
                  .pointers(),
              "/parent_id:too_deep");
    EXPECT_EQ(call(staff(), "change_category", {{"category", chain[0]}},
                   cat(R"({"parent_id":")", chain[2], "\"}"))
                  .pointers(),
              "/parent_id:circular");
    EXPECT_EQ(
        call(staff(), "change_category", {{"category", chain[7]}}, R"({"parent_id":null})").status,
        200);
    EXPECT_EQ(call(staff(), "create_category", {},
                   R"({"name":"lost","parent_id":"cat_00000000000000000000000000"})")
                  .pointers(),
              "/parent_id:unknown_category");
}

TEST_F(CategoryRoutes, HonourIfMatchAndHandles) {
    const std::string id = category(R"({"name":"Toys"})");
    Caller caller = staff();
    caller.if_match = std::vector<std::uint64_t>{3};
    EXPECT_EQ(call(caller, "change_category", {{"category", id}}, R"({"name":"T"})").code,
              "version_mismatch");
    EXPECT_EQ(call(staff(), "change_category", {{"category", id}}, R"({"handle":"games"})")
                  .json()["version"]
                  .integer_or(0),
              2);
    EXPECT_EQ(*products->categories().resolve(store_id, "games"), CategoryId::trusted(id));
    EXPECT_EQ(*products->categories().resolve(store_id, "toys"), std::nullopt);
}

TEST_F(CategoryRoutes, KeepWhatIsInUse) {
    const std::string parent = category(R"({"name":"Toys"})");
    const std::string child = category(cat(R"({"name":"Games","parent_id":")", parent, "\"}"));
    EXPECT_EQ(call(staff(), "delete_category", {{"category", parent}}).code, "category_in_use");
    const std::string id = sell("Chess", "CH", 100, 1, cat(R"(,"category_ids":[")", child, "\"]"));
    EXPECT_EQ(call(staff(), "delete_category", {{"category", child}}).code, "category_in_use");
    EXPECT_EQ(
        call(guest(), "list_products", {}, "", {{"category", "games"}}).json()["items"].size(), 1u);
    EXPECT_EQ(call(guest(), "list_products", {}, "", {{"category", child}}).json()["items"].size(),
              1u);
    EXPECT_EQ(call(guest(), "list_products", {}, "", {{"category", parent}}).json()["items"].size(),
              1u)
        << "what is below it counts";
    EXPECT_EQ(
        call(guest(), "list_products", {}, "", {{"category", "nowhere"}}).json()["items"].size(),
        0u);
    call(staff(), "change_product", {{"product", id}}, R"({"category_ids":[]})");
    EXPECT_EQ(call(staff(), "delete_category", {{"category", child}}).status, 204);
    EXPECT_EQ(call(staff(), "delete_category", {{"category", parent}}).status, 204);
    EXPECT_EQ(call(staff(), "delete_category", {{"category", parent}}).code, "not_found");
}

// The bug: a category was deleted while a product was put into it, which then had a dead id.
TEST_F(CategoryRoutes, AreNotDeletedWhileAProductIsPutIntoThem) {
    const CategoryId id = CategoryId::trusted(category(R"({"name":"Toys"})"));
    for (int round = 0; round < 2; ++round) {  // Without and with products of earlier times.
        const auto removal = products->categories().remove(staff(), id);
        ASSERT_TRUE(removal);
        const std::string product =
            sell("Chess", cat("CH", round), 100, 1, cat(R"(,"category_ids":[")", id.text(), "\"]"));
        const auto committed = rows.commit(removal->changes);
        ASSERT_FALSE(committed);
        EXPECT_EQ(committed.error().code, souk::errors::ledger_conflict);
        const Answer again = call(staff(), "delete_category", {{"category", id.text()}});
        EXPECT_EQ(again.code, "category_in_use");
        EXPECT_EQ(call(staff(), "delete_product", {{"product", product}}).status, 204);
    }
    EXPECT_EQ(call(staff(), "delete_category", {{"category", id.text()}}).status, 204);
    EXPECT_EQ(rows_with("categor"), 1U) << "their count alone is left: " << everything();
}

// The bug: they were deleted while another was put below them, which then had a dead parent.
TEST_F(CategoryRoutes, AreNotDeletedWhileAnotherIsPutBelowThem) {
    const CategoryId id = CategoryId::trusted(category(R"({"name":"Toys"})"));
    const std::string below = cat(R"("parent_id":")", id.text(), "\"}");
    const auto removal = products->categories().remove(staff(), id);
    const std::string child = category(cat(R"({"name":"Games",)", below));
    EXPECT_FALSE(rows.commit(removal->changes));
    EXPECT_EQ(
        call(staff(), "change_category", {{"category", child}}, R"({"parent_id":null})").status,
        200);
    const auto second = products->categories().remove(staff(), id);
    EXPECT_EQ(call(staff(), "change_category", {{"category", child}}, cat("{", below)).status, 200);
    EXPECT_FALSE(rows.commit(second->changes));
    EXPECT_EQ(call(staff(), "delete_category", {{"category", id.text()}}).code, "category_in_use");
}

TEST_F(CategoryRoutes, TakeNoProductWhileTheyAreDeleted) {
    const std::string id = category(R"({"name":"Toys"})");
    ProductPatch toy;
    toy.title = "Chess";
    toy.categories = std::vector<CategoryId>{CategoryId::trusted(id)};
    const auto product = products->create(staff(), toy);
    ASSERT_TRUE(product);
    EXPECT_EQ(call(staff(), "delete_category", {{"category", id}}).status, 204);
    const auto committed = rows.commit(product->changes);
    ASSERT_FALSE(committed);
    EXPECT_EQ(committed.error().code, souk::errors::ledger_conflict);
}

TEST_F(CategoryRoutes, KeepTheirVersionWhenAProductIsPutIntoThem) {
    const std::string id = category(R"({"name":"Toys"})");
    sell("Chess", "CH", 100, 1, cat(R"(,"category_ids":[")", id, "\"]"));
    EXPECT_EQ(call(guest(), "show_category", {{"category", id}}).json()["version"].integer_or(0),
              1);
}

TEST_F(CategoryRoutes, AreBoundedInNumber) {
    for (int i = 0; i < categories_max; ++i) {
        ASSERT_EQ(call(staff(), "create_category", {}, cat(R"({"name":"c)", i, "\"}")).status, 201);
    }
    EXPECT_EQ(call(staff(), "create_category", {}, R"({"name":"one more"})").code,
              "too_many_categories");
}

}  // namespace souk::products
