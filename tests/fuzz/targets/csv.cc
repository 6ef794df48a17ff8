#include "domain/products/csv.h"

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "domain/base/text.h"
#include "domain/products/import_plan.h"
#include "domain/products/limits.h"
#include "domain/products/product_repository.h"
#include "fuzz/target.h"

namespace souk::fuzz {

namespace {

using namespace products;

/// A file that gives at most so many bytes at a time.
class Text final : public BodyReader {
public:
    Text(std::string_view text, std::size_t piece) : rest_(text), piece_(piece) {}
    Result<std::string> next(std::size_t bytes_max) override {
        const std::string_view given = rest_.substr(0, std::min(piece_, bytes_max));
        rest_.remove_prefix(given.size());
        return std::string(given);
    }
    [[nodiscard]] std::uint64_t size() const override { return rest_.size(); }

private:
    std::string_view rest_;
    std::size_t piece_;
};

/// Inputs are small and limits are large: a byte 1 repeats the character that follows it 40,000
/// times.
std::string expanded(std::string_view input) {
    constexpr std::size_t repeated = 40'000;
    constexpr int repeats_max = 2;
    std::string out;
    int repeats = 0;
    for (std::size_t i = 0; i < input.size(); ++i) {
        if (input[i] == '\1' && i + 1 < input.size() && repeats < repeats_max) {
            out.append(repeated, input[++i]);
            ++repeats;
        } else {
            out.push_back(input[i]);
        }
    }
    return out;
}

std::string told(const CsvRow& row) {
    std::string out = cat(row.number, '@', row.offset, ':');
    if (row.fault) {
        return cat(out, row.fault->column, ' ', row.fault->detail);
    }
    for (const auto& cell : row.cells) {
        out += cat(cell.size(), '.', cell, ' ');
    }
    return out;
}

std::vector<CsvRow> rows_of(std::string_view text, std::size_t piece, std::uint64_t offset = 0,
                            std::int64_t number = 1) {
    Text file(text.substr(offset), piece);
    CsvReader reader(file, offset, number);
    std::vector<CsvRow> rows;
    for (;;) {
        auto row = reader.next();
        HOLDS(row.has_value());
        if (!*row) {
            return rows;
        }
        HOLDS(rows.empty() || (*row)->offset > rows.back().offset);
        HOLDS(reader.offset() > (*row)->offset && reader.offset() <= text.size());
        rows.push_back(std::move(**row));
    }
}

bool same(std::span<const CsvRow> a, std::span<const CsvRow> b) {
    return std::ranges::equal(a, b, {}, told, told);
}

void check_rows(std::string_view text, const std::vector<CsvRow>& rows) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (rows[i].fault) {
            HOLDS(!rows[i].fault->detail.empty());
            continue;
        }
        HOLDS(!rows[i].cells.empty());
        std::size_t bytes = 0;
        for (const auto& cell : rows[i].cells) {
            HOLDS(cell.size() <= csv_cell_max + 1);
            bytes += cell.size();
        }
        HOLDS(bytes <= csv_row_max + 1);
        // What is read and written again reads the same, but for a byte order mark in front.
        const std::string line = csv_line(rows[i].cells);
        if (!line.starts_with("\xEF\xBB\xBF")) {
            const auto again = rows_of(line, line.size());
            HOLDS(again.size() == 1 && !again.front().fault);
            HOLDS(again.front().cells == rows[i].cells);
        }
    }
    // An import that was interrupted goes on at any row.
    if (rows.size() > 1) {
        const std::size_t middle = rows.size() / 2;
        HOLDS(same(rows_of(text, 4096, rows[middle].offset, rows[middle].number),
                   std::span(rows).subspan(middle)));
    }
}

