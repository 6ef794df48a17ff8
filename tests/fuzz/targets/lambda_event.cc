#include <algorithm>
#include <string>

#include "adapters/bus_sns_sqs/receipt.h"
#include "adapters/bus_sns_sqs/relay.h"
#include "adapters/bus_sns_sqs/sqs_event.h"
#include "adapters/bus_sns_sqs/wire.h"
#include "adapters/lambda_runtime/http_event.h"
#include "adapters/lambda_runtime/http_result.h"
#include "domain/base/text.h"
#include "fuzz/target.h"

namespace souk::fuzz {

namespace {

void check_request(JsonView event) {
    const auto request = lambda::parse_http_event(event);
    if (!request) {
        HOLDS(request.error().code == lambda::errors::http_event_malformed ||
              request.error().code == lambda::errors::http_body_undecodable);
        return;
    }
    HOLDS(lambda::is_http_event(event));
    HOLDS(request->path.starts_with('/'));
    for (const auto& [name, value] : request->headers) {
        HOLDS(name == ascii_lower(name));
    }
    HOLDS(std::ranges::count(request->headers, "cookie", &Parameter::first) <= 1 ||
          event["cookies"].size() == 0);
    if (event["isBase64Encoded"].bool_or(false)) {
        HOLDS(to_base64(request->body) == event["body"].text_or());
    } else {
        HOLDS(request->body == event["body"].text_or());
    }
    // Where nothing but the decoded path is known, it is what the encoded one decodes to.
    const std::string raw = event["rawPath"].text_or();
    if (!event["routeKey"].present() && !event["requestContext"]["stage"].present() &&
        raw.starts_with('/')) {
        HOLDS(percent_decoded(request->path, PercentStyle::path) == raw);
    }
}

/// The answer to it reaches the client as it was meant.
void check_result(std::string_view input) {
    const std::size_t half = input.size() / 2;
    Response response;
    response.status = 200;
    response.content_type = std::string(input.substr(0, std::min<std::size_t>(half, 40)));
    response.body = std::make_shared<const std::string>(input);
    response.headers = {{"X-A", std::string(input.substr(half))}, {"Set-Cookie", "a=b"}};
    if (!is_sendable(response)) {
        return;
    }
    const std::string result = lambda::render_http_result(response, Method::get);
    const auto document = JsonDocument::parse(result);
    HOLDS(document.has_value());
    const JsonView root = document->root();
    HOLDS(root["statusCode"].integer() == 200 && root["cookies"].size() == 1);
    const std::string body = root["body"].text_or();
    HOLDS(root["isBase64Encoded"].bool_or(true) ? from_base64(body) == input : body == input);
}

void check_messages(std::string_view input) {
    if (const auto records = parse_sqs_event(input)) {
        for (const auto& record : *records) {
            HOLDS(record.delivery >= 1);
            const sqs::Receipt receipt{record.handle, record.delivery, {}, record.body};
            if (!record.handle.empty() && !record.handle.contains('\n')) {
                const auto again = sqs::receipt_from(sqs::to_text(receipt));
                HOLDS(again && again->handle == record.handle && again->body == record.body);
                HOLDS(again->delivery == record.delivery);
            }
        }
    }
    if (const auto receipt = sqs::receipt_from(input)) {
        HOLDS(receipt->delivery >= 1);
        HOLDS(sqs::receipt_from(sqs::to_text(*receipt)).has_value());
    }
    if (const auto records = parse_stream_event(input)) {
        for (const auto& record : *records) {
            static_cast<void>(parse_cloud_event(record.json));
        }
    }
    HOLDS(!sqs::reason_text(input).empty() && sqs::reason_text(input).size() <= 1024);
    HOLDS(is_utf8(sqs::reason_text(input)));
    HOLDS(sqs::reason_text(sqs::reason_text(input)) == sqs::reason_text(input));
}

void check_cloud_event(std::string_view input) {
    const auto event = parse_cloud_event(input);
    if (!event) {
        return;
    }
    for (const std::string& text : {render_cloud_event(*event), sqs::message_body(*event)}) {
        const auto again = parse_cloud_event(text);
        HOLDS(again.has_value());
        HOLDS(again->id == event->id && again->source == event->source);
        HOLDS(again->type == event->type && again->subject == event->subject);
        HOLDS(again->time == event->time && again->body == event->body);
        HOLDS(again->traceparent == event->traceparent && again->store() == event->store());
    }
}

}  // namespace

FUZZ_TARGET(lambda_event) {
    if (const auto document = JsonDocument::parse(input)) {
        check_request(document->root());
    }
    check_result(input);
    check_messages(input);
    check_cloud_event(input);
}

}  // namespace souk::fuzz
