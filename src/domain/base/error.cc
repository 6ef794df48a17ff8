#include "domain/base/error.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace souk {

std::unexpected<Error> invalid_field(std::string pointer, std::string_view code,
                                     std::string detail) {
    std::vector<FieldError> fields;
    fields.push_back({std::move(pointer), std::string(code), std::move(detail)});
    return invalid_fields(std::move(fields));
}

std::unexpected<Error> invalid_fields(std::vector<FieldError> fields) {
    CHECK(!fields.empty());
    std::string summary = fields.size() == 1
                              ? fields.front().detail
                              : std::to_string(fields.size()) + " mistakes; see errors.";
    const bool only_unknown = std::ranges::all_of(
        fields, [](const FieldError& field) { return field.code == errors::unknown_member.name; });
    return std::unexpected(Error{only_unknown ? errors::unknown_member : errors::validation_failed,
                                 std::move(summary), std::move(fields)});
}

namespace detail {

void check_failed(const char* expression, const char* file, int line) {
    // house: allow console: the last words of a broken program; nothing else may be relied on.
    std::fprintf(stderr, "CHECK failed: %s at %s:%d\n", expression, file, line);
    std::fflush(stderr);
    std::abort();
}

}  // namespace detail
}  // namespace souk
