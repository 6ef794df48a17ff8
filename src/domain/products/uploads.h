#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/ports/media.h"
#include "domain/ports/unit_of_work.h"
#include "domain/products/product.h"

namespace souk::products {

/// What may be shown in a shop, and how its files end. No SVG: it can carry scripts.

struct RequestUpload {
    std::string content_type;  // One of image_types.
    std::uint64_t size = 0;    // 1..media_bytes_max
    std::string alt;
};

struct Upload {
    MediaId id;
    UploadAddress address;
    std::string url;  // Where the image will be.
};

/// Images that staff upload by themselves, to be attached to products.
class Uploads {
public:
    Uploads(const ServiceLedger& ledger, Media& media) : ledger_(ledger), media_(media) {}

    /// An address that takes the file for upload_life; its key is ours, never the caller's.
    [[nodiscard]] Result<Change<Upload>> request(const Caller& caller,
                                                 const RequestUpload& command) const;

private:
    const ServiceLedger& ledger_;
    Media& media_;
};

/// The picture that was announced under this id, whether or not its file has come.
[[nodiscard]] Result<std::optional<Picture>> find_upload(const StoreLedger& rows,
                                                         const MediaId& id);

}  // namespace souk::products
