#include "gateway/request_reading.h"

#include <algorithm>

#include "domain/base/text.h"
#include "gateway/problem.h"

namespace souk::gateway {

namespace {

/// Units: characters. Source: Stripe (255).
constexpr std::size_t idempotency_key_max = 255;
/// Strangers, who are all "guest", may well choose the same short key; it then also takes the same
/// address to be the same caller.
constexpr std::size_t unguessable_key_min = 16;
constexpr std::size_t request_id_max = 128;
constexpr std::size_t cursor_max = 2048;

bool is_visible_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; });
}

/// Whether the header is there, though it may be empty.
bool sends(const Request& request, std::string_view name) {
    return std::ranges::find(request.headers, name, &Parameter::first) != request.headers.end();
}

std::optional<Schema> schema_of(const Route& route, std::string_view name) {
    if (route.paged && name == "limit") {
        return schema::integer(1, 100);
    }
    if (route.paged && name == "cursor") {
        return schema::text(1, cursor_max);
    }
    const auto found = std::ranges::find(route.query, name, &QueryParameter::name);
    return found == route.query.end() ? std::nullopt : std::optional(found->schema);
}

std::string_view media_type(std::string_view content_type) {
    return trimmed(content_type.substr(0, content_type.find(';')));
}

/// Whether it names no charset, or the one that all text has here.
bool is_in_utf8(std::string_view content_type) {
    for (const auto parameter : split(content_type, ';')) {
        const auto equals = std::min(parameter.find('='), parameter.size());
        if (ascii_equal_ignoring_case(trimmed(parameter.substr(0, equals)), "charset")) {
            std::string value(trimmed(parameter.substr(std::min(equals + 1, parameter.size()))));
            std::erase(value, '"');
            return ascii_equal_ignoring_case(value, "utf-8") ||
                   ascii_equal_ignoring_case(value, "us-ascii");
        }
    }
    return true;
}

struct EntityTag {
    bool weak = false;
    std::string_view quoted;
};

/// A header's list of entity tags, whose members may be empty and whose tags may hold commas; or
/// nothing if it is none. Source: RFC 9110, 5.6.1 and 8.8.3.
std::optional<std::vector<EntityTag>> entity_tags(std::string_view list) {
    std::vector<EntityTag> tags;
    bool separated = true;
    while (!(list = trimmed(list)).empty()) {
        if (list.front() == ',') {
            list.remove_prefix(1);
            separated = true;
            continue;
        }
        const bool weak = list.starts_with("W/");
        list.remove_prefix(weak ? 2 : 0);
        const auto end = list.starts_with('"') ? list.find('"', 1) : std::string_view::npos;
        if (end == std::string_view::npos || !separated) {
            return std::nullopt;
        }
        tags.push_back({weak, list.substr(0, end + 1)});
        list.remove_prefix(end + 1);
        separated = false;
    }
    return tags;
}

/// A hash of all of the body, chained from piece to piece, so that it never is in memory as a
/// whole.
Result<std::string> digest_of(SpooledBody& body, const Crypto& crypto) {
    constexpr std::size_t piece_bytes = 256 * 1024;
    std::string digest;
    body.rewind();
    for (;;) {
        const std::string piece = TRY(body.next(piece_bytes));
        if (piece.empty()) {
            break;
        }
        digest = crypto.sha256(digest.append(piece));
    }
    body.rewind();
    return digest;
}

}  // namespace

Result<std::vector<Parameter>> read_query(const Route& route, std::string_view query) {
    std::vector<Parameter> parameters;
    std::vector<FieldError> mistakes;
    if (query.empty()) {
        return parameters;
    }
    for (const auto piece : split(query, '&')) {
        if (piece.empty()) {
            continue;
        }
        const auto equals = piece.find('=');
        const auto name = percent_decoded(piece.substr(0, equals), PercentStyle::form);
        const auto value = equals == std::string_view::npos
                               ? std::optional<std::string>("")
                               : percent_decoded(piece.substr(equals + 1), PercentStyle::form);
        if (!name || !value || !is_utf8(*name) || !is_utf8(*value)) {
            mistakes.push_back({"", "bad_format", "A malformed escape or invalid UTF-8."});
            continue;
        }
        const std::string where = pointer_token(*name);
        const auto schema = schema_of(route, *name);
        if (!schema) {
            mistakes.push_back({where, "unknown_parameter", "No such query parameter."});
        } else if (std::ranges::find(parameters, *name, &Parameter::first) != parameters.end()) {
            mistakes.push_back({where, "repeated", "Given twice."});
        } else {
            validate_text(*schema, *value, where, mistakes);
            parameters.emplace_back(*name, *value);
        }
    }
    if (!mistakes.empty()) {
        std::string detail = mistakes.size() == 1
                                 ? cat(mistakes[0].pointer, ": ", mistakes[0].detail)
                                 : cat(mistakes.size(), " mistakes; see errors.");
        const bool only_unknown = std::ranges::all_of(mistakes, [](const FieldError& mistake) {
            return mistake.code == errors::unknown_parameter.name;
        });
        return fail(Error{only_unknown ? errors::unknown_parameter : errors::invalid_query,
                          std::move(detail), std::move(mistakes)});
    }
    return parameters;
}

