#include <algorithm>

#include "domain/base/json.h"
#include "domain/base/text.h"
#include "domain/products/errors.h"
#include "domain/products/export_products.h"
#include "domain/products/limits.h"
#include "domain/products/routes.h"

/// Files in and out: images, imports, the export.
namespace souk::products {

namespace {

using namespace schema;

Schema import_schema() {
    const Schema count = integer(0, INT64_MAX);
    const Schema mistake = object({required("row", count), required("column", text(0, 64)),
                                   required("detail", text(0, 500))})
                               .named("ImportError");
    return object({required("id", id("imp_")),
                   required("status", one_of({"queued", "running", "completed", "failed"})),
                   required("rows", count), required("products_created", count),
                   required("products_updated", count), required("products_unchanged", count),
                   required("errors",
                            list(mistake, static_cast<std::int64_t>(import_errors_kept) + 1)),
                   required("errors_total", count), required("warnings", list(text(1, 500), 100)),
                   required("created_at", text(TextFormat::instant)),
                   required("updated_at", text(TextFormat::instant))})
        .named("Import");
}

Schema upload_schema() {
    return object({required("id", id("med_")),
                   required("upload",
                            object({required("url", text(1, 4096)), required("method", text(1, 8)),
                                    required("headers", dictionary(text(0, 2048), 20)),
                                    required("expires_at", text(TextFormat::instant))})),
                   required("url", text(1, 2048))})
        .named("Upload");
}

std::string render(const Upload& upload) {
    JsonWriter out;
    out.begin_object()
        .member("id", upload.id.text())
        .key("upload")
        .begin_object()
        .member("url", upload.address.url)
        .member("method", upload.address.method)
        .key("headers")
        .begin_object();
    for (const auto& [name, value] : upload.address.headers) {
        out.member(name, value);
    }
    out.end_object()
        .member("expires_at", to_rfc3339(upload.address.expires))
        .end_object()
        .member("url", upload.url)
        .end_object();
    return out.take();
}

Route upload_route(const Products& products) {
    return {
        .name = "request_upload",
        .method = Method::post,
        .pattern = "/v1/stores/{store}/media",
        .summary =
            "An address to upload one image to; attach it to a product by its id afterwards.",
        .service = "products",
        .audiences = audience::staff,
        .permission = Permission::catalog_write,
        .body = object({required("content_type", one_of({image_types.begin(), image_types.end()})),
                        required("size", integer(1, media_bytes_max)),
                        schema::optional("alt", text(0, alt_max)),
                        schema::optional("filename", text(0, filename_max)
                                                         .described("Ignored: the file is "
                                                                    "kept under its id."))}),
        .idempotency = IdempotencyKey::honoured,
        .answers = {{201, "Where and how to upload.", upload_schema}},
        .handle = [&products](const Caller& caller, const Request& request) {
            const JsonView body = request.json();
            const RequestUpload command{body["content_type"].text_or(),
                                        static_cast<std::uint64_t>(body["size"].integer_or(0)),
                                        std::string(trimmed(body["alt"].text_or()))};
            return respond(
                caller, products.ledger(),
                [&] { return products.uploads().request(caller, command); },
                [](const Upload& upload) {
                    Response response = json_response(201, render(upload));
                    response.headers.emplace_back("Location", upload.url);
                    return response;
                });
        }};
}

/// A body that was small enough for memory.
class TextReader final : public BodyReader {
public:
    explicit TextReader(const std::string& text) : text_(text) {}
    Result<std::string> next(std::size_t bytes_max) override {
        std::string piece = text_.substr(std::min(at_, text_.size()), bytes_max);
        at_ += piece.size();
        return piece;
    }
    [[nodiscard]] std::uint64_t size() const override { return text_.size(); }

private:
    const std::string& text_;
    std::size_t at_ = 0;
};

/// The file is kept before the commit that refers to it; a repeat or a failure takes it away again,
/// unless the commit may have happened all the same.
Result<Response> start_import(const Products& products, const Caller& caller,
                              const Request& request) {
    const Imports& imports = products.imports();
    const StoreLedger rows = products.ledger().store(caller.in_store());
    if (auto before = TRY(replayed(caller, products.ledger(), rows))) {
        return *std::move(before);
    }
    TextReader small(request.body);
    BodyReader& file = request.spooled ? static_cast<BodyReader&>(*request.spooled) : small;
    const Import import = TRY(imports.receive(caller, file));
    auto response = respond(
        caller, products.ledger(), [&] { return imports.start(caller, import); },
        [&](const Import& started) {
            Response accepted = json_response(202, render_import(started));
            accepted.headers.emplace_back("Location", cat("/v1/stores/", caller.in_store().text(),
                                                          "/imports/", started.id.text()));
            return accepted;
        });
    const bool needed = response ? std::ranges::find(response->headers, "Idempotent-Replayed",
                                                     &Parameter::first) == response->headers.end()
                                 : response.error().code == errors::unknown_outcome;
    if (!needed) {
        imports.forget(import);
    }
    return response;
}

Route import_route(const Products& products) {
    return {.name = "start_import",
            .method = Method::post,
            .pattern = "/v1/stores/{store}/imports",
            .summary = "Imports products from a CSV file in either of Shopify's formats.",
            .service = "products",
            .audiences = audience::staff,
            .permission = Permission::catalog_write,
            .body_content_type = "text/csv",
            .body_max = import_bytes_max,
            .spool = true,
            .idempotency = IdempotencyKey::honoured,
            .answers = {{202, "The import; ask for it again to see how it goes.", import_schema}},
            .handle = [&products](const Caller& caller, const Request& request) {
                return start_import(products, caller, request);
            }};
}

Route show_import_route(const Products& products) {
    return {
        .name = "show_import",
        .method = Method::get,
        .pattern = "/v1/stores/{store}/imports/{import}",
        .summary = "How an import goes.",
        .service = "products",
        .audiences = audience::staff,
        .permission = Permission::catalog_read,
        .work = Admission::Work::quick,
        .answers = {{200, "The import.", import_schema}},
        .handle = [&products](const Caller& caller, const Request& request) -> Result<Response> {
            const auto id = ImportId::parse(request.parameter("import"));
            if (!id) {
                return fail(errors::not_found, "The store has no such import.");
            }
            return json_response(
                200, render_import(TRY(products.imports().find(caller.in_store(), *id))));
        }};
}

Route export_route(const Products& products) {
    return {.name = "export_products",
            .method = Method::get,
            .pattern = "/v1/stores/{store}/exports/products.csv",
            .summary = "The whole catalogue as a CSV file that can be imported again.",
            .service = "products",
            .audiences = audience::staff,
            .permission = Permission::catalog_read,
            .answers = {{200, "The file.", nullptr, "text/csv"}},
            .handle = [&products](const Caller& caller, const Request&) -> Result<Response> {
                Response response;
                response.content_type = "text/csv; charset=utf-8";
                response.headers.emplace_back("Content-Disposition",
                                              "attachment; filename=\"products.csv\"");
                response.stream = export_csv(products, caller);
                return response;
            }};
}

}  // namespace

std::vector<Route> file_routes(const Products& products) {
    return {upload_route(products), import_route(products), show_import_route(products),
            export_route(products)};
}

}  // namespace souk::products
