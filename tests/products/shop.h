#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "adapters/memory/memory_ledger.h"
#include "adapters/memory/test_environment.h"
#include "adapters/memory_ports/memory_media.h"
#include "domain/base/text.h"
#include "domain/products/routes.h"
#include "support/mortal_ledger.h"

namespace souk::products {

/// The stores of a test, settable.
class TinyDirectory final : public stores::StoreDirectory {
public:
    std::map<StoreId, stores::Store> all;

    Result<stores::Store> store(const StoreId& id) const override {
        const auto found = all.find(id);
        if (found == all.end()) {
            return fail(souk::errors::not_found, "No such store.");
        }
        return found->second;
    }
    Result<std::optional<StoreId>> resolve(std::string_view) const override { return std::nullopt; }
    Result<std::optional<Role>> role_of(const StoreId&, const UserId&) const override {
        return std::nullopt;
    }
    Result<std::optional<stores::ApiKeyGrant>> api_key(std::string_view) const override {
        return std::nullopt;
    }
};

class StringReader final : public BodyReader {
public:
    explicit StringReader(std::string text) : text_(std::move(text)) {}
    Result<std::string> next(std::size_t bytes_max) override {
        std::string piece = text_.substr(at_, bytes_max);
        at_ += piece.size();
        return piece;
    }
    std::uint64_t size() const override { return text_.size(); }

private:
    std::string text_;
    std::size_t at_ = 0;
};

/// The whole products service over memory, with two stores, and its routes called as the gateway
/// would.
class Shop : public ::testing::Test {
protected:
    TestEnvironment environment;
    MemoryLedger memory{environment.clock};
    testing::MortalLedger ledger{memory};
    MemoryMedia media{environment.clock};
    TinyDirectory directory;
    StoreId store_id = environment.environment().fresh<StoreId>();
    StoreId other_store = environment.environment().fresh<StoreId>();
    ServiceLedger rows{ledger, "products", environment.environment()};
    std::unique_ptr<Products> products;
    std::vector<Route> table;

    Shop() {
        add_store(store_id, "EUR");
        add_store(other_store, "JPY");
        restart();
    }

    void add_store(const StoreId& id, std::string_view currency) {
        stores::Store store{.id = id,
                            .slug = "shop",
                            .name = "Shop",
                            .currency = *Currency::parse(currency),
                            .locale = "en",
                            .domains = {},
                            .tax = {},
                            .shipping_methods = {},
                            .created_at = {}};
        directory.all.insert_or_assign(id, store);
    }
    void require_moderation() {
        directory.all.at(store_id).moderation = stores::Moderation::required;
    }
    void restart() {
        ledger.commits_left = -1;
        products = std::make_unique<Products>(rows, AllStores::granted_by_composition_root(),
                                              directory, media);
        table = routes(*products);
    }

    Caller as(Role role) {
        Caller caller;
        caller.store = store_id;
        caller.principal.kind = Principal::Kind::staff;
        caller.principal.id = "user_staff";
        for (const Permission permission : all_permissions()) {
            if (grants(role, permission)) {
                caller.principal.permissions.push_back(permission);
            }
        }
        return caller;
    }
    Caller staff() { return as(Role::owner); }
    Caller guest() {
        Caller caller;
        caller.store = store_id;
        return caller;
    }

    struct Answer {
        int status = 0;
        std::string code;  // Of a failure.
        Error error{souk::errors::not_found, ""};
        Response response;
        JsonDocument document;
        JsonView json() const { return document.root(); }
        std::string pointers() const {
            std::string all;
            for (const auto& field : error.fields) {
                all += cat(all.empty() ? "" : " ", field.pointer, ":", field.code);
            }
            return all;
        }
    };

    /// Path parameters and query parameters in the order {name, value}.
    using Parameters = std::vector<Parameter>;

    Answer call(const Caller& caller, std::string_view name, Parameters path = {},
                const std::string& body = "", Parameters query = {}) {
        const auto route = std::ranges::find(table, name, &Route::name);
        CHECK(route != table.end());
        Request request;
        request.method = route->method;
        request.path_parameters = std::move(path);
        request.query_parameters = std::move(query);
        Answer answer;
        std::vector<FieldError> mistakes;
        if (route->body) {
            auto document = JsonDocument::parse(body);
            CHECK(document.has_value());
            request.document = std::move(*document);
            validate(*route->body, request.json(), "", mistakes);
        } else {
            request.body = body;
        }
        for (const auto& [parameter, value] : request.query_parameters) {
            const auto known = std::ranges::find(route->query, parameter, &QueryParameter::name);
            if (known != route->query.end()) {
                validate_text(known->schema, value, "?" + parameter, mistakes);
            }
        }
        Result<Response> outcome = mistakes.empty()
                                       ? route->handle(caller, request)
                                       : Result<Response>(invalid_fields(std::move(mistakes)));
        if (!outcome) {
            answer.error = outcome.error();
            answer.code = answer.error.code.name;
            return answer;
        }
        answer.response = *std::move(outcome);
        answer.status = answer.response.status;
        if (answer.response.body && !answer.response.text().empty()) {
            auto document = JsonDocument::parse(answer.response.text());
            CHECK(document.has_value());
            answer.document = std::move(*document);
            check_against_schema(*route, answer);
        }
        return answer;
    }

