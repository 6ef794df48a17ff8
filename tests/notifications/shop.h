#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/memory/memory_bus.h"
#include "adapters/memory/memory_ledger.h"
#include "adapters/memory/test_environment.h"
#include "adapters/memory_ports/memory_http_client.h"
#include "adapters/memory_ports/memory_mailer.h"
#include "adapters/templates_mustache/mustache_templates.h"
#include "domain/base/text.h"
#include "domain/notifications/event_types.h"
#include "domain/notifications/notifications.h"

/// The notifications service on adapters in memory, with two stores.
namespace souk::notifications {

inline const StoreId first_store = StoreId::trusted("store_01ARZ3NDEKTSV4RRFFQ69G5FAV");
inline const StoreId second_store = StoreId::trusted("store_01ARZ3NDEKTSV4RRFFQ69G5FAW");

/// Two stores: "Tea & Co <London>" in English pounds, "Laden" in German euros.
class TwoStores final : public stores::StoreDirectory {
public:
    [[nodiscard]] Result<stores::Store> store(const StoreId& id) const override {
        if (id == first_store) {
            return shop(id, "Tea & Co <London>", "GBP", "en-GB", {"tea.example"});
        }
        if (id == second_store) {
            return shop(id, "Laden", "EUR", "de-DE", {});
        }
        return fail(errors::not_found);
    }
    [[nodiscard]] Result<std::optional<StoreId>> resolve(std::string_view) const override {
        return std::nullopt;
    }
    [[nodiscard]] Result<std::optional<Role>> role_of(const StoreId&,
                                                      const UserId&) const override {
        return std::nullopt;
    }
    [[nodiscard]] Result<std::optional<stores::ApiKeyGrant>> api_key(
        std::string_view) const override {
        return std::nullopt;
    }

private:
    static stores::Store shop(const StoreId& id, std::string name, std::string_view currency,
                              std::string locale, std::vector<std::string> domains) {
        return {.id = id,
                .slug = "shop",
                .name = std::move(name),
                .currency = *Currency::parse(currency),
                .locale = std::move(locale),
                .domains = std::move(domains),
                .tax = {},
                .shipping_methods = {},
                .created_at = {}};
    }
};

/// Its process dies over the mail: nothing is recorded of it.
class DyingMailer final : public Mailer {
public:
    explicit DyingMailer(MemoryLedger& ledger) : ledger_(ledger) {}
    Result<void> send(const Mail&) override {
        ledger_.refuse(1, souk::errors::ledger_unavailable);
        return fail(souk::errors::mail_unavailable, "It died over it.");
    }
    [[nodiscard]] std::chrono::milliseconds longest() const override {
        return std::chrono::seconds(1);
    }

private:
    MemoryLedger& ledger_;
};

class Shop : public testing::Test {
protected:
    TestEnvironment world;
    MemoryLedger ledger{world.clock,
                        {{std::string(mails_queue), {std::string(type::order_confirmed)}},
                         {std::string(webhooks_queue), {std::string(type::order_confirmed)}}}};
    MemoryBus bus{ledger, world.clock};
    TwoStores stores;
    MustacheTemplates templates;
    MemoryMailer mailer;
    MemoryHttpClient client;
    ServiceLedger table{ledger, "notifications", world.environment()};
    Notifications service{
        table, AllStores::granted_by_composition_root(), stores, templates, mailer, client, bus};

    static Caller staff(const StoreId& store = first_store) { return system_caller(store, ""); }

    [[nodiscard]] Event event(std::string_view type, std::string body = "{}",
                              const StoreId& store = first_store) const {
        Event made = table.event(store, type, "subject", std::move(body), "");
        made.source = cat("/stores/", store.text(), "/orders");
        return made;
    }
    [[nodiscard]] Event platform_event(std::string_view type, std::string body) const {
        return table.platform_event(type, "subject", std::move(body), "");
    }

    /// What the message bus does with an event: every reaction of its type once.
    [[nodiscard]] Result<void> react(const Event& event) {
        for (const auto& reaction : reactions(service)) {
            if (std::ranges::find(reaction.types, event.type) != reaction.types.end()) {
                TRY(reaction.react(event));
            }
        }
        return {};
    }

    /// What the gateway does with a request of that route.
    [[nodiscard]] Result<Response> call(std::string_view name, const Caller& caller,
                                        std::vector<Parameter> path = {},
                                        std::string_view body = "{}",
                                        std::vector<Parameter> query = {}) {
        for (const auto& route : routes(service)) {
            if (route.name == name) {
                Request request;
                request.method = route.method;
                request.path = "/v1/stores/x/webhooks";
                request.path_parameters = std::move(path);
                request.query_parameters = std::move(query);
                request.document = TRY(JsonDocument::parse(body));
                return route.handle(caller, request);
            }
        }
        return fail(errors::not_found, "No route of that name.");
    }

    /// An endpoint of the store, with its secret.
    IssuedWebhook endpoint(std::string_view url, std::vector<std::string> events = {"*"},
                           const StoreId& store = first_store) {
        auto change =
            service.webhooks().create(staff(store), {std::string(url), std::move(events), ""});
        EXPECT_TRUE(change && table.commit(change->changes));
        return change->value;
    }
    [[nodiscard]] Webhook stored(const WebhookId& id, const StoreId& store = first_store) {
        return *service.webhooks().webhook(staff(store), id);
    }
    [[nodiscard]] std::vector<Delivery> deliveries(const WebhookId& id,
                                                   const StoreId& store = first_store) {
        return service.webhooks().deliveries(staff(store), id, 100, "")->deliveries;
    }
    [[nodiscard]] std::vector<MailRecord> mails(const StoreId& store = first_store) {
        return service.mails().list(staff(store), 100, "")->mails;
    }
    int sweep() { return service.sweep(world.clock.now()).value_or(-1); }

    [[nodiscard]] std::vector<Event> announced(std::string_view type) const {
        auto events = ledger.events();
        std::erase_if(events, [&](const Event& event) { return event.type != type; });
        return events;
    }
    /// Whether any row or announced event holds the text.
    [[nodiscard]] bool is_kept_anywhere(std::string_view text) const {
        const auto holds = [&](const std::string& body) { return body.find(text) != body.npos; };
        return std::ranges::any_of(ledger.rows(), holds, &Row::body) ||
               std::ranges::any_of(ledger.events(), holds, &Event::body);
    }
    [[nodiscard]] std::string sealed(std::string_view code) {
        const Environment env = world.environment();
        return to_base64(env.crypto.seal(env.key_for("codes"), code));
    }
};

inline JsonDocument parsed(const Response& response) {
    return std::move(*JsonDocument::parse(response.text()));
}
inline std::string header_of(const OutgoingRequest& request, std::string_view name) {
    for (const auto& [key, value] : request.headers) {
        if (key == name) {
            return value;
        }
    }
    return {};
}

}  // namespace souk::notifications
