#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "domain/ports/media.h"
#include "domain/ports/unit_of_work.h"
#include "domain/products/csv.h"
#include "domain/products/import_rows.h"
#include "domain/products/limits.h"
#include "domain/products/product_editor.h"

namespace souk::products {

enum class ImportStatus { queued, running, completed, failed };
[[nodiscard]] std::string_view name_of(ImportStatus status);

/// How far an import has come. All of it is what was true at the end of a slice, so a slice that is
/// cut short and done again counts nothing twice.
struct Import {
    ImportId id;
    ImportStatus status = ImportStatus::queued;
    std::int64_t rows = 0;   // Read so far, without the header and blank lines.
    std::int64_t lines = 0;  // The same with blank lines, as rows are numbered in `errors`.
    std::int64_t products_created = 0;
    std::int64_t products_updated = 0;
    std::int64_t products_unchanged = 0;
    std::vector<ImportError> errors = {};  // The first import_errors_kept; fewer of one product's.
    std::int64_t errors_total = 0;
    std::vector<std::string> warnings = {};
    std::uint64_t offset = 0;      // Of the first byte that was not dealt with. Unit: bytes.
    std::uint64_t bytes = 0;       // Of the whole file.
    std::string key = {};          // Where the file is kept; empty when it is not.
    bool may_approve = false;      // Whether who asked for it may approve products.
    bool may_stock = false;        // Whether it may set the stock of variants that are there.
    std::int64_t resumptions = 0;  // By the sweep, since it last got further.
    Instant created_at = {};
    Instant updated_at = {};
    std::uint64_t version = 0;
};

/// Catalogues from CSV files in both of Shopify's formats. An import creates and updates, it
/// removes nothing: a product is known by its handle, a variant by its SKU or else its option
/// values, a picture by its address. What is already as the file says is left alone, so the same
/// file a second time changes nothing. Rows of one handle belong to one product wherever they
/// stand. Product-level cells count in the first of them; an empty one clears what it is of only in
/// a row that has a title.
class Imports {
public:
    Imports(const ServiceLedger& ledger, const ProductEditor& editor,
            const stores::StoreDirectory& stores, Media& media)
        : ledger_(ledger), editor_(editor), stores_(stores), media_(media) {}

    /// Keeps the file and looks at its header. Errors: invalid_csv, too_large; media_unavailable.
    /// Effects: the file, under a key that nothing refers to until `start` is committed.
    [[nodiscard]] Result<Import> receive(const Caller& caller, BodyReader& file) const;
    /// The import, queued: its commit announces import.requested.
    [[nodiscard]] Result<Change<Import>> start(const Caller& caller, Import import) const;
    /// Takes back what `receive` kept.
    void forget(const Import& import) const;

    /// Errors: not_found.
    [[nodiscard]] Result<Import> find(const StoreId& store, const ImportId& id) const;

    /// Deals with one slice of a queued import and announces the next. What can never succeed ends
    /// the import as failed, with the reason among its errors: nothing else would tell of it.
    /// Errors: not_found; what is worth another try.
    /// Repeat: harmless; a slice that was done already is a no-op.
    Result<void> proceed(const StoreId& store, const ImportId& id, std::uint64_t offset,
                         std::string_view traceparent) const;
    /// Announces the next slice anew when the import has come due: its message is lost, or rests
    /// among the dead letters.
    Result<void> resume(const StoreId& store, const ImportId& id, Instant now) const;

    /// Imports a whole file at once, for the command line; `progress` is told after each slice, and
    /// ends all with an error.
    /// Effects: many commits; what was done stays when it fails midway, and a rerun goes on from
    /// there.
    [[nodiscard]] Result<Import> run(
        const Caller& caller, BodyReader& file,
        const std::function<Result<void>(const Import&)>& progress) const;

private:
    Result<void> take_slice(const StoreId& store, Import& import,
                            std::string_view traceparent) const;
    Result<bool> slice(const Caller& caller, Import& import, RowReader& rows) const;
    /// Takes in the rows of one product and counts what came of it.
    Result<void> take_in(const Caller& caller, Import& import, const Columns& columns,
                         const RowGroup& group) const;
    /// What the import did to the product before: by earlier groups, and the variants whose stock
    /// this one has set already.
    struct Before {
        const Said& said;
        const std::set<VariantId>& stocked;
    };
    /// What one group of rows comes to.
    struct Taken {
        Changes changes = {};
        std::optional<ProductId> untidy = {};  // Set when a tidy has to follow.
        std::string outcome = "none";
        std::vector<ImportError> errors = {};
        Said said = {};
        /// Set when this is only their stock, which goes ahead; the rest has to follow.
        std::vector<VariantId> stocked = {};
    };
    Result<Taken> decide(const Caller& caller, const Import& import, const Columns& columns,
                         const RowGroup& group, const Before& before) const;
    Result<void> give_up(const StoreId& store, Import import, std::string why) const;
    void put(Changes& changes, const StoreLedger& rows, const Import& import, Expect expect) const;

    const ServiceLedger& ledger_;
    const ProductEditor& editor_;
    const stores::StoreDirectory& stores_;
    Media& media_;
};

[[nodiscard]] std::string render_import(const Import& import);

}  // namespace souk::products
