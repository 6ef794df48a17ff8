#include "domain/products/uploads.h"

#include <algorithm>

#include "domain/base/json.h"
#include "domain/base/text.h"

namespace souk::products {

namespace {

constexpr std::string_view media_sort = "media";

std::string_view extension_of(std::string_view image_type) {
    return image_type == "image/jpeg" ? "jpg" : image_type.substr(image_type.find('/') + 1);
}

std::string media_partition(const MediaId& id) { return cat("media#", id.text()); }

}  // namespace

Result<Change<Upload>> Uploads::request(const Caller& caller, const RequestUpload& command) const {
    CHECK(std::ranges::find(image_types, command.content_type) != image_types.end());
    const StoreLedger rows = ledger_.store(caller.in_store());
    const auto id = ledger_.environment().fresh<MediaId>();
    const std::string key =
        cat(caller.in_store().text(), '/', id.text(), '.', extension_of(command.content_type));
    auto address = TRY(media_.upload_address(key, command.content_type, command.size));
    Upload upload{id, std::move(address), media_.public_url(key)};
    JsonWriter body;
    body.begin_object()
        .member("v", 1)
        .member("key", key)
        .member("type", command.content_type)
        .member("size", command.size)
        .member("alt", command.alt)
        .end_object();
    Changes changes;
    rows.put(
        changes,
        {.partition = media_partition(id), .sort = std::string(media_sort), .body = body.take()},
        Expect::absent());
    return Change<Upload>{std::move(upload), std::move(changes)};
}

Result<std::optional<Picture>> find_upload(const StoreLedger& rows, const MediaId& id) {
    const auto row = TRY(rows.find(media_partition(id), media_sort));
    if (!row) {
        return std::nullopt;
    }
    const JsonDocument document = TRY(JsonDocument::parse(row->body));
    return Picture{
        .id = id, .key = document.root()["key"].text_or(), .alt = document.root()["alt"].text_or()};
}

}  // namespace souk::products
