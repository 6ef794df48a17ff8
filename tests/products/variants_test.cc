#include "products/shop.h"

namespace souk::products {

using Variants = Shop;

constexpr const char* globe = R"({"title":"Red Globe","handle":"globe","tags":["Gift","Map"],
    "variants":[{"sku":"G-R","price":{"amount":1999,"currency":"EUR"},"option_values":{"Colour":"Red"},"stock_on_hand":7},
                {"sku":"G-B","price":{"amount":2099,"currency":"EUR"},"option_values":{"Colour":"Blue"}}]})";

TEST_F(Variants, AreAddedChangedAndRemoved) {
    const std::string id = create(globe);
    const Answer added = call(
        staff(), "add_variant", {{"product", id}},
        R"({"price":{"amount":1,"currency":"EUR"},"option_values":{"Colour":"Green"},"stock_on_hand":2})");
    ASSERT_EQ(added.status, 201) << added.pointers();
    EXPECT_EQ(added.json()["variants"].at(2)["sku"].text_or(), "globe-green");
    const std::string variant = added.json()["variants"].at(2)["id"].text_or();
    const Answer changed =
        call(staff(), "change_variant", {{"product", id}, {"variant", variant}},
             R"({"sku":"G-G","compare_at_price":{"amount":9,"currency":"EUR"}})");
    ASSERT_EQ(changed.status, 200);
    EXPECT_EQ(stock_of("G-G").on_hand, 2);
    EXPECT_FALSE(stock_of("globe-green").kept);
    const Answer cleared = call(staff(), "change_variant", {{"product", id}, {"variant", variant}},
                                R"({"compare_at_price":null})");
    EXPECT_TRUE(cleared.json()["variants"].at(2)["compare_at_price"].is_null());
    EXPECT_EQ(call(staff(), "delete_variant", {{"product", id}, {"variant", variant}}).status, 204);
    EXPECT_EQ(get(staff(), id).json()["variants"].size(), 2u);
    EXPECT_EQ(*products->sku_of(store_id, VariantId::trusted(variant)), std::nullopt);
}

TEST_F(Variants, PointIntoTheVariantsOwnBody) {
    const std::string id = create(globe);
    EXPECT_EQ(call(staff(), "add_variant", {{"product", id}},
                   R"({"price":{"amount":1,"currency":"USD"},"option_values":{"Colour":"Red"}})")
                  .pointers(),
              "/price/currency:currency_mismatch /option_values:duplicate");
    create(R"({"title":"o","variants":[{"sku":"O","price":{"amount":1,"currency":"EUR"}}]})");
    EXPECT_EQ(
        call(
            staff(), "add_variant", {{"product", id}},
            R"({"sku":"O","price":{"amount":1,"currency":"EUR"},"option_values":{"Colour":"Pink"}})")
            .pointers(),
        "/sku:sku_taken");
}

// The mistake was told of the later of two alike, which was not in the request.
TEST_F(Variants, PointIntoTheirOwnBodyAlsoWhereTheOtherStandsLater) {
    const std::string id = create(globe);
    const std::string first = get(staff(), id).json()["variants"].at(0)["id"].text_or();
    const auto change = [&](const char* body) {
        return call(staff(), "change_variant", {{"product", id}, {"variant", first}}, body)
            .pointers();
    };
    const std::string before = everything();
    EXPECT_EQ(change(R"({"sku":"G-B"})"), "/sku:duplicate");
    EXPECT_EQ(change(R"({"option_values":{"Colour":"Blue"}})"), "/option_values:duplicate");
    EXPECT_EQ(change(R"({"option_values":{"Size":"L"}})"), "/option_values:not_allowed");
    EXPECT_EQ(everything(), before);
}

TEST_F(Variants, PointIntoTheirOwnBodyWhereTheOthersNoLongerFit) {
    const std::string id =
        create(R"({"title":"x","variants":[{"sku":"A","price":{"amount":1,"currency":"EUR"}}]})");
    const std::string first = get(staff(), id).json()["variants"].at(0)["id"].text_or();
    EXPECT_EQ(call(staff(), "add_variant", {{"product", id}},
                   R"({"price":{"amount":1,"currency":"EUR"},"option_values":{"Size":"L"}})")
                  .pointers(),
              "/option_values:not_allowed");
    EXPECT_EQ(call(staff(), "change_variant", {{"product", id}, {"variant", first}},
                   R"({"option_values":{"Size":"L"}})")
                  .status,
              200);
}

TEST_F(Variants, BeyondWhatAProductCanHavePointIntoTheirOwnBody) {
    std::string all;
    for (int i = 0; i < variants_max; ++i) {
        all += cat(i == 0 ? "" : ",",
                   R"({"price":{"amount":1,"currency":"EUR"},"option_values":{"N":")", i, R"("}})");
    }
    const std::string id = create(cat(R"({"title":"x","variants":[)", all, "]}"));
    EXPECT_EQ(call(staff(), "add_variant", {{"product", id}},
                   R"({"price":{"amount":1,"currency":"EUR"},"option_values":{"N":"more"}})")
                  .pointers(),
              "/option_values:too_many :too_many");
}

// It ended the whole server, for every store.
TEST_F(Variants, ThatAProductHasNoNumbersForAreAMistake) {
    const std::string id = create(globe);
    had_variants(variants_ever_max - 1);
    const auto add = [&](const char* colour) {
        return call(staff(), "add_variant", {{"product", id}},
                    cat(R"({"price":{"amount":1,"currency":"EUR"},"option_values":{"Colour":")",
                        colour, R"("}})"));
    };
    EXPECT_EQ(add("Green").status, 201);
    const std::string before = everything();
    EXPECT_EQ(add("Pink").pointers(), ":too_many");
    EXPECT_EQ(
        call(
            staff(), "change_product", {{"product", id}},
            R"({"variants":[{"sku":"N","price":{"amount":1,"currency":"EUR"},"option_values":{"Colour":"Pink"}}]})")
            .pointers(),
        "/variants:too_many");
    EXPECT_EQ(everything(), before);
    EXPECT_EQ(
        call(staff(), "change_product", {{"product", id}}, R"({"title":"Blue Globe"})").status, 200)
        << "All else can still be changed.";
}

