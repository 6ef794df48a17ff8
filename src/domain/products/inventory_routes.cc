#include "domain/base/json.h"
#include "domain/base/text.h"
#include "domain/products/limits.h"
#include "domain/products/routes.h"

namespace souk::products {

namespace {

using namespace schema;

Schema stock_item_schema() {
    const Schema count = integer(0, stock_max);
    return object(
               {required("sku", text(1, sku_max)), required("product_id", id("prod_")),
                required("variant_id", id("var_")),
                required("stock", one_of({"tracked", "untracked"})),
                required("available", count.nullable().described("Null when stock is untracked.")),
                required("stock_reserved", count), required("stock_on_hand", count),
                required("low_stock_threshold", count)})
        .named("StockItem");
}

Schema adjustment_schema() {
    return any_of(
        {object({required("delta", integer(-stock_max, stock_max)),
                 required("reason", text(1, reason_max))}),
         object({required("set", integer(0, stock_max)),
                 required("expected", integer(0, stock_max).described("What was on hand.")),
                 schema::optional("reason", text(1, reason_max))})});
}

Schema adjustment_record_schema() {
    return object({required("id", id("evt_")), required("delta", integer(-stock_max, stock_max)),
                   required("stock_on_hand", integer(0, stock_max)),
                   required("reason", text(0, reason_max)), required("by", text(0, 64)),
                   required("at", text(TextFormat::instant))})
        .named("StockAdjustment");
}

std::string render(const StockItem& item) {
    const bool tracked = item.policy == StockPolicy::tracked;
    JsonWriter out;
    out.begin_object()
        .member("sku", item.sku)
        .member("product_id", item.product.text())
        .member("variant_id", item.variant.text())
        .member("stock", name_of(item.policy))
        .member("available", tracked ? std::optional(item.stock.available) : std::nullopt)
        .member("stock_reserved", item.stock.reserved)
        .member("stock_on_hand", item.stock.on_hand)
        .member("low_stock_threshold", item.low_stock_threshold)
        .end_object();
    return out.take();
}

std::string render(const AdjustmentRecord& record) {
    JsonWriter out;
    out.begin_object()
        .member("id", record.id)
        .member("delta", record.delta)
        .member("stock_on_hand", record.on_hand)
        .member("reason", record.reason)
        .member("by", record.by)
        .member("at", to_rfc3339(record.at))
        .end_object();
    return out.take();
}

Adjustment parse_adjustment(JsonView body) {
    return {.delta = body["delta"].integer(),
            .set = body["set"].integer_or(0),
            .expected = body["expected"].integer_or(0),
            .reason = body["reason"].text_or()};
}

Route show_route(const Products& products) {
    return {
        .name = "show_stock",
        .method = Method::get,
        .pattern = "/v1/stores/{store}/inventory/{sku}",
        .summary = "What there is of one SKU.",
        .service = "products",
        .audiences = audience::staff,
        .permission = Permission::inventory_read,
        .work = Admission::Work::quick,
        .answers = {{200, "Its stock.", stock_item_schema}},
        .handle = [&products](const Caller& caller, const Request& request) -> Result<Response> {
            return json_response(200, render(TRY(products.inventory().find(
                                          caller.in_store(), request.parameter("sku")))));
        }};
}

Route adjust_route(const Products& products) {
    return {.name = "adjust_stock",
            .method = Method::post,
            .pattern = "/v1/stores/{store}/inventory/{sku}/adjustments",
            .summary =
                "Adds to the stock or takes from it; or sets what is on hand if it is as expected.",
            .service = "products",
            .audiences = audience::staff,
            .permission = Permission::inventory_write,
            .body = adjustment_schema(),
            .idempotency = IdempotencyKey::honoured,
            .answers = {{201, "The stock afterwards.", stock_item_schema}},
            .handle = [&products](const Caller& caller, const Request& request) {
                const Adjustment adjustment = parse_adjustment(request.json());
                return respond(
                    caller, products.ledger(),
                    [&] {
                        return products.inventory().adjust(caller, request.parameter("sku"),
                                                           adjustment);
                    },
                    [&](const StockItem& item) {
                        Response response = json_response(201, render(item));
                        response.headers.emplace_back(
                            "Location", cat("/v1/stores/", caller.in_store().text(), "/inventory/",
                                            percent_encoded(item.sku)));
                        return response;
                    });
            }};
}

Route history_route(const Products& products) {
    return {
        .name = "list_stock_adjustments",
        .method = Method::get,
        .pattern = "/v1/stores/{store}/inventory/{sku}/adjustments",
        .summary = "The adjustments of one SKU, newest first.",
        .service = "products",
        .audiences = audience::staff,
        .permission = Permission::inventory_read,
        .paged = true,
        .work = Admission::Work::quick,
        .answers = {{200, "A page of adjustments.", page_of(adjustment_record_schema)}},
        .handle = [&products](const Caller& caller, const Request& request) -> Result<Response> {
            const auto page = TRY(products.inventory().history(
                caller.in_store(), request.parameter("sku"), request.limit(), request.cursor()));
            std::vector<std::string> items;
            for (const auto& record : page.items) {
                items.push_back(render(record));
            }
            return page_response(items, page.next_cursor);
        }};
}

}  // namespace

std::vector<Route> inventory_routes(const Products& products) {
    return {show_route(products), adjust_route(products), history_route(products)};
}

}  // namespace souk::products
