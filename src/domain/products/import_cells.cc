#include "domain/products/import_cells.h"

#include "domain/base/text.h"
#include "domain/products/limits.h"

namespace souk::products {

std::string misfit(const Schema& schema, std::string_view text) {
    std::vector<FieldError> mistakes;
    validate_text(schema, text, "", mistakes);
    return mistakes.empty() ? "" : mistakes.front().detail;
}

std::optional<std::string> fitting(const ImportRow& row, Column column, const Schema& schema,
                                   const Columns& columns, std::vector<ImportError>& errors) {
    std::string wrong = misfit(schema, row[column]);
    if (!wrong.empty()) {
        errors.push_back({row.number, columns.name(column), std::move(wrong)});
        return std::nullopt;
    }
    return row[column];
}

std::optional<std::int64_t> grams_from(std::string_view text) {
    const auto point = text.find('.');
    const auto whole = to_integer(text.substr(0, point));
    if (!whole || text.starts_with('-') || *whole > weight_grams_max) {
        return std::nullopt;
    }
    if (point == std::string_view::npos) {
        return whole;
    }
    const auto fraction = text.substr(point + 1);
    if (fraction.empty() || fraction.find_first_not_of("0123456789") != std::string_view::npos) {
        return std::nullopt;
    }
    const std::int64_t rounded = *whole + (fraction.front() >= '5' ? 1 : 0);
    return rounded <= weight_grams_max ? std::optional(rounded) : std::nullopt;
}

bool means_yes(std::string_view text) {
    return ascii_equal_ignoring_case(text, "true") || ascii_equal_ignoring_case(text, "yes");
}

bool means_no(std::string_view text) {
    return ascii_equal_ignoring_case(text, "false") || ascii_equal_ignoring_case(text, "no");
}

}  // namespace souk::products