    /// What a route answers is what it says it answers.
    static void check_against_schema(const Route& route, const Answer& answer) {
        const auto said = std::ranges::find(route.answers, answer.status, &souk::Answer::status);
        ASSERT_NE(said, route.answers.end()) << route.name << " " << answer.status;
        if (said->body) {
            std::vector<FieldError> mistakes;
            validate(said->body(), answer.json(), "", mistakes);
            EXPECT_TRUE(mistakes.empty())
                << route.name << " " << mistakes.front().pointer << " " << mistakes.front().detail;
        }
    }

    std::string create(const std::string& body) {
        const Answer answer = call(staff(), "create_product", {}, body);
        EXPECT_EQ(answer.status, 201)
            << answer.code << " " << answer.error.detail << answer.pointers();
        return answer.json()["id"].text_or();
    }
    /// A published product of one variant.
    std::string sell(const std::string& title, const std::string& sku, std::int64_t price,
                     std::int64_t stock, const std::string& more = "") {
        return create(cat(R"({"title":")", title, R"(","status":"published","variants":[{"sku":")",
                          sku, R"(","price":{"amount":)", price,
                          R"(,"currency":"EUR"},"stock_on_hand":)", stock, "}]", more, "}"));
    }
    Answer get(const Caller& caller, const std::string& product) {
        return call(caller, "show_product", {{"product", product}});
    }
    Stock stock_of(const std::string& sku) {
        const auto item = products->inventory().find(store_id, sku);
        return item ? item->stock : Stock{};
    }
    std::vector<std::string> events(std::string_view type) {
        std::vector<std::string> bodies;
        for (const auto& event : memory.events()) {
            if (event.type == type) {
                bodies.push_back(event.body);
            }
        }
        return bodies;
    }
    /// Rows but those of expiring bookkeeping, as text: for "nothing was written".
    std::string everything() {
        std::string all;
        for (const auto& row : memory.rows()) {
            all += cat(row.key.partition, "|", row.key.sort, "|", row.version, "|", row.body);
            for (const auto& [name, value] : row.counters) {
                all += cat("|", name, "=", value);
            }
            all += "\n";
        }
        return all;
    }
    /// As if the store's only product had had so many variants.
    void had_variants(std::int64_t count) {
        constexpr std::string_view member = R"("next_variant":)";
        for (Row row : memory.rows()) {
            const auto at = row.body.find(member);
            if (at != std::string::npos) {
                const auto number = at + member.size();
                row.body.replace(number, row.body.find_first_of(",}", number) - number,
                                 cat(count + 1));
                EXPECT_TRUE(memory.commit({.writes = {Put{row, Expect::any()}}}));
            }
        }
    }
    /// Whether nothing is left but the words of searches, which stay when their products go.
    bool only_words_left() { return rows_with("words#") == memory.rows().size(); }
    std::size_t rows_with(std::string_view prefix) {
        return static_cast<std::size_t>(std::ranges::count_if(memory.rows(), [&](const Row& row) {
            return std::string_view(row.key.partition)
                .substr(store_id.text().size() + 1)
                .starts_with(prefix);
        }));
    }

    Event order_event(std::string_view type, const OrderId& order, const std::string& body) {
        return {environment.environment().fresh<EventId>().text(),
                cat("/stores/", store_id.text(), "/orders"),
                std::string(type),
                order.text(),
                environment.clock.now(),
                body,
                ""};
    }
    Result<void> deliver(const Event& event) { return deliver_to(*products, event); }
    static Result<void> deliver_to(Products& service, const Event& event) {
        for (const auto& reaction : reactions(service)) {
            if (std::ranges::find(reaction.types, event.type) != reaction.types.end()) {
                return reaction.react(event);
            }
        }
        return fail(souk::errors::not_found, "Nobody listens.");
    }
};

}  // namespace souk::products