TEST_F(Variants, KeepTheLastOneOfWhatIsPublished) {
    const std::string id = create(
        R"({"title":"x","status":"published","variants":[{"price":{"amount":1,"currency":"EUR"}}]})");
    const std::string variant = get(staff(), id).json()["variants"].at(0)["id"].text_or();
    EXPECT_EQ(call(staff(), "delete_variant", {{"product", id}, {"variant", variant}}).code,
              "last_variant");
    EXPECT_EQ(call(staff(), "delete_variant", {{"product", id}, {"variant", "nonsense"}}).code,
              "not_found");
    ASSERT_EQ(call(staff(), "unpublish_product", {{"product", id}}).status, 200);
    EXPECT_EQ(call(staff(), "delete_variant", {{"product", id}, {"variant", variant}}).status, 204);
    EXPECT_EQ(get(staff(), id).json()["variants"].size(), 0u);
}

TEST_F(Variants, AreListedAsTheProductShowsThem) {
    const std::string id = create(globe);
    const Answer product = get(staff(), id);
    for (const std::string& name : {id, std::string("globe")}) {
        const Answer listed = call(as(Role::support), "list_variants", {{"product", name}});
        ASSERT_EQ(listed.status, 200) << listed.code;
        EXPECT_EQ(listed.json()["items"].render(), product.json()["variants"].render());
        EXPECT_TRUE(listed.json()["next_cursor"].is_null());
    }
}

TEST_F(Variants, ComePageByPageOfOneProduct) {
    const std::string id = create(globe);
    const Answer first = call(staff(), "list_variants", {{"product", id}}, "", {{"limit", "1"}});
    ASSERT_EQ(first.json()["items"].size(), 1u);
    EXPECT_EQ(first.json()["items"].at(0)["sku"].text_or(), "G-R");
    const std::string cursor = first.json()["next_cursor"].text_or();
    const Answer second =
        call(staff(), "list_variants", {{"product", id}}, "", {{"limit", "1"}, {"cursor", cursor}});
    EXPECT_EQ(second.json()["items"].at(0)["sku"].text_or(), "G-B");
    EXPECT_TRUE(second.json()["next_cursor"].is_null());
    const std::string other = create(R"({"title":"x"})");
    EXPECT_EQ(call(staff(), "list_variants", {{"product", other}}, "", {{"cursor", cursor}}).code,
              "invalid_cursor");
}

// The cursor was a position: what followed a deleted variant was never shown.
TEST_F(Variants, ComePageByPageThoughSomeGoMeanwhile) {
    const std::string id = create(globe);
    for (const auto* const colour : {"C", "D", "E", "F"}) {
        call(staff(), "add_variant", {{"product", id}},
             cat(R"({"price":{"amount":1,"currency":"EUR"},"option_values":{"Colour":")", colour,
                 R"("},"sku":")", colour, "\"}"));
    }
    const auto page = [&](const std::string& cursor) {
        Parameters query{{"limit", "2"}};
        if (!cursor.empty()) {
            query.emplace_back("cursor", cursor);
        }
        return call(staff(), "list_variants", {{"product", id}}, "", query);
    };
    const auto remove = [&](const Answer& from, std::size_t item) {
        const std::string variant = from.json()["items"].at(item)["id"].text_or();
        EXPECT_EQ(call(staff(), "delete_variant", {{"product", id}, {"variant", variant}}).status,
                  204);
    };
    const Answer first = page("");
    remove(first, 0);
    const Answer second = page(first.json()["next_cursor"].text_or());
    ASSERT_EQ(second.json()["items"].size(), 2u);
    EXPECT_EQ(second.json()["items"].at(0)["sku"].text_or(), "C");
    remove(second, 1);  // The last one, behind which it goes on.
    const Answer third = page(second.json()["next_cursor"].text_or());
    ASSERT_EQ(third.json()["items"].size(), 2u);
    EXPECT_EQ(third.json()["items"].at(0)["sku"].text_or(), "E");
    EXPECT_TRUE(third.json()["next_cursor"].is_null());
}

TEST_F(Variants, OfAnotherStoreOrOfNoProductAreNotFound) {
    const std::string id = create(globe);
    Caller other = staff();
    other.store = other_store;
    EXPECT_EQ(call(other, "list_variants", {{"product", id}}).code, "not_found");
    EXPECT_EQ(call(staff(), "list_variants", {{"product", "nonsense"}}).code, "not_found");
}

// The bug: it answered 200, with the value still there.
TEST_F(Variants, KeepTheOptionValuesThatTheyHave) {
    const std::string id = create(
        R"({"title":"Tee","variants":[
            {"sku":"T","price":{"amount":1,"currency":"EUR"},"option_values":{"Size":"S"}}]})");
    const std::string before = everything();
    const Answer refused = call(staff(), "change_product", {{"product", id}},
                                R"({"options":[{"name":"Size","values":["L"]}]})");
    EXPECT_EQ(refused.pointers(), "/options/0/values:not_allowed");
    EXPECT_EQ(everything(), before);
    EXPECT_EQ(call(staff(), "change_product", {{"product", id}},
                   R"({"options":[{"name":"Size","values":["L","S"]}]})")
                  .status,
              200);
}

}  // namespace souk::products