Result<JsonDocument> read_body(const Route& route, const Request& request) {
    if (route.method == Method::get) {
        return JsonDocument{};  // Content means nothing there (RFC 9110, 9.3.1).
    }
    const std::string_view coding = request.header("content-encoding");
    if (!coding.empty() && !ascii_equal_ignoring_case(coding, "identity")) {
        return fail(errors::unsupported_media_type, "Send it without Content-Encoding.");
    }
    const std::string_view content_type = media_type(request.header("content-type"));
    if (route.body_content_type != "*/*" && !is_in_utf8(request.header("content-type"))) {
        return fail(errors::unsupported_media_type, "Send text in UTF-8.");
    }
    if (route.spool || route.body_content_type != "application/json") {
        if (!ascii_equal_ignoring_case(content_type, route.body_content_type) &&
            route.body_content_type != "*/*") {
            return fail(errors::unsupported_media_type, cat("Send ", route.body_content_type, "."));
        }
        return JsonDocument{};
    }
    if (request.body.empty() && (!route.body || route.body_optional)) {
        return JsonDocument{};
    }
    const bool is_json =
        ascii_equal_ignoring_case(content_type, "application/json") ||
        (route.method == Method::patch && ascii_equal_ignoring_case(content_type, merge_patch));
    if (!is_json) {
        return fail(errors::unsupported_media_type, request.body.empty()
                                                        ? "Send a body, as application/json."
                                                        : "Send application/json.");
    }
    JsonDocument document = TRY(JsonDocument::parse(request.body));
    std::vector<FieldError> mistakes;
    validate(route.body ? *route.body : schema::object({}), document.root(), "", mistakes);
    if (!mistakes.empty()) {
        return invalid_fields(std::move(mistakes));
    }
    return document;
}

Result<std::optional<std::vector<std::uint64_t>>> read_if_match(const Request& request) {
    const std::string_view header = trimmed(request.header("if-match"));
    if (!sends(request, "if-match") || header == "*") {
        return std::nullopt;
    }
    const auto tags = entity_tags(header);
    if (!tags || tags->empty()) {
        return fail(errors::invalid_header,
                    "If-Match takes entity tags as answers give them, e.g. \"7\".");
    }
    std::vector<std::uint64_t> versions;
    for (const auto& tag : *tags) {
        // A weak tag never matches, nor does one that is not of our making: RFC 9110, 13.1.1.
        const std::string_view text = tag.quoted.substr(1, tag.quoted.size() - 2);
        const auto version = to_integer(text.substr(0, text.find('-')));
        if (!tag.weak && version && *version >= 0) {
            versions.push_back(static_cast<std::uint64_t>(*version));
        }
    }
    return versions;
}

Result<void> require_idempotency_key(const Route& route, const Request& request) {
    if (route.idempotency == IdempotencyKey::required && !sends(request, "idempotency-key")) {
        return fail(errors::idempotency_key_required,
                    "Send an Idempotency-Key header, so that a retry cannot act twice.");
    }
    return {};
}

Result<std::optional<Idempotency>> read_idempotency(const Route& route, const Request& request,
                                                    const Caller& caller,
                                                    const Environment& environment) {
    if (route.idempotency == IdempotencyKey::not_applicable || !sends(request, "idempotency-key")) {
        return std::nullopt;
    }
    std::string_view key = trimmed(request.header("idempotency-key"));
    // The IETF draft makes it a quoted string; Stripe and most clients send it bare.
    if (key.size() >= 2 && key.front() == '"' && key.back() == '"') {
        key = key.substr(1, key.size() - 2);
    }
    if (key.empty() || key.size() > idempotency_key_max || !is_visible_ascii(key)) {
        return fail(errors::invalid_header, cat("Idempotency-Key has 1 to ", idempotency_key_max,
                                                " visible ASCII characters."));
    }
    const std::string store = caller.store ? caller.store->text() : "platform";
    const std::string who = !caller.principal.id.empty()       ? caller.principal.id
                            : key.size() < unguessable_key_min ? cat("guest ", request.peer)
                                                               : "guest";
    const Crypto& crypto = environment.crypto;
    Idempotency idempotency;
    idempotency.scope = to_hex(crypto.sha256(cat(store, '\n', who, '\n', key)));
    const std::string body =
        request.spooled ? TRY(digest_of(*request.spooled, crypto)) : request.body;
    // A store is the same one by its id and by its slug.
    std::string place = route.pattern;
    for (const auto& [name, value] : request.path_parameters) {
        place += cat('\n', name == "store" && caller.store ? caller.store->text() : value);
    }
    // Keyed twice: it is stored, and what it is made from may hold a password that can be guessed.
    idempotency.fingerprint = to_hex(crypto.hmac_sha256(
        environment.key_for("request fingerprints"),
        cat(key, '\n', name_of(request.method), '\n', place, '\n', request.query, '\n', body)));
    idempotency.seal_key = crypto.hmac_sha256(key, cat("answer\n", store, '\n', who));
    return idempotency;
}

std::string read_request_id(const Request& request, const Environment& environment) {
    const std::string_view sent = request.header("x-request-id");
    if (!sent.empty() && sent.size() <= request_id_max && is_visible_ascii(sent)) {
        return std::string(sent);
    }
    return environment.fresh<RequestId>().text();
}

bool none_match_hit(const Request& request, std::string_view etag) {
    const std::string_view header = trimmed(request.header("if-none-match"));
    if (header.empty() || etag.empty()) {
        return false;
    }
    const auto tags = entity_tags(header);
    return header == "*" ||
           (tags && std::ranges::find(*tags, etag, &EntityTag::quoted) != tags->end());
}

}  // namespace souk::gateway
