#include "domain/users/routes.h"

namespace souk::users {

namespace {

using namespace schema;

Schema customer_schema() {
    return object({required("id", schema::id("user_")), required("email", text(TextFormat::email)),
                   required("name", line(0, name_length_max)),
                   required("phone", line(1, phone_length_max).nullable()),
                   required("created_at", text(TextFormat::instant)),
                   required("version", integer(0, INT64_MAX))})
        .named("Customer");
}

Schema staff_schema() {
    return object({required("id", schema::id("user_")), required("email", text(TextFormat::email)),
                   required("name", line(0, name_length_max)),
                   required("platform_admin", boolean()), required("totp", boolean())})
        .named("StaffAccount");
}

Response profile_response(const Profile& profile) {
    return json_response(200, render_profile(profile), profile.version);
}

Route show_customer_route(const Users& users) {
    return {.name = "show_me",
            .method = Method::get,
            .pattern = "/v1/stores/{store}/me",
            .summary = "The signed-in customer.",
            .service = "users",
            .audiences = audience::customer,
            .work = Admission::Work::quick,
            .answers = {{200, "The customer.", customer_schema}},
            .handle = [&users](const Caller& caller, const Request&) -> Result<Response> {
                return profile_response(TRY(users.me(caller)));
            }};
}

Route update_customer_route(const Users& users) {
    return {
        .name = "update_me",
        .method = Method::patch,
        .pattern = "/v1/stores/{store}/me",
        .summary = "Changes the signed-in customer's name or phone number.",
        .service = "users",
        .audiences = audience::customer,
        .body = object(
            {schema::optional("name", line(1, name_length_max)),
             schema::optional(
                 "phone",
                 line(1, phone_length_max).nullable().described("Null takes the number away."))}),
        .if_match = true,
        .answers = {{200, "The customer.", customer_schema}},
        .handle = [&users](const Caller& caller, const Request& request) {
            const ProfileChanges changes = parse_profile_changes(request.json());
            return respond(
                caller, users.ledger(), [&] { return users.update_me(caller, changes); },
                profile_response);
        }};
}

Route show_staff_route(const Users& users) {
    return {.name = "show_staff_me",
            .method = Method::get,
            .pattern = "/v1/me",
            .summary = "The signed-in staff account.",
            .service = "users",
            .audiences = audience::account,
            .work = Admission::Work::quick,
            .answers = {{200, "The account.", staff_schema}},
            .handle = [&users](const Caller& caller, const Request&) -> Result<Response> {
                const UserId user = TRY(UserId::parse(caller.principal.id));
                const auto account = TRY(users.identity().account(Realm{}, user));
                if (!account) {
                    return fail(errors::unauthenticated, "Your account no longer exists.");
                }
                return json_response(200, render_staff(*account));
            }};
}

}  // namespace

std::vector<Route> me_routes(const Users& users) {
    return {show_customer_route(users), update_customer_route(users), show_staff_route(users)};
}

}  // namespace souk::users
