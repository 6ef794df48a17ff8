#include "domain/products/imports.h"

#include <algorithm>

#include "domain/base/json.h"
#include "domain/base/names.h"
#include "domain/base/text.h"
#include "domain/ports/message_bus.h"
#include "domain/products/errors.h"

namespace souk::products {

namespace {

constexpr Names<ImportStatus, 4> status_table{{
    {ImportStatus::queued, "queued"},
    {ImportStatus::running, "running"},
    {ImportStatus::completed, "completed"},
    {ImportStatus::failed, "failed"},
}};
constexpr std::string_view import_sort = "import";

std::string partition_of(const ImportId& id) { return cat("import#", id.text()); }

void write_counts(JsonWriter& out, const Import& import) {
    out.member("status", name_of(import.status))
        .member("rows", import.rows)
        .member("products_created", import.products_created)
        .member("products_updated", import.products_updated)
        .member("products_unchanged", import.products_unchanged)
        .key("errors")
        .begin_array();
    for (const auto& error : import.errors) {
        out.begin_object()
            .member("row", error.row)
            .member("column", error.column)
            .member("detail", kept_detail(error.detail))
            .end_object();
    }
    out.end_array().member("errors_total", import.errors_total).key("warnings").begin_array();
    for (const auto& warning : import.warnings) {
        out.value(warning);
    }
    out.end_array();
}

std::string encode(const Import& import) {
    JsonWriter out;
    out.begin_object().member("v", 1);
    write_counts(out, import);
    out.member("lines", import.lines)
        .member("offset", import.offset)
        .member("bytes", import.bytes)
        .member("key", import.key)
        .member("may_approve", import.may_approve)
        .member("may_stock", import.may_stock)
        .member("resumptions", import.resumptions)
        .member("created", import.created_at.unix_ms())
        .member("updated", import.updated_at.unix_ms())
        .end_object();
    return out.take();
}

Result<Import> decode(const ImportId& id, const StoreRow& row) {
    const JsonDocument document = TRY(JsonDocument::parse(row.body));
    const JsonView root = document.root();
    const auto status = value_in(status_table, root["status"].text_or());
    if (!status) {
        return fail(errors::corrupt_row, cat("The row ", row.partition, " is not an import."));
    }
    Import import{.id = id,
                  .status = *status,
                  .rows = root["rows"].integer_or(0),
                  // Of imports from before it was kept, `rows` counted all lines.
                  .lines = root["lines"].integer_or(root["rows"].integer_or(0)),
                  .products_created = root["products_created"].integer_or(0),
                  .products_updated = root["products_updated"].integer_or(0),
                  .products_unchanged = root["products_unchanged"].integer_or(0),
                  .errors_total = root["errors_total"].integer_or(0),
                  .offset = static_cast<std::uint64_t>(root["offset"].integer_or(0)),
                  .bytes = static_cast<std::uint64_t>(root["bytes"].integer_or(0)),
                  .key = root["key"].text_or(),
                  .may_approve = root["may_approve"].bool_or(false),
                  // Of rows from before it was asked for, it was not.
                  .may_stock = root["may_stock"].bool_or(true),
                  .resumptions = root["resumptions"].integer_or(0),
                  .created_at = Instant::from_unix_ms(root["created"].integer_or(0)),
                  .updated_at = Instant::from_unix_ms(root["updated"].integer_or(0)),
                  .version = row.version};
    const JsonView errors = root["errors"];
    for (std::size_t i = 0; i < errors.size(); ++i) {
        import.errors.push_back({errors.at(i)["row"].integer_or(0),
                                 errors.at(i)["column"].text_or(),
                                 errors.at(i)["detail"].text_or()});
    }
    for (std::size_t i = 0; i < root["warnings"].size(); ++i) {
        import.warnings.push_back(root["warnings"].at(i).text_or());
    }
    return import;
}

/// What the header says of the whole file. Errors: invalid_csv.
Result<Columns> header_of(CsvReader& csv) {
    const auto header = TRY(csv.next());
    if (!header) {
        return fail(errors::invalid_csv, "The file is empty.");
    }
    return TRY(Columns::parse(*header));
}

Event requested_event(const ServiceLedger& ledger, const StoreId& store, const Import& import,
                      std::string_view traceparent) {
    JsonWriter body;
    body.begin_object()
        .member("import_id", import.id.text())
        .member("offset", import.offset)
        .end_object();
    return ledger.event(store, "souk.import.requested.v1", import.id.text(), body.take(),
                        traceparent);
}

bool is_over(const Import& import) {
    return import.status == ImportStatus::completed || import.status == ImportStatus::failed;
}

/// When the sweep looks after an import that waits for its message; one of the command line has
/// none. In whole steps: an entry of the index is not written anew with every slice.
std::optional<Instant> due_of(const Import& import, Instant now) {
    if (is_over(import) || import.key.empty()) {
        return std::nullopt;
    }
    constexpr std::int64_t step_ms = std::chrono::milliseconds(import_patience).count();
    return Instant::from_unix_ms((now.unix_ms() / step_ms + 2) * step_ms);
}

/// Why an import has failed, for who asked for it.
std::string reason_of(const Import& import, const Error& error) {
    if (error.code == errors::unknown_object) {
        return "The file is gone; upload it again.";
    }
    // What is wrong with our own rows is said to the operator alone, as with every other request.
    return cat(
        "It cannot go on after ", import.rows, " rows: ",
        error.code.kind == ErrorKind::corrupt ? "Something went wrong on our side." : error.detail);
}

/// Once a file, at the first such row. From the rows alone, so that a slice that is done again
/// tells the same.
void tell_of_stock_below_zero(Import& import, const Columns& columns, const RowGroup& group) {
    constexpr std::string_view told = "Stock below 0 is taken as 0: ";
    const auto row = row_below_zero(group);
    const auto is_told = [&](const std::string& warning) { return warning.starts_with(told); };
    if (row && std::ranges::none_of(import.warnings, is_told)) {
        import.warnings.push_back(
            cat(told, columns.name(Column::quantity), ", first in row ", *row, "."));
    }
}

/// Who the queue's worker acts for.
Caller importer(const StoreId& store, const Import& import, std::string_view traceparent) {
    Caller caller = system_caller(store, traceparent);
    if (!import.may_approve) {
        std::erase(caller.principal.permissions, Permission::catalog_approve);
    }
    if (!import.may_stock) {
        std::erase(caller.principal.permissions, Permission::inventory_write);
    }
    return caller;
}

}  // namespace

std::string_view name_of(ImportStatus status) { return name_in(status_table, status); }

std::string render_import(const Import& import) {
    JsonWriter out;
    out.begin_object().member("id", import.id.text());
    write_counts(out, import);
    out.member("created_at", to_rfc3339(import.created_at))
        .member("updated_at", to_rfc3339(import.updated_at))
        .end_object();
    return out.take();
}

void Imports::put(Changes& changes, const StoreLedger& rows, const Import& import,
                  Expect expect) const {
    const Instant now = ledger_.environment().now();
    rows.put(changes,
             {.partition = partition_of(import.id),
              .sort = std::string(import_sort),
              .body = encode(import),
              .expires = is_over(import) ? std::optional(now + imports_kept) : std::nullopt,
              .due = due_of(import, now)},
             expect);
}

Result<Import> Imports::receive(const Caller& caller, BodyReader& file) const {
    const Environment& environment = ledger_.environment();
    Import import{.id = environment.fresh<ImportId>()};
    import.bytes = file.size();
    import.created_at = import.updated_at = environment.now();
    import.may_approve = caller.may(Permission::catalog_approve);
    import.may_stock = caller.may(Permission::inventory_write);
    import.key = cat("private/imports/", caller.in_store().text(), '/', import.id.text(), ".csv");
    TRY(media_.store(import.key, file));
    const auto kept = TRY(media_.open(import.key, 0));
    CsvReader csv(*kept);
    auto columns = header_of(csv);
    if (!columns) {
        forget(import);
        return fail(columns.error());
    }
    import.warnings = columns->warnings();
    return import;
}

Result<Change<Import>> Imports::start(const Caller& caller, Import import) const {
    Changes changes;
    put(changes, ledger_.store(caller.in_store()), import, Expect::absent());
    changes.announce(requested_event(ledger_, caller.in_store(), import, caller.traceparent));
    import.version = 1;
    return Change<Import>{std::move(import), std::move(changes)};
}

void Imports::forget(const Import& import) const {
    if (const auto erased = media_.erase(import.key); !erased) {
        ledger_.environment().telemetry.log(
            LogLevel::warning, "An import's file could not be erased.",
            {{"import", import.id.text()}, {"code", erased.error().code.name}});
    }
}

Result<Import> Imports::find(const StoreId& store, const ImportId& id) const {
    const auto row = TRY(ledger_.store(store).find(partition_of(id), import_sort));
    if (!row) {
        return fail(errors::not_found, "The store has no such import.");
    }
    return TRY(decode(id, *row));
}

Result<void> Imports::proceed(const StoreId& store, const ImportId& id, std::uint64_t offset,
                              std::string_view traceparent) const {
    Import import = TRY(find(store, id));
    if (is_over(import)) {
        forget(import);  // Whoever ended it may have died before that.
        return {};
    }
    if (import.offset != offset) {
        return {};  // That slice was done before.
    }
    if (import.resumptions > import_resumptions_max) {
        return give_up(store, std::move(import),
                       "It got no further in many tries; upload the file again.");
    }
    const auto outcome = take_slice(store, import, traceparent);
    if (outcome || after_failure(outcome.error()) == AfterFailure::retry) {
        return outcome;
    }
    ledger_.environment().telemetry.log(LogLevel::error, "An import cannot go on.",
                                        {{"import", id.text()},
                                         {"code", outcome.error().code.name},
                                         {"detail", outcome.error().detail}});
    std::string reason = reason_of(import, outcome.error());
    return give_up(store, std::move(import), std::move(reason));
}

Result<void> Imports::take_slice(const StoreId& store, Import& import,
                                 std::string_view traceparent) const {
    const auto beginning = TRY(media_.open(import.key, 0));
    CsvReader header(*beginning);
    const Columns columns = TRY(header_of(header));
    const std::uint64_t from = import.offset == 0 ? header.offset() : import.offset;
    const auto file = TRY(media_.open(import.key, from));
    // Numbers go on where the last slice stopped.
    CsvReader csv(*file, from, import.lines + header.next_number());
    RowReader reader(csv, columns);
    const bool finished = TRY(slice(importer(store, import, traceparent), import, reader));
    import.resumptions = 0;
    const StoreLedger rows = ledger_.store(store);
    Changes changes;
    put(changes, rows, import, Expect::at(import.version));
    if (!finished) {
        changes.announce(requested_event(ledger_, store, import, traceparent));
    }
    const auto committed = ledger_.commit(changes);
    if (!committed && committed.error().code == errors::ledger_conflict) {
        return {};  // Another delivery of the message was faster, and announced what follows.
    }
    if (committed && finished) {
        forget(import);
    }
    return committed;
}

Result<void> Imports::resume(const StoreId& store, const ImportId& id, Instant now) const {
    const StoreLedger rows = ledger_.store(store);
    const auto announced = perform(ledger_, [&]() -> Result<Change<Done>> {
        Change<Done> change;
        const auto row = TRY(rows.find(partition_of(id), import_sort));
        // The index is a hint: it may have got further since.
        if (!row || !row->due || *row->due > now) {
            return change;
        }
        Import import = TRY(decode(id, *row));
        ++import.resumptions;
        put(change.changes, rows, import, Expect::at(import.version));
        change.changes.announce(requested_event(ledger_, store, import, ""));
        return change;
    });
    return announced ? Result<void>{} : std::unexpected(announced.error());
}

Result<Import> Imports::run(const Caller& caller, BodyReader& file,
                            const std::function<Result<void>(const Import&)>& progress) const {
    const Environment& environment = ledger_.environment();
    CsvReader csv(file);
    const Columns columns = TRY(header_of(csv));
    Import import{.id = environment.fresh<ImportId>(), .status = ImportStatus::running};
    import.bytes = file.size();
    import.warnings = columns.warnings();
    import.created_at = environment.now();
    import.may_approve = caller.may(Permission::catalog_approve);
    import.may_stock = caller.may(Permission::inventory_write);
    const StoreLedger rows = ledger_.store(caller.in_store());
    RowReader reader(csv, columns);
    for (bool finished = false; !finished;) {
        finished = TRY(slice(caller, import, reader));
        Changes changes;
        put(changes, rows, import, Expect::as_read(import.version));
        TRY(ledger_.commit(changes));
        ++import.version;
        TRY(progress(import));
    }
    return import;
}

Result<void> Imports::give_up(const StoreId& store, Import import, std::string why) const {
    import.status = ImportStatus::failed;
    import.errors.push_back({0, "", std::move(why)});
    ++import.errors_total;
    import.updated_at = ledger_.environment().now();
    const StoreLedger rows = ledger_.store(store);
    Changes changes;
    put(changes, rows, import, Expect::at(import.version));
    auto committed = ledger_.commit(changes);
    if (!committed && committed.error().code == errors::ledger_too_large) {
        // What its row cannot hold may be why it failed; that it did has to be told in any case.
        import.errors.erase(import.errors.begin(), std::prev(import.errors.end()));
        Changes fewer;
        put(fewer, rows, import, Expect::at(import.version));
        committed = ledger_.commit(fewer);
    }
    if (committed) {
        forget(import);
    }
    return committed;
}

/// Returns whether the file is at its end.
Result<bool> Imports::slice(const Caller& caller, Import& import, RowReader& rows) const {
    const std::int64_t first_number = rows.next_number() - import.lines;
    import.status = ImportStatus::running;
    bool finished = false;
    std::int64_t rows_read = 0;
    for (std::size_t products = 0;
         products < import_slice_products && rows_read < import_slice_rows && !finished;
         ++products) {
        const auto group = TRY(rows.next());
        finished = !group;
        if (group) {
            rows_read += group->rows_read;
            TRY(take_in(caller, import, rows.columns(), *group));
            tell_of_stock_below_zero(import, rows.columns(), *group);
            import.rows += group->rows_read;
        }
        import.offset = rows.offset();
        import.lines = rows.next_number() - first_number;
    }
    import.updated_at = ledger_.environment().now();
    if (finished) {
        import.status = ImportStatus::completed;
    }
    return finished;
}

}  // namespace souk::products
