#include "domain/base/text.h"
#include "domain/ports/cursor.h"
#include "domain/stores/routes.h"

namespace souk::stores {

namespace {

using namespace schema;

Schema role_schema() { return one_of({"owner", "admin", "catalog", "orders", "support"}); }

Schema member_schema() {
    return object({required("user_id", schema::id("user_")),
                   required("email", text(TextFormat::email)), required("name", text(0, 200)),
                   required("role", role_schema()), required("since", text(TextFormat::instant)),
                   required("version", integer(1, INT64_MAX))})
        .named("Member");
}

Role role_in(const Request& request) {
    const auto role = role_named(request.json()["role"].text_or());
    CHECK(role.has_value());  // The route's schema has let it through.
    return *role;
}

Route list_route(const Stores& stores) {
    return {.name = "list_members",
            .method = Method::get,
            .pattern = "/v1/stores/{store}/members",
            .summary = "The staff of the store, with their roles.",
            .service = "stores",
            .audiences = audience::staff,
            .permission = Permission::store_read,
            .paged = true,
            .work = Admission::Work::quick,
            .answers = {{200, "A page of members.", page_of(member_schema)}},
            .handle = [&stores](const Caller& caller, const Request& request) {
                return answer_page(
                    stores.ledger().environment(), request,
                    cat("members of ", caller.in_store().text()),
                    [&](int limit, const std::string& from) {
                        return stores.members(caller, limit, from);
                    },
                    render_member);
            }};
}

Route show_route(const Stores& stores) {
    return {.name = "show_member",
            .method = Method::get,
            .pattern = "/v1/stores/{store}/members/{user}",
            .summary = "One member of the store's staff.",
            .service = "stores",
            .audiences = audience::staff,
            .permission = Permission::store_read,
            .work = Admission::Work::quick,
            .answers = {{200, "The member.", member_schema}},
            .handle = [&stores](const Caller& caller, const Request& request) -> Result<Response> {
                const Member member = TRY(stores.member(caller, request.parameter("user")));
                return json_response(200, render_member(member), member.version);
            }};
}

Route add_route(const Stores& stores) {
    return {
        .name = "add_member",
        .method = Method::post,
        .pattern = "/v1/stores/{store}/members",
        .summary = "Gives an existing staff account a role in the store.",
        .service = "stores",
        .audiences = audience::staff,
        .permission = Permission::members_write,
        .body =
            object({required("email", text(TextFormat::email)), required("role", role_schema())}),
        .idempotency = IdempotencyKey::honoured,
        .answers = {{201, "The member.", member_schema}},
        .handle = [&stores](const Caller& caller, const Request& request) {
            return respond(
                caller, stores.ledger(),
                [&] {
                    return stores.add_member(caller, request.json()["email"].text_or(),
                                             role_in(request));
                },
                [&](const Member& member) {
                    Response response = json_response(201, render_member(member), member.version);
                    response.headers.emplace_back(
                        "Location", cat("/v1/stores/", caller.in_store().text(), "/members/",
                                        member.user.text()));
                    return response;
                });
        }};
}

Route change_route(const Stores& stores) {
    return {.name = "change_member",
            .method = Method::patch,
            .pattern = "/v1/stores/{store}/members/{user}",
            .summary = "Gives a member another role.",
            .service = "stores",
            .audiences = audience::staff,
            .permission = Permission::members_write,
            .body = object({required("role", role_schema())}),
            .if_match = true,
            .answers = {{200, "The member.", member_schema}},
            .handle = [&stores](const Caller& caller, const Request& request) {
                return respond(
                    caller, stores.ledger(),
                    [&] {
                        return stores.set_role(caller, request.parameter("user"), role_in(request));
                    },
                    [](const Member& member) {
                        return json_response(200, render_member(member), member.version);
                    });
            }};
}

Route remove_route(const Stores& stores) {
    return {.name = "remove_member",
            .method = Method::del,
            .pattern = "/v1/stores/{store}/members/{user}",
            .summary = "Takes a member out of the store; everyone may leave.",
            .service = "stores",
            .audiences = audience::staff,
            // The verb asks for members:write of whoever takes out another.
            .permission = Permission::store_read,
            .if_match = true,
            .answers = {{204, "The account is no member any more."}},
            .handle = [&stores](const Caller& caller, const Request& request) {
                return respond(
                    caller, stores.ledger(),
                    [&] { return stores.remove_member(caller, request.parameter("user")); },
                    [](const Done&) { return empty_response(204); });
            }};
}

}  // namespace

std::vector<Route> member_routes(const Stores& stores) {
    return {list_route(stores), show_route(stores), add_route(stores), change_route(stores),
            remove_route(stores)};
}

}  // namespace souk::stores
