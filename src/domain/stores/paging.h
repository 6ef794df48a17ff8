#pragma once

#include <string>
#include <vector>

#include "domain/ports/cursor.h"
#include "domain/ports/http.h"
#include "domain/stores/store_index.h"

namespace souk::stores {

/// The page that a request asks for. Shape: `scope` names the list and whatever it depends on;
/// `fetch` is (limit, ledger cursor) -> Result<Listing<T>>; `render` is (const T&) -> JSON text.
/// Errors: invalid_cursor; those of `fetch`.
template <class Fetch, class Render>
Result<Response> answer_page(const Environment& environment, const Request& request,
                             std::string_view scope, Fetch fetch, Render render) {
    const std::string from = TRY(open_cursor(environment, scope, request.cursor()));
    const auto listing = TRY(fetch(request.limit(), from));
    std::vector<std::string> items;
    for (const auto& item : listing.items) {
        items.push_back(render(item));
    }
    std::optional<std::string> next;
    if (listing.cursor) {
        next = seal_cursor(environment, scope, *listing.cursor);
    }
    return page_response(items, next);
}

}  // namespace souk::stores
