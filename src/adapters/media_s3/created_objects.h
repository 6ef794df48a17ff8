#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "domain/base/error.h"

namespace souk {

/// An object that has arrived in a bucket.
struct CreatedObject {
    std::string key;
    std::uint64_t size = 0;  // Units: bytes.
};

/// The objects that an event tells of: S3's own notification (`Records`) or EventBridge's "Object
/// Created". Other events in it, and the test message of a new notification, tell of none.
/// Errors: malformed_json; validation_failed (no such event).
/// Source: Amazon S3 User Guide, "Event message structure", "EventBridge event message structure".
[[nodiscard]] Result<std::vector<CreatedObject>> parse_created_objects(std::string_view event);

}  // namespace souk
