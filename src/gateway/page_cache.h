#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "domain/ports/http.h"
#include "gateway/watched_cache.h"

namespace souk::gateway {

/// Hot public pages by path and query, kept in process until a commit touches a partition that they
/// were made from. Thread-safe.
class PageCache {
public:
    PageCache(const CommitEpochs& epochs, std::size_t bytes_max) : pages_(epochs, bytes_max) {}

    /// Whether it is of any use to know what a page was made from.
    [[nodiscard]] bool keeps() const { return pages_.keeps(); }

    /// The page, if nothing that it was made from has changed.
    [[nodiscard]] std::shared_ptr<const Response> find(std::string_view key) {
        return pages_.find(key);
    }
    void keep(std::string key, Response page, Dependencies made_from) {
        const std::size_t bytes = page.text().size();
        pages_.keep(std::move(key), std::move(page), bytes, std::move(made_from));
    }

private:
    WatchedCache<Response> pages_;
};

}  // namespace souk::gateway
