#include "adapters/telemetry_prometheus/span_exporter.h"
#include "domain/base/clipped_text.h"
#include "domain/base/json.h"
#include "domain/base/text.h"

namespace souk {

namespace {

constexpr int kind_internal = 1;  // opentelemetry-proto: SPAN_KIND_INTERNAL.
constexpr int status_error = 2;   // STATUS_CODE_ERROR.

void attribute(JsonWriter& out, std::string_view name, std::string_view value) {
    out.begin_object().member("key", readable(name));
    out.key("value")
        .begin_object()
        .member("stringValue", readable(value))
        .end_object()
        .end_object();
}

void render(JsonWriter& out, const SpanRecord& span) {
    out.begin_object().member("traceId", span.trace).member("spanId", span.span);
    if (!span.parent.empty()) {
        out.member("parentSpanId", span.parent);
    }
    out.member("name", readable(span.name))
        .member("kind", kind_internal)
        // 64-bit integers are text in protobuf's JSON.
        .member("startTimeUnixNano", cat(span.start_ns))
        .member("endTimeUnixNano", cat(span.end_ns));
    out.key("attributes").begin_array();
    for (const auto& [name, value] : span.labels) {
        attribute(out, name, value);
    }
    out.end_array().key("status").begin_object();
    if (!span.failure.empty()) {
        out.member("code", status_error).member("message", readable(span.failure));
    }
    out.end_object().end_object();
}

}  // namespace

std::string render_otlp(const SpanOrigin& origin, const std::vector<SpanRecord>& spans) {
    JsonWriter out;
    out.begin_object().key("resourceSpans").begin_array().begin_object();
    out.key("resource").begin_object().key("attributes").begin_array();
    attribute(out, "service.name", origin.service);
    attribute(out, "service.version", origin.version);
    out.end_array().end_object();
    out.key("scopeSpans").begin_array().begin_object();
    out.key("scope").begin_object().member("name", "souk").end_object();
    out.key("spans").begin_array();
    for (const auto& span : spans) {
        render(out, span);
    }
    out.end_array().end_object().end_array().end_object().end_array().end_object();
    return out.take();
}

}  // namespace souk
