#include "domain/ports/cursor.h"

#include <algorithm>
#include <optional>

#include "domain/base/text.h"

namespace souk {

namespace {

/// 128 bits of the HMAC are enough against forgery and keep cursors short. Unit: bytes.
constexpr std::size_t signature_size = 16;

std::string signature(const Environment& environment, std::string_view scope,
                      std::string_view text) {
    // The length keeps {scope, text} apart from every other way to cut the same bytes in two.
    const std::string message = cat(scope.size(), ':', scope, text);
    return environment.crypto.hmac_sha256(environment.key_for("cursors"), message)
        .substr(0, signature_size);
}

}  // namespace

std::string seal_cursor(const Environment& environment, std::string_view scope,
                        std::string_view text) {
    CHECK(text.size() <= cursor_text_max);
    return to_base64url(cat(signature(environment, scope, text), text));
}

Result<std::string> open_cursor(const Environment& environment, std::string_view scope,
                                std::string_view cursor) {
    if (cursor.empty()) {
        return std::string();
    }
    const auto bytes = from_base64url(cursor);
    if (!bytes || bytes->size() < signature_size) {
        return fail(errors::invalid_cursor, "Not a cursor of this list.");
    }
    std::string text = bytes->substr(signature_size);
    if (!equal_in_constant_time(bytes->substr(0, signature_size),
                                signature(environment, scope, text))) {
        return fail(errors::invalid_cursor, "Not a cursor of this list, or of another query.");
    }
    return text;
}

Result<Response> list_page(const Environment& environment, std::string_view scope,
                           const Request& request, const std::vector<ListItem>& items) {
    const std::string position = TRY(open_cursor(environment, scope, request.cursor()));
    std::size_t from = 0;
    if (!position.empty()) {
        const std::size_t space = position.find(' ');
        const auto last = std::ranges::find(items, position.substr(space + 1), &ListItem::id);
        from =
            last != items.end()
                ? static_cast<std::size_t>(last - items.begin()) + 1
                : std::min(
                      static_cast<std::size_t>(to_integer(position.substr(0, space)).value_or(0)),
                      items.size());
    }
    const auto until = std::min(from + static_cast<std::size_t>(request.limit()), items.size());
    std::vector<std::string> shown;
    for (std::size_t i = from; i < until; ++i) {
        shown.push_back(items[i].json);
    }
    return page_response(
        shown, until < items.size()
                   ? std::optional(
                         seal_cursor(environment, scope, cat(until - 1, ' ', items[until - 1].id)))
                   : std::nullopt);
}

}  // namespace souk
