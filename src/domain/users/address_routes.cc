#include "domain/base/text.h"
#include "domain/ports/cursor.h"
#include "domain/ports/tagged_response.h"
#include "domain/users/routes.h"

namespace souk::users {

namespace {

using namespace schema;

enum class Purpose { add, change };

Schema command_schema(Purpose purpose) {
    std::vector<SchemaMember> members = address_members();
    for (auto& member : members) {
        member.required = member.required && purpose == Purpose::add;
    }
    members.push_back(schema::optional("default", boolean()));
    return object(std::move(members));
}

Schema saved_schema() {
    std::vector<SchemaMember> members = address_members();
    members.insert(members.begin(), required("id", schema::id("addr_")));
    members.push_back(required("default", boolean()));
    members.push_back(required("version", integer(1, INT64_MAX)));
    return object(std::move(members)).named("SavedAddress");
}

Result<Response> answer_addresses(const Users& users, const Caller& caller,
                                  const Request& request) {
    return answer_page(
        users.ledger().environment(), request,
        cat("addresses of ", caller.principal.id, " in ", caller.in_store().text()),
        [&](int limit, const std::string& from) { return users.addresses(caller, limit, from); },
        render_address);
}

Route list_route(const Users& users) {
    return {.name = "list_addresses",
            .method = Method::get,
            .pattern = "/v1/stores/{store}/me/addresses",
            .summary = "The signed-in customer's addresses.",
            .service = "users",
            .audiences = audience::customer,
            .paged = true,
            .work = Admission::Work::quick,
            .answers = {{200, "A page of addresses.", page_of(saved_schema)}},
            .handle = [&users](const Caller& caller, const Request& request) {
                return answer_addresses(users, caller, request);
            }};
}

/// Which is the default is said by the book: no version of the address.
Response address_response(int status, const AddressEntry& entry) {
    return tagged_response(status, render_address(entry), entry.saved.version);
}

Route show_route(const Users& users) {
    return {.name = "show_address",
            .method = Method::get,
            .pattern = "/v1/stores/{store}/me/addresses/{address}",
            .summary = "One of the signed-in customer's addresses.",
            .service = "users",
            .audiences = audience::customer,
            .work = Admission::Work::quick,
            .answers = {{200, "The address.", saved_schema}},
            .handle = [&users](const Caller& caller, const Request& request) -> Result<Response> {
                const AddressEntry entry = TRY(users.address(caller, request.parameter("address")));
                return address_response(200, entry);
            }};
}

Route add_route(const Users& users) {
    return {.name = "add_address",
            .method = Method::post,
            .pattern = "/v1/stores/{store}/me/addresses",
            .summary = "Adds an address; the first one becomes the default.",
            .service = "users",
            .audiences = audience::customer,
            .body = command_schema(Purpose::add),
            .idempotency = IdempotencyKey::honoured,
            .answers = {{201, "The address.", saved_schema}},
            .handle = [&users](const Caller& caller, const Request& request) {
                const AddressChanges members = parse_address_changes(request.json());
                return respond(
                    caller, users.ledger(), [&] { return users.add_address(caller, members); },
                    [&](const AddressEntry& entry) {
                        Response response = address_response(201, entry);
                        response.headers.emplace_back("Location",
                                                      cat("/v1/stores/", caller.in_store().text(),
                                                          "/me/addresses/", entry.saved.id.text()));
                        return response;
                    });
            }};
}

Route change_route(const Users& users) {
    return {
        .name = "change_address",
        .method = Method::patch,
        .pattern = "/v1/stores/{store}/me/addresses/{address}",
        .summary = "Changes an address, or makes it the default.",
        .service = "users",
        .audiences = audience::customer,
        .body = command_schema(Purpose::change),
        .if_match = true,
        .answers = {{200, "The address.", saved_schema}},
        .handle = [&users](const Caller& caller, const Request& request) {
            const AddressChanges changes = parse_address_changes(request.json());
            return respond(
                caller, users.ledger(),
                [&] { return users.change_address(caller, request.parameter("address"), changes); },
                [](const AddressEntry& entry) { return address_response(200, entry); });
        }};
}

Route remove_route(const Users& users) {
    return {.name = "remove_address",
            .method = Method::del,
            .pattern = "/v1/stores/{store}/me/addresses/{address}",
            .summary = "Takes an address away.",
            .service = "users",
            .audiences = audience::customer,
            .if_match = true,
            .answers = {{204, "The address is gone."}},
            .handle = [&users](const Caller& caller, const Request& request) {
                return respond(
                    caller, users.ledger(),
                    [&] { return users.remove_address(caller, request.parameter("address")); },
                    [](const Done&) { return empty_response(204); });
            }};
}

}  // namespace

std::vector<Route> address_routes(const Users& users) {
    return {list_route(users), show_route(users), add_route(users), change_route(users),
            remove_route(users)};
}

}  // namespace souk::users
