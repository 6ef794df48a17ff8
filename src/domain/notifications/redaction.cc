#include "domain/notifications/redaction.h"

#include "domain/base/json.h"

namespace souk::notifications {

namespace {

constexpr std::string_view secret_member = "code_sealed";

// The depth is bounded: JsonDocument refuses what nests deeper than json_depth_max.
void copy_without_codes(JsonView value, JsonWriter& out) {
    if (value.is_object()) {
        out.begin_object();
        for (std::size_t i = 0; i < value.size(); ++i) {
            const auto [name, content] = value.member(i);
            if (name != secret_member) {
                out.key(name);
                copy_without_codes(content, out);
            }
        }
        out.end_object();
    } else if (value.is_array()) {
        out.begin_array();
        for (std::size_t i = 0; i < value.size(); ++i) {
            copy_without_codes(value.at(i), out);
        }
        out.end_array();
    } else {
        out.raw(value.render());
    }
}

}  // namespace

Result<std::string> without_codes(std::string_view json) {
    const JsonDocument document = TRY(JsonDocument::parse(json));
    JsonWriter out;
    copy_without_codes(document.root(), out);
    return out.take();
}

}  // namespace souk::notifications
