#include "adapters/media_s3/created_objects.h"

#include <optional>
#include <utility>

#include "domain/base/json.h"
#include "domain/base/text.h"

namespace souk {

namespace {

std::unexpected<Error> no_event() {
    return invalid_field("", "bad_format", "This is no event of S3.");
}

Result<CreatedObject> object_in(JsonView object, std::optional<std::string> key) {
    const auto size = object["size"].integer();
    if (!key || key->empty() || !size || *size < 0) {
        return no_event();
    }
    return CreatedObject{*std::move(key), static_cast<std::uint64_t>(*size)};
}

}  // namespace

Result<std::vector<CreatedObject>> parse_created_objects(std::string_view event) {
    const JsonDocument document = TRY(JsonDocument::parse(event));
    const JsonView root = document.root();
    std::vector<CreatedObject> objects;
    if (root["Event"].string() == "s3:TestEvent") {
        return objects;
    }
    if (root["source"].string() == "aws.s3") {
        if (root["detail-type"].string() == "Object Created") {
            const JsonView object = root["detail"]["object"];
            objects.push_back(TRY(object_in(object, object["key"].text_or())));
        }
        return objects;
    }
    const JsonView records = root["Records"];
    if (!records.is_array()) {
        return no_event();
    }
    for (std::size_t i = 0; i < records.size(); ++i) {
        const JsonView record = records.at(i);
        if (!record["eventName"].text_or().starts_with("ObjectCreated:")) {
            continue;
        }
        const JsonView object = record["s3"]["object"];
        // Only here the key is encoded, as a form would be.
        objects.push_back(
            TRY(object_in(object, percent_decoded(object["key"].text_or(), PercentStyle::form))));
    }
    return objects;
}

}  // namespace souk
