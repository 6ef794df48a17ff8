#include "apps/souk/catalogue_commands.h"

#include <fstream>

#include "apps/souk/home.h"
#include "domain/base/text.h"
#include "domain/products/export_products.h"
#include "domain/products/products.h"
#include "domain/stores/stores.h"

namespace souk::app {

namespace {

constexpr std::size_t bar_width = 40;

class FileReader : public BodyReader {
public:
    FileReader(std::ifstream file, std::uint64_t size) : file_(std::move(file)), size_(size) {}
    Result<std::string> next(std::size_t bytes_max) override {
        std::string piece(bytes_max, '\0');
        file_.read(piece.data(), static_cast<std::streamsize>(bytes_max));
        if (file_.bad()) {
            return fail(souk::errors::unavailable, "The file cannot be read.");
        }
        piece.resize(static_cast<std::size_t>(file_.gcount()));
        return piece;
    }
    [[nodiscard]] std::uint64_t size() const override { return size_; }

private:
    std::ifstream file_;
    std::uint64_t size_;
};

/// Errors: unavailable, once the process is about to end or the asker has gone.
Result<void> go_on(const Output& output) {
    if (output.stopping()) {
        return fail(souk::errors::unavailable, "Souk, or who asked for this, is being stopped.");
    }
    return {};
}

Result<StoreId> store_named(Home& home, const std::string& name) {
    const auto id = TRY(home.services().stores().resolve(name));
    if (!id) {
        return fail(souk::errors::not_found, cat("There is no store \"", name, "\"."));
    }
    return *id;
}

std::string bar(const products::Import& import) {
    const std::uint64_t percent = import.bytes == 0 ? 100 : import.offset * 100 / import.bytes;
    const std::size_t filled = static_cast<std::size_t>(percent) * bar_width / 100;
    return cat("\r[", std::string(filled, '#'), std::string(bar_width - filled, '.'), "] ", percent,
               " %  ", import.rows, " rows");
}

}  // namespace

std::string describe(const Error& error) {
    std::string text = cat(
        "souk: ", error.detail.empty() ? error.code.name : std::string_view(error.detail), "\n");
    for (const auto& field : error.fields) {
        text += cat("  ", field.pointer, ": ", field.detail, "\n");
    }
    return text;
}

Result<Exit> import_catalogue(Home& home, const OperatorCommand& command, Output& output) {
    const StoreId store = TRY(store_named(home, command.option("store")));
    const std::string path = command.option("file");
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    if (!file) {
        return fail(souk::errors::not_found, cat("The file ", path, " cannot be opened."));
    }
    const auto size = static_cast<std::uint64_t>(file.tellg());
    file.seekg(0);
    FileReader reader(std::move(file), size);
    const auto import = TRY(home.services().products().imports().run(
        system_caller(store, ""), reader, [&](const products::Import& so_far) {
            output.write(bar(so_far));
            return go_on(output);  // What was done stays done.
        }));
    output.write(cat(bar(import), "\n", import.products_created, " products created, ",
                     import.products_updated, " updated, ", import.products_unchanged,
                     " unchanged, ", import.errors_total, " rows refused.\n"));
    for (const auto& warning : import.warnings) {
        output.write(cat("  note: ", warning, "\n"));
    }
    for (const auto& error : import.errors) {
        output.write(cat("  row ", error.row, error.column.empty() ? "" : ", ", error.column, ": ",
                         error.detail, "\n"));
    }
    return import.errors_total == 0 ? Exit::ok : Exit::bad_input;
}

Result<Exit> export_catalogue(Home& home, const OperatorCommand& command, Output& output) {
    const StoreId store = TRY(store_named(home, command.option("store")));
    const auto next = products::export_csv(home.services().products(), system_caller(store, ""));
    for (;;) {
        TRY(go_on(output));
        const std::string piece = TRY(next());
        if (piece.empty()) {
            return Exit::ok;
        }
        output.write(piece);
    }
}

}  // namespace souk::app
