#include "domain/ports/cursor.h"
#include "domain/stores/routes.h"

namespace souk::stores {

namespace {

using namespace schema;

Route list_all_route(const Stores& stores) {
    return {.name = "list_all_stores",
            .method = Method::get,
            .pattern = "/v1/admin/stores",
            .summary = "Every store of the platform.",
            .service = "stores",
            .audiences = audience::platform,
            .paged = true,
            .work = Admission::Work::quick,
            .answers = {{200, "A page of stores.", page_of(store_schema)}},
            .handle = [&stores](const Caller&, const Request& request) {
                return answer_page(
                    stores.ledger().environment(), request, "all stores",
                    [&](int limit, const std::string& from) { return stores.all(limit, from); },
                    render_store);
            }};
}

struct StatusVerb {
    std::string name, path, summary;
    Status status;
};

Route status_route(const Stores& stores, const StatusVerb& verb) {
    return {
        .name = verb.name,
        .method = Method::post,
        .pattern = verb.path,
        .summary = verb.summary,
        .service = "stores",
        .audiences = audience::platform,
        .idempotency = IdempotencyKey::honoured,
        .answers = {{200, "The store.", store_schema}},
        .handle = [&stores, status = verb.status](const Caller& caller, const Request& request) {
            return respond(
                caller, stores.ledger(), stores.platform(),
                [&] { return stores.set_status(caller, request.parameter("id"), status); },
                [](const Store& store) {
                    return json_response(200, render_store(store), store.version);
                });
        }};
}

}  // namespace

std::vector<Route> admin_routes(const Stores& stores) {
    return {list_all_route(stores),
            status_route(stores, {"suspend_store", "/v1/admin/stores/{id}/suspend",
                                  "Closes a store to everyone but its staff.", Status::suspended}),
            status_route(stores, {"resume_store", "/v1/admin/stores/{id}/resume",
                                  "Opens a suspended store again.", Status::open})};
}

}  // namespace souk::stores
