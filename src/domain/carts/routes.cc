#include "domain/base/text.h"
#include "domain/carts/carts.h"
#include "domain/ports/tagged_response.h"

namespace souk::carts {

namespace {

using namespace schema;

constexpr std::int64_t items_at_creation_max = 40;
static_assert(line_title_max == products::offer_title_max);

Schema new_item_schema() {
    const SchemaMember quantity = required("quantity", integer(1, quantity_max));
    return any_of({object({required("sku", text(1, 64)), quantity}),
                   object({required("variant_id", id("var_")), quantity})});
}

Schema cart_schema() {
    const Schema item = object(
        {required("id", id("line_")), required("product_id", id("prod_")),
         required("variant_id", id("var_")), required("sku", text(1, 64)),
         required("title", text(0, line_title_max)), required("quantity", integer(1, quantity_max)),
         required("unit_price", money()), required("total", money()),
         required("price_changed", boolean()), required("sellable", boolean())});
    return object({required("id", id("cart_").nullable()),
                   required("status", one_of({"open", "ordering", "ordered"})),
                   required("customer_id", id("user_").nullable()),
                   required("email", text(TextFormat::email).nullable()),
                   required("items", list(item, lines_max)),
                   required("shipping_address", address_schema().nullable()),
                   required("shipping_method_id", text(1, 200).nullable()),
                   required("totals", totals_schema()), required("tax_included", boolean()),
                   required("terms_changed", boolean()),
                   required("currency", text(TextFormat::currency)),
                   required("created_at", text(TextFormat::instant)),
                   required("expires_at", text(TextFormat::instant)),
                   required("version", integer(1, INT64_MAX))})
        .named("Cart");
}

NewItem parse_new_item(JsonView json, const std::string& pointer) {
    NewItem item{.sku = json["sku"].text_or(),
                 .quantity = json["quantity"].integer_or(1),
                 .pointer = pointer};
    if (const auto variant = json["variant_id"].string()) {
        item.variant = VariantId::trusted(std::string(*variant));
    }
    return item;
}

CreateCart parse_create(JsonView json) {
    CreateCart command{.email = ascii_lower(json["email"].text_or()), .items = {}};
    for (std::size_t i = 0; i < json["items"].size(); ++i) {
        command.items.push_back(parse_new_item(json["items"].at(i), cat("/items/", i)));
    }
    return command;
}

ChangeCart parse_change(JsonView json) {
    ChangeCart command;
    if (json["email"].present()) {
        command.email = ascii_lower(json["email"].text_or());
    }
    if (json["shipping_method_id"].present()) {
        command.shipping_method_id = json["shipping_method_id"].text_or();
    }
    if (const JsonView address = json["shipping_address"]; address.present()) {
        command.shipping_address.emplace();
        if (!address.is_null()) {
            *command.shipping_address = parse_address(address);
        }
    }
    command.accept_prices = json["accept_prices"].bool_or(false);
    return command;
}

Result<CartId> cart_of(const Request& request) {
    const auto id = CartId::parse(request.parameter("cart"));
    if (!id) {
        return fail(souk::errors::not_found, "There is no such cart.");
    }
    return *id;
}

Result<LineId> line_of(const Request& request) {
    const auto id = LineId::parse(request.parameter("line"));
    if (!id) {
        return fail(souk::errors::not_found, "The cart has no such line.");
    }
    return *id;
}

Response show(const Caller& caller, int status, const PricedCart& cart) {
    Response response = tagged_response(status, render_cart(cart), cart.cart.version);
    if (status == 201) {
        response.headers.emplace_back("Location", cat("/v1/stores/", caller.in_store().text(),
                                                      "/carts/", cart.cart.id->text()));
    }
    return response;
}

/// What all routes of carts share.
Route cart_route(std::string name, Method method, std::string_view below, std::string summary) {
    Route route;
    route.name = std::move(name);
    route.method = method;
    route.pattern = cat("/v1/stores/{store}/carts", below);
    route.summary = std::move(summary);
    route.service = "carts";
    route.audiences = audience::anyone;
    route.if_match = method != Method::get && method != Method::post;
    route.idempotency =
        method == Method::post ? IdempotencyKey::honoured : IdempotencyKey::not_applicable;
    route.answers = {{200, "The cart", cart_schema}};
    return route;
}

/// A handler that changes the cart in its path: `verb` is (caller, cart id, request) ->
/// Result<Change<PricedCart>>.
template <class Verb>
Handler changing(const Carts& carts, int status, Verb verb) {
    return
        [&carts, status, verb](const Caller& caller, const Request& request) -> Result<Response> {
            const CartId cart = TRY(cart_of(request));
            return respond(
                caller, carts.ledger(), [&] { return verb(caller, cart, request); },
                [&](const PricedCart& changed) { return show(caller, status, changed); });
        };
}

Route create_route(const Carts& carts) {
    Route route = cart_route("create_cart", Method::post, "", "Opens a cart");
    route.body = object({optional("email", text(TextFormat::email)),
                         optional("items", list(new_item_schema(), items_at_creation_max))});
    route.body_optional = true;
    route.answers = {{201, "The new cart", cart_schema}};
    route.handle = [&carts](const Caller& caller, const Request& request) -> Result<Response> {
        const CreateCart command = parse_create(request.json());
        return respond(
            caller, carts.ledger(), [&] { return carts.create(caller, command); },
            [&](const PricedCart& made) { return show(caller, 201, made); });
    };
    return route;
}

Route read_route(const Carts& carts) {
    Route route = cart_route("get_cart", Method::get, "/{cart}", "A cart with its totals");
    route.work = Admission::Work::quick;
    route.handle = [&carts](const Caller& caller, const Request& request) -> Result<Response> {
        return show(caller, 200, TRY(carts.cart(caller, TRY(cart_of(request)))));
    };
    return route;
}

std::vector<Route> item_routes(const Carts& carts) {
    Route add =
        cart_route("add_cart_item", Method::post, "/{cart}/items", "Puts a SKU into the cart");
    add.body = new_item_schema();
    add.if_match = true;
    add.answers = {{201, "The cart", cart_schema}};
    add.handle =
        changing(carts, 201,
                 [&carts](const Caller& caller, const CartId& cart,
                          const Request& request) -> Result<Change<PricedCart>> {
                     return carts.add_item(caller, cart, parse_new_item(request.json(), ""));
                 });
    Route set = cart_route("change_cart_item", Method::patch, "/{cart}/items/{line}",
                           "Sets a line's quantity");
    set.body = object({required("quantity", integer(1, quantity_max))});
    set.handle = changing(carts, 200,
                          [&carts](const Caller& caller, const CartId& cart,
                                   const Request& request) -> Result<Change<PricedCart>> {
                              return carts.set_quantity(caller, cart, TRY(line_of(request)),
                                                        request.json()["quantity"].integer_or(1));
                          });
    Route remove =
        cart_route("remove_cart_item", Method::del, "/{cart}/items/{line}", "Takes a line out");
    remove.handle = changing(carts, 200,
                             [&carts](const Caller& caller, const CartId& cart,
                                      const Request& request) -> Result<Change<PricedCart>> {
                                 return carts.remove_item(caller, cart, TRY(line_of(request)));
                             });
    return {add, set, remove};
}

std::vector<Route> head_routes(const Carts& carts) {
    Route change = cart_route("change_cart", Method::patch, "/{cart}",
                              "Changes e-mail, shipping method or address; null clears");
    change.body = object(
        {optional("email", text(TextFormat::email).nullable()),
         optional("shipping_method_id", text(1, 200).nullable()),
         optional("shipping_address", address_schema().nullable()),
         optional("accept_prices", boolean().described("Today's prices are those to be paid."))});
    change.handle = changing(
        carts, 200, [&carts](const Caller& caller, const CartId& cart, const Request& request) {
            return carts.change(caller, cart, parse_change(request.json()));
        });
    Route email =
        cart_route("set_cart_email", Method::put, "/{cart}/email", "Sets the e-mail of a guest");
    email.body = object({required("email", text(TextFormat::email))});
    email.handle = changing(
        carts, 200, [&carts](const Caller& caller, const CartId& cart, const Request& request) {
            return carts.change(caller, cart, parse_change(request.json()));
        });
    Route address = cart_route("set_cart_shipping_address", Method::put, "/{cart}/shipping-address",
                               "Sets where it goes");
    address.body = address_schema();
    address.handle = changing(
        carts, 200, [&carts](const Caller& caller, const CartId& cart, const Request& request) {
            return carts.set_shipping_address(caller, cart, parse_address(request.json()));
        });
    Route merge = cart_route("merge_cart", Method::post, "/{cart}/merge",
                             "Merges a guest's cart into the customer's own");
    merge.audiences = audience::customer;
    merge.handle =
        changing(carts, 200, [&carts](const Caller& caller, const CartId& cart, const Request&) {
            return carts.merge(caller, cart);
        });
    return {change, email, address, merge};
}

}  // namespace

std::vector<Route> routes(const Carts& carts) {
    std::vector<Route> all{create_route(carts), read_route(carts)};
    for (auto& route : item_routes(carts)) {
        all.push_back(std::move(route));
    }
    for (auto& route : head_routes(carts)) {
        all.push_back(std::move(route));
    }
    return all;
}

}  // namespace souk::carts
