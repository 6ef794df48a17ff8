#include <utility>
#include <vector>

#include "carts/basket.h"
#include "stores/desk.h"

namespace souk::testing {
namespace {

/// A cart of a guest behind the service's routes, with one line and a shipping method.
class CartTags : public Basket {
protected:
    Desk desk{carts::routes(carts)};
    CartId cart = open(guest());

    CartTags() {
        EXPECT_TRUE(add(guest(), cart, "TEA", 1));
        EXPECT_TRUE(ask("change_cart", R"({"shipping_method_id":"post"})"));
    }
    Result<Response> ask(std::string_view route, std::string_view body = {},
                         const Caller& caller = guest()) {
        const auto now = carts.cart(guest(), cart);
        const std::string line = now && !now->lines.empty() ? now->lines[0].id.text() : "";
        return desk.call(route, caller, body, {{"cart", cart.text()}, {"line", line}});
    }
    static std::string tag_of(const Result<Response>& answer) {
        const auto found = std::ranges::find(answer->headers, "ETag", &Parameter::first);
        return found == answer->headers.end() ? "" : found->second;
    }
    static std::string version_in(const std::string& tag) { return tag.substr(0, tag.find('-')); }
};

TEST_F(CartTags, ChangeWithTheBodyAlsoWhereTheVersionStays) {
    std::string tag = tag_of(ask("get_cart"));
    EXPECT_EQ(tag_of(ask("get_cart")), tag);
    const auto is_another = [&](std::string_view what) {
        const std::string now = tag_of(ask("get_cart"));
        EXPECT_NE(now, tag) << what;
        EXPECT_EQ(version_in(now), version_in(tag)) << what;
        tag = now;
    };
    shelf.goods.at("TEA").unit_price = eur(600);
    is_another("price_changed");
    shelf.goods.at("TEA").sellable = false;
    is_another("sellable");
    store.settings.shipping_methods[0].price = eur(990);
    is_another("terms_changed");
    store.settings.tax.rate_basis_points = 2100;
    is_another("totals");
}

TEST_F(CartTags, AreThoseOfAReadingInEveryAnswerThatShowsTheCart) {
    const std::vector<std::pair<std::string_view, std::string_view>> asked{
        {"add_cart_item", R"({"sku":"TEA","quantity":2})"},
        {"change_cart_item", R"({"quantity":5})"},
        {"change_cart", R"({"accept_prices":true})"},
        {"set_cart_email", R"({"email":"ada@example.com"})"},
        {"set_cart_shipping_address", R"({"name":"A","line1":"1","city":"T","country":"DE"})"},
        {"remove_cart_item", ""},
    };
    for (const auto& [route, body] : asked) {
        const auto answer = ask(route, body);
        ASSERT_TRUE(answer) << route << answer.error().detail;
        EXPECT_NE(tag_of(answer).find('-'), std::string::npos) << route;
        EXPECT_EQ(tag_of(answer), tag_of(ask("get_cart"))) << route;
    }
    const auto made = desk.call("create_cart", guest(), "{}");
    ASSERT_TRUE(made);
    EXPECT_EQ(tag_of(made),
              tag_of(desk.call("get_cart", guest(), {}, {{"cart", member_of(made, "id")}})));
    const auto merged = ask("merge_cart", {}, customer(ada));
    ASSERT_TRUE(merged);
    EXPECT_EQ(tag_of(merged), tag_of(ask("get_cart", {}, customer(ada))));
}

TEST_F(CartTags, OfARepeatAreThoseOfTheFirstAnswer) {
    const std::string_view body = R"({"sku":"CUP","quantity":1})";
    const Caller caller = with_key(guest(), test.crypto, "k1", body);
    const auto first = ask("add_cart_item", body, caller);
    shelf.goods.at("TEA").unit_price = eur(600);
    const auto again = ask("add_cart_item", body, caller);
    ASSERT_TRUE(is_replay(again));
    EXPECT_EQ(again->text(), first->text());
    EXPECT_EQ(tag_of(again), tag_of(first));
    // Nobody has changed the cart since: whoever sends it back is let in.
    EXPECT_EQ(version_in(tag_of(again)), version_in(tag_of(ask("get_cart"))));
}

}  // namespace
}  // namespace souk::testing