void check_product(const Product& product) {
    const auto fits = [](const std::string& text, std::int64_t most) {
        return is_utf8(text) && static_cast<std::int64_t>(code_points(text)) <= most;
    };
    HOLDS(is_slug(product.handle, handle_max));
    HOLDS(fits(product.title, title_max) && fits(product.description, description_max));
    HOLDS(fits(product.vendor, vendor_max) && fits(product.product_type, product_type_max));
    HOLDS(fits(product.seo_title, seo_title_max));
    HOLDS(fits(product.seo_description, seo_description_max));
    HOLDS(std::ssize(product.tags) <= tags_max && std::ssize(product.options) <= options_max);
    HOLDS(std::ssize(product.variants) <= variants_max);
    HOLDS(!product.variants.empty() || product.status != Status::published);
    HOLDS(std::ssize(product.media) <= media_per_product_max);
    for (const auto& variant : product.variants) {
        HOLDS(fits(variant.sku, sku_max) && !variant.sku.empty());
        HOLDS(fits(variant.barcode, barcode_max));
        HOLDS(variant.price.amount >= 0 && variant.price.amount <= amount_max);
        HOLDS(variant.weight_grams >= 0 && variant.weight_grams <= weight_grams_max);
        HOLDS(variant.option_values.size() == product.options.size());
    }
    const auto decoded = decode_product(
        {.partition = "p", .sort = "s", .version = 1, .body = encode_product(product)});
    HOLDS(decoded.has_value());
    HOLDS(decoded->same_content(product));
}

/// What the import would make of a group of rows, twice: the second time nothing changes.
void check_group(const RowGroup& group, const Columns& columns) {
    static const Currency euro = *Currency::parse("EUR");
    const std::optional<Product> none;
    int pictures = 0;
    const std::function<MediaId()> fresh_media = [&] {
        return MediaId::make(Instant::from_unix_ms(++pictures), std::string(10, 'm'));
    };
    const auto plan = [&](const std::optional<Product>& existing, const std::vector<Stock>& stocks,
                          const std::map<std::string, MediaId>& media) {
        return plan_import(group, {columns, euro, existing, stocks, media, {}, fresh_media, {}});
    };
    const ImportPlan first = plan(none, {}, {});
    for (const auto& error : first.errors) {
        HOLDS(!error.detail.empty() && is_utf8(error.detail));
    }
    if (!first.possible) {
        HOLDS(!first.errors.empty());
        return;
    }
    std::vector<FieldError> mistakes;
    Patched made = patched({.id = make_product_id({}, std::string(10, 'p'))}, first.patch,
                           first.pictures, euro, mistakes);
    if (!mistakes.empty()) {
        return;
    }
    check_product(made.product);
    std::vector<Stock> stocks;
    for (const auto& variant : made.product.variants) {
        stocks.push_back(stock_from(counters_from(made.opening_stock[variant.id])));
    }
    std::map<std::string, MediaId> media;
    for (const auto& picture : made.product.media) {
        media.emplace(picture.external_url, picture.id);
    }
    const ImportPlan second = plan(made.product, stocks, media);
    HOLDS(second.on_hand.empty());
    if (second.possible) {
        const Patched again = patched(made.product, second.patch, second.pictures, euro, mistakes);
        HOLDS(mistakes.empty());
        HOLDS(again.product.same_content(made.product));
    }
}

void check_groups(const std::string& text, const CsvRow& header) {
    const auto columns = Columns::parse(header);
    if (!columns) {
        return;
    }
    Text file(text, 4096);
    CsvReader csv(file);
    HOLDS(csv.next().has_value());
    RowReader reader(csv, *columns);
    for (;;) {
        const auto group = reader.next();
        HOLDS(group.has_value());
        if (!*group) {
            return;
        }
        HOLDS((*group)->rows_read > 0 && (*group)->rows_read <= group_rows_max);
        HOLDS((*group)->rows.empty() || is_slug((*group)->handle, handle_max));
        if (!(*group)->rows.empty()) {
            check_group(**group, *columns);
        }
    }
}

}  // namespace

FUZZ_TARGET(csv) {
    const std::string text = expanded(input);
    const auto rows = rows_of(text, text.size() + 1);
    HOLDS(same(rows_of(text, text.size() > input.size() ? 997 : 1), rows));
    check_rows(text, rows);
    if (!rows.empty()) {
        check_groups(text, rows.front());
    }
}

}  // namespace souk::fuzz
