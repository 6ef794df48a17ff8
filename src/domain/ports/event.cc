#include "domain/ports/event.h"

#include "domain/base/json.h"

namespace souk {

std::string_view Event::store() const {
    constexpr std::string_view stores = "/stores/";
    const std::string_view path = source;
    if (!path.starts_with(stores)) {
        return {};
    }
    return path.substr(stores.size(), path.find('/', stores.size()) - stores.size());
}

std::string render_cloud_event(const Event& event) {
    JsonWriter out;
    out.begin_object()
        .member("specversion", "1.0")
        .member("id", event.id)
        .member("source", event.source)
        .member("type", event.type)
        .member("subject", event.subject)
        .member("time", to_rfc3339(event.time))
        .member("datacontenttype", "application/json");
    if (!event.traceparent.empty()) {
        out.member("traceparent", event.traceparent);
    }
    out.raw_member("data", event.body.empty() ? "{}" : event.body).end_object();
    return out.take();
}

Result<Event> parse_cloud_event(std::string_view json) {
    const JsonDocument document = TRY(JsonDocument::parse(json));
    const JsonView root = document.root();
    const auto time = from_rfc3339(root["time"].text_or());
    if (!root["id"].is_string() || !root["source"].is_string() || !root["type"].is_string() ||
        !time) {
        return fail(errors::corrupt_row, "Not a CloudEvent: id, source, type or time is missing.");
    }
    return Event{root["id"].text_or(),
                 root["source"].text_or(),
                 root["type"].text_or(),
                 root["subject"].text_or(),
                 *time,
                 root["data"].render(),
                 root["traceparent"].text_or()};
}

}  // namespace souk
