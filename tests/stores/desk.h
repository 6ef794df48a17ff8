#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/memory/memory_ledger.h"
#include "adapters/memory/test_environment.h"
#include "domain/base/text.h"
#include "domain/ports/route.h"
#include "domain/ports/store_ledger.h"

/// What the tests of the stores and users services stand on: a service's routes, called as the
/// gateway would.
namespace souk::testing {

inline Caller customer_of(const StoreId& store, const UserId& user) {
    Caller caller;
    caller.store = store;
    caller.principal.kind = Principal::Kind::customer;
    caller.principal.id = user.text();
    return caller;
}

inline Caller account(const UserId& user) {
    Caller caller;
    caller.principal.kind = Principal::Kind::staff;
    caller.principal.id = user.text();
    return caller;
}

inline Caller staff_of(const StoreId& store, const UserId& user, Role role) {
    Caller caller = account(user);
    caller.store = store;
    caller.principal.role = role;
    for (const Permission permission : all_permissions()) {
        if (grants(role, permission)) {
            caller.principal.permissions.push_back(permission);
        }
    }
    return caller;
}

inline Caller guest_of(std::optional<StoreId> store) {
    Caller caller;
    caller.store = std::move(store);
    return caller;
}

/// The caller, with an Idempotency-Key whose request says `body`.
inline Caller with_key(Caller caller, const Crypto& crypto, std::string_view key,
                       std::string_view body) {
    caller.idempotency = Idempotency{to_hex(crypto.sha256(cat("scope", key))),
                                     to_hex(crypto.sha256(body)), crypto.sha256(key)};
    return caller;
}

inline Caller if_match(Caller caller, std::uint64_t version) {
    caller.if_match = std::vector<std::uint64_t>{version};
    return caller;
}

/// Calls routes by their names, after the checks that the gateway makes by the route alone.
class Desk {
public:
    explicit Desk(std::vector<Route> routes) : routes_(std::move(routes)) {}

    Result<Response> call(std::string_view name, const Caller& caller, std::string_view body = {},
                          std::vector<Parameter> path = {},
                          std::vector<Parameter> query = {}) const {
        const Route& asked = route(name);
        if (!caller.may(asked.permission) && !asked.audiences.anyone) {
            return fail(errors::forbidden, "As the gateway says.");
        }
        Request request;
        request.method = asked.method;
        request.path_parameters = std::move(path);
        request.query_parameters = std::move(query);
        if (asked.body) {
            request.document = TRY(JsonDocument::parse(body));
            std::vector<FieldError> mistakes;
            validate(*asked.body, request.json(), "", mistakes);
            if (!mistakes.empty()) {
                return invalid_fields(std::move(mistakes));
            }
        }
        Response answer = TRY(asked.handle(caller, request));
        expect_documented(asked, answer);
        return answer;
    }

    const Route& route(std::string_view name) const {
        const auto found = std::ranges::find(routes_, name, &Route::name);
        CHECK(found != routes_.end());
        return *found;
    }

private:
    static void expect_documented(const Route& route, const Response& answer) {
        const auto documented = std::ranges::find(route.answers, answer.status, &Answer::status);
        ASSERT_NE(documented, route.answers.end()) << route.name << " answers " << answer.status;
        if (documented->body) {
            const auto document = JsonDocument::parse(answer.text());
            ASSERT_TRUE(document) << answer.text();
            std::vector<FieldError> mistakes;
            validate(documented->body(), document->root(), "", mistakes);
            EXPECT_TRUE(mistakes.empty())
                << route.name << ": " << mistakes.front().pointer << " " << mistakes.front().code;
        }
    }

    std::vector<Route> routes_;
};

inline JsonDocument json_of(const Result<Response>& answer) {
    if (!answer) {
        ADD_FAILURE() << answer.error().code.name << ": " << answer.error().detail;
        return {};
    }
    auto document = JsonDocument::parse(answer->text());
    EXPECT_TRUE(document);
    return document ? *std::move(document) : JsonDocument();
}

/// The answer's member of that name, as text.
inline std::string member_of(const Result<Response>& answer, std::string_view name) {
    return json_of(answer).root()[name].text_or();
}

inline std::string_view code_of(const Result<Response>& answer) {
    return answer ? std::string_view("none") : answer.error().code.name;
}

/// The pointers and codes of a validation error, "pointer code" each.
inline std::vector<std::string> mistakes_of(const Result<Response>& answer) {
    std::vector<std::string> mistakes;
    if (!answer) {
        for (const auto& field : answer.error().fields) {
            mistakes.push_back(cat(field.pointer, " ", field.code));
        }
    }
    return mistakes;
}

inline bool is_replay(const Result<Response>& answer) {
    return answer && std::ranges::find(answer->headers, Parameter{"Idempotent-Replayed", "true"}) !=
                         answer->headers.end();
}

/// All that a ledger holds and has announced, to be compared with another moment's.
inline std::vector<std::string> snapshot(const MemoryLedger& ledger) {
    std::vector<std::string> all;
    for (const auto& row : ledger.rows()) {
        all.push_back(cat(row.key.table, " ", row.key.partition, " ", row.key.sort, " ",
                          row.version, " ", row.body));
    }
    for (const auto& event : ledger.events()) {
        all.push_back(cat(event.type, " ", event.source, " ", event.body));
    }
    return all;
}

inline bool mentions(const std::vector<std::string>& all, std::string_view text) {
    return std::ranges::any_of(
        all, [text](const std::string& one) { return one.find(text) != std::string::npos; });
}

inline std::vector<Event> events_of(const MemoryLedger& ledger, std::string_view type) {
    std::vector<Event> found;
    for (auto& event : ledger.events()) {
        if (event.type == type) {
            found.push_back(event);
        }
    }
    return found;
}

}  // namespace souk::testing
