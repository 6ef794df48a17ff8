#include "domain/notifications/webhook_routes.h"

#include <algorithm>

#include "domain/base/schema.h"
#include "domain/base/text.h"
#include "domain/notifications/event_types.h"
#include "domain/notifications/limits.h"
#include "domain/ports/cursor.h"
#include "domain/ports/tagged_response.h"

namespace souk::notifications {

namespace {

using namespace schema;

constexpr std::string_view collection = "/v1/stores/{store}/webhooks";

Schema url_schema() {
    return text(1, webhook_url_max).described("An https address on the public internet.");
}

/// What is shown is in full; a body may also leave out "souk." and ".v1".
enum class Names { full, also_short };

Schema events_schema(Names names) {
    std::vector<std::string> types{std::string(every_type)};
    types.insert(types.end(), public_event_types.begin(), public_event_types.end());
    for (const auto type : public_event_types) {
        if (names == Names::also_short) {
            types.emplace_back(short_name(type));
        }
    }
    const auto count = static_cast<std::int64_t>(types.size());
    return list(one_of(std::move(types)), count, 1).described("Event types, or \"*\" for all.");
}

std::vector<SchemaMember> webhook_members() {
    return {required("id", id("wh_")),
            required("url", url_schema()),
            required("events", events_schema(Names::full)),
            required("description", text(0, webhook_description_max)),
            required("status", one_of({"enabled", "disabled"})),
            required("disabled_reason", text(0, 500).nullable()),
            required("failing_since", text(TextFormat::instant).nullable()),
            required("created_at", text(TextFormat::instant)),
            required("updated_at", text(TextFormat::instant)),
            required("version", integer(1, INT64_MAX))};
}

Schema webhook_schema() { return object(webhook_members()).named("Webhook"); }

Schema issued_schema() {
    auto members = webhook_members();
    members.push_back(required("secret", text(1, 100).described("Shown this once: whsec_….")));
    return object(std::move(members)).named("IssuedWebhook");
}

Schema delivery_schema() {
    return object({required("id", id("whd_")), required("webhook_id", id("wh_")),
                   required("event_id", id("evt_")), required("event_type", text(1, 100)),
                   required("status", one_of({"pending", "delivered", "failed"})),
                   required("attempts", integer(0, INT64_MAX)),
                   required("last_status", integer(0, 999).nullable()),
                   required("reason", text(0, 1000).nullable()),
                   required("created_at", text(TextFormat::instant)),
                   required("last_attempt_at", text(TextFormat::instant).nullable()),
                   required("next_attempt_at", text(TextFormat::instant).nullable()),
                   required("delivered_at", text(TextFormat::instant).nullable())})
        .named("WebhookDelivery");
}

template <class IdType>
Result<IdType> id_in_path(const Request& request, std::string_view name, std::string_view what) {
    auto parsed = IdType::parse(request.parameter(name));
    if (!parsed) {
        return fail(errors::not_found, cat("There is no such ", what, "."));
    }
    return parsed;
}

Result<WebhookId> webhook_in_path(const Request& request) {
    return id_in_path<WebhookId>(request, "webhook", "webhook");
}

std::vector<std::string> parse_events(JsonView json) {
    if (!json.present()) {
        return {std::string(every_type)};
    }
    std::vector<std::string> events;
    for (std::size_t i = 0; i < json.size(); ++i) {
        std::string type(full_type(json.at(i).text_or()));
        if (std::ranges::find(events, type) == events.end()) {
            events.push_back(std::move(type));
        }
    }
    return events;
}

WebhookPatch parse_patch(JsonView json) {
    WebhookPatch patch;
    if (const auto url = json["url"].string()) {
        patch.url = std::string(*url);
    }
    if (json["events"].present()) {
        patch.events = parse_events(json["events"]);
    }
    if (const auto description = json["description"].string()) {
        patch.description = std::string(*description);
    }
    patch.status = webhook_status_named(json["status"].text_or());
    return patch;
}

Response webhook_response(const Webhook& webhook) {
    // Since when it fails is no version of its own.
    return tagged_response(200, render_webhook(webhook), webhook.version);
}

Response accepted(const Delivery& delivery) {
    return json_response(202, render_delivery(delivery));
}

Result<Response> create(const Webhooks& webhooks, const Caller& caller, const Request& request) {
    const JsonView body = request.json();
    const NewWebhook command{body["url"].text_or(), parse_events(body["events"]),
                             body["description"].text_or()};
    return respond(
        caller, webhooks.ledger(), [&] { return webhooks.create(caller, command); },
        [&](const IssuedWebhook& issued) {
            auto response = json_response(201, render_issued(issued), issued.webhook.version);
            response.headers.emplace_back("Location", cat("/v1/stores/", caller.in_store().text(),
                                                          "/webhooks/", issued.webhook.id.text()));
            return response;
        });
}

Result<Response> show_all(const Webhooks& webhooks, const Caller& caller, const Request& request) {
    std::vector<ListItem> items;
    for (const auto& webhook : TRY(webhooks.list(caller))) {
        items.push_back({webhook.id.text(), render_webhook(webhook)});
    }
    return list_page(webhooks.ledger().environment(), cat("webhooks\n", caller.in_store().text()),
                     request, items);
}

Result<Response> change(const Webhooks& webhooks, const Caller& caller, const Request& request) {
    const WebhookId id = TRY(webhook_in_path(request));
    const WebhookPatch patch = parse_patch(request.json());
    return respond(
        caller, webhooks.ledger(), [&] { return webhooks.change(caller, id, patch); },
        webhook_response);
}

Result<Response> remove(const Webhooks& webhooks, const Caller& caller, const Request& request) {
    const WebhookId id = TRY(webhook_in_path(request));
    return respond(
        caller, webhooks.ledger(), [&] { return webhooks.remove(caller, id); },
        [](const Done&) { return empty_response(204); });
}

Result<Response> rotate(const Webhooks& webhooks, const Caller& caller, const Request& request) {
    const WebhookId id = TRY(webhook_in_path(request));
    return respond(
        caller, webhooks.ledger(), [&] { return webhooks.rotate_secret(caller, id); },
        [](const IssuedWebhook& issued) {
            return json_response(200, render_issued(issued), issued.webhook.version);
        });
}

Result<Response> test(const Webhooks& webhooks, const Caller& caller, const Request& request) {
    const WebhookId id = TRY(webhook_in_path(request));
    return respond(caller, webhooks.ledger(), [&] { return webhooks.test(caller, id); }, accepted);
}

Result<Response> redeliver(const Webhooks& webhooks, const Caller& caller, const Request& request) {
    const WebhookId id = TRY(webhook_in_path(request));
    const DeliveryId delivery = TRY(id_in_path<DeliveryId>(request, "delivery", "delivery"));
    return respond(
        caller, webhooks.ledger(), [&] { return webhooks.redeliver(caller, id, delivery); },
        accepted);
}

Result<Response> show_deliveries(const Webhooks& webhooks, const Caller& caller,
                                 const Request& request) {
    const WebhookId id = TRY(webhook_in_path(request));
    return answer_page(
        webhooks.ledger().environment(), request,
        cat("deliveries#", caller.in_store().text(), "#", id.text()),
        [&](int limit, const std::string& from) {
            return webhooks.deliveries(caller, id, limit, from);
        },
        render_delivery);
}

/// What all the routes have in common.
Route staff_route(std::string name, Method method, std::string_view path, std::string summary) {
    return {.name = std::move(name),
            .method = method,
            .pattern = cat(collection, path),
            .summary = std::move(summary),
            .service = "notifications",
            .audiences = audience::staff,
            .permission = Permission::webhooks_write,
            .answers = {},
            .handle = {}};
}

Handler handler(const Webhooks& webhooks,
                Result<Response> (*handle)(const Webhooks&, const Caller&, const Request&)) {
    return [&webhooks, handle](const Caller& caller, const Request& request) {
        return handle(webhooks, caller, request);
    };
}

std::vector<Route> endpoint_routes(const Webhooks& webhooks) {
    Route creating = staff_route("create_webhook", Method::post, "",
                                 "Adds a webhook endpoint, for all events unless said");
    creating.body =
        object({required("url", url_schema()), optional("events", events_schema(Names::also_short)),
                optional("description", text(0, webhook_description_max))})
            .named("NewWebhook");
    creating.idempotency = IdempotencyKey::honoured;
    creating.answers = {{201, "The endpoint, with its secret", issued_schema}};
    creating.handle = handler(webhooks, create);

    Route listing =
        staff_route("list_webhooks", Method::get, "", "All of the store's webhook endpoints");
    listing.paged = true;
    listing.answers = {{200, "The endpoints, at most 20 in all", page_of(webhook_schema)}};
    listing.handle = handler(webhooks, show_all);

    Route showing = staff_route("show_webhook", Method::get, "/{webhook}", "One webhook endpoint");
    showing.answers = {{200, "The endpoint, without its secret", webhook_schema}};
    showing.handle = [&webhooks](const Caller& caller, const Request& request) -> Result<Response> {
        return webhook_response(TRY(webhooks.webhook(caller, TRY(webhook_in_path(request)))));
    };

    Route changing = staff_route("change_webhook", Method::patch, "/{webhook}",
                                 "Changes, enables or disables a webhook endpoint");
    changing.body =
        object({optional("url", url_schema()), optional("events", events_schema(Names::also_short)),
                optional("description", text(0, webhook_description_max)),
                optional("status", one_of({"enabled", "disabled"}))})
            .named("WebhookPatch");
    changing.if_match = true;
    changing.answers = {{200, "The endpoint as it is now", webhook_schema}};
    changing.handle = handler(webhooks, change);

    Route removing =
        staff_route("remove_webhook", Method::del, "/{webhook}", "Deletes a webhook endpoint");
    removing.if_match = true;
    removing.answers = {{204, "Deleted"}};
    removing.handle = handler(webhooks, remove);

    return {creating, listing, showing, changing, removing};
}

std::vector<Route> delivery_routes(const Webhooks& webhooks) {
    Route rotating = staff_route("rotate_webhook_secret", Method::post, "/{webhook}/rotate-secret",
                                 "Issues a fresh secret; the former signs beside it for 24 hours");
    rotating.idempotency = IdempotencyKey::honoured;
    rotating.if_match = true;
    rotating.answers = {{200, "The endpoint, with its fresh secret", issued_schema}};
    rotating.handle = handler(webhooks, rotate);

    Route testing = staff_route("test_webhook", Method::post, "/{webhook}/test",
                                "Sends the endpoint a souk.webhook.test.v1 event");
    testing.idempotency = IdempotencyKey::honoured;
    testing.answers = {{202, "The delivery that will be attempted", delivery_schema}};
    testing.handle = handler(webhooks, test);

    Route listing = staff_route("list_webhook_deliveries", Method::get, "/{webhook}/deliveries",
                                "Deliveries of the last 30 days, newest first");
    listing.paged = true;
    listing.answers = {{200, "A page of deliveries", page_of(delivery_schema)}};
    listing.handle = handler(webhooks, show_deliveries);

    Route repeating =
        staff_route("redeliver_webhook", Method::post, "/{webhook}/deliveries/{delivery}/redeliver",
                    "Sends the same event again, on a fresh schedule");
    repeating.idempotency = IdempotencyKey::honoured;
    repeating.answers = {{202, "The delivery that will be attempted", delivery_schema}};
    repeating.handle = handler(webhooks, redeliver);

    return {rotating, testing, listing, repeating};
}

}  // namespace

std::vector<Route> webhook_routes(const Webhooks& webhooks) {
    auto all = endpoint_routes(webhooks);
    std::ranges::move(delivery_routes(webhooks), std::back_inserter(all));
    return all;
}

}  // namespace souk::notifications
