#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/base/error.h"
#include "domain/ports/environment.h"
#include "domain/ports/http.h"
#include "domain/ports/ledger.h"

/// The cursors of public lists: opaque to the caller, signed, and bound to what they were made for.
namespace souk {

/// Longest text that a cursor may carry, so that the sealed form stays below the 2,048 characters
/// that
/// `?cursor=` takes. Unit: bytes.
inline constexpr std::size_t cursor_text_max = 1500;

/// `text` (a position in a list) as an opaque cursor of URL-safe characters. Equal inputs give
/// equal cursors, so a page's ETag is stable. `scope` names store, caller's audience and query;
/// what is sealed for one scope opens for no other. The text is signed, not hidden: put nothing
/// secret into it. Shape: text of at most cursor_text_max bytes.
[[nodiscard]] std::string seal_cursor(const Environment& environment, std::string_view scope,
                                      std::string_view text);

/// The text of a cursor that `seal_cursor` made for the same scope; empty for an empty cursor (the
/// first page). Errors: invalid_cursor.
[[nodiscard]] Result<std::string> open_cursor(const Environment& environment,
                                              std::string_view scope, std::string_view cursor);

/// The page of a list that a request asks for. Shape: `scope` as for seal_cursor; `fetch` is
/// (limit, the ledger's cursor) -> Result of {items, the ledger's next cursor}; `render` is (item)
/// -> JSON text. Errors: invalid_cursor; those of `fetch`.
template <class Fetch, class Render>
Result<Response> answer_page(const Environment& environment, const Request& request,
                             std::string_view scope, Fetch fetch, Render render) {
    const std::string from = TRY(open_cursor(environment, scope, request.cursor()));
    const auto page = TRY(fetch(request.limit(), from));
    const auto& [items, cursor] = page;
    std::vector<std::string> shown;
    for (const auto& item : items) {
        shown.push_back(render(item));
    }
    return page_response(
        shown, cursor ? std::optional(seal_cursor(environment, scope, *cursor)) : std::nullopt);
}

/// An entry of a list: what it is called there, and its JSON.
struct ListItem {
    std::string id;
    std::string json;
};

/// One page of a short list that is in memory as a whole, in a stable order, as the request's
/// `limit` and `cursor` ask for it. The next page goes on behind the last item, wherever that is by
/// then; if it is gone, where it was. Errors: invalid_cursor.
[[nodiscard]] Result<Response> list_page(const Environment& environment, std::string_view scope,
                                         const Request& request,
                                         const std::vector<ListItem>& items);

}  // namespace souk
