#include <algorithm>

#include "adapters/media_files/file_media.h"
#include "adapters/media_files/image_type.h"
#include "domain/base/text.h"

namespace souk {

namespace {

constexpr ErrorCode unsupported_media_type{"unsupported_media_type", ErrorKind::invalid};

constexpr std::size_t piece_bytes = 64 * 1024;
/// Smaller files go out in one piece.
constexpr std::uint64_t whole_bytes_max = 256 * 1024;
/// Any second beyond this (the year 9999) is no expiry that was ever signed.
constexpr std::int64_t expires_max = 253'402'300'799;

/// A body that the server kept in memory.
class TextReader : public BodyReader {
public:
    explicit TextReader(std::string_view text) : text_(text) {}
    Result<std::string> next(std::size_t bytes_max) override {
        std::string piece(text_.substr(at_, bytes_max));
        at_ += piece.size();
        return piece;
    }
    std::uint64_t size() const override { return text_.size(); }

private:
    std::string_view text_;
    std::size_t at_ = 0;
};

std::string key_of(const Request& request) {
    return cat(request.parameter("store"), "/", request.parameter("object"));
}

std::string_view query_text(const Request& request, std::string_view name) {
    return request.query_parameter(name).value_or("");
}

std::int64_t query_integer(const Request& request, std::string_view name) {
    return to_integer(query_text(request, name)).value_or(-1);
}

/// `image/png` of `image/png; charset=…`.
std::string media_type(std::string_view header) {
    return ascii_lower(trimmed(header.substr(0, header.find(';'))));
}

std::unexpected<Error> no_image() {
    return fail(errors::unknown_object, "There is no such image.");
}

std::unexpected<Error> wrong_size(std::uint64_t size) {
    return fail(errors::media_refused, cat("This address takes exactly ", size, " bytes."));
}

}  // namespace

Result<void> FileMedia::check_address(const Request& request, std::string_view key) const {
    const std::int64_t size = query_integer(request, "size");
    const std::int64_t expires = query_integer(request, "expires");
    const std::string expected =
        signature(key, query_text(request, "type"), static_cast<std::uint64_t>(size), expires);
    if (!is_public_key(key) || size < 0 || expires < 0 ||
        !equal_in_constant_time(expected, query_text(request, "signature"))) {
        return fail(errors::forbidden, "This upload address was not made by this store.");
    }
    if (environment_.now().unix_seconds() >= expires) {
        return fail(errors::forbidden, "This upload address has expired; ask for a new one.");
    }
    return {};
}

Result<void> FileMedia::check_head(const Request& head, std::string_view key) const {
    TRY(check_address(head, key));
    const std::string_view type = query_text(head, "type");
    if (media_type(head.header("content-type")) != type) {
        return fail(unsupported_media_type,
                    cat("This address takes ", type, "; say so in Content-Type."));
    }
    const std::int64_t size = query_integer(head, "size");
    if (to_integer(head.header("content-length")).value_or(size) != size) {
        return wrong_size(static_cast<std::uint64_t>(size));
    }
    return {};
}

Result<Response> FileMedia::receive(const Request& request) const {
    const std::string key = key_of(request);
    TRY(check_head(request, key));
    const std::string_view type = query_text(request, "type");
    const auto size = static_cast<std::uint64_t>(query_integer(request, "size"));
    TextReader in_memory(request.body);
    BodyReader& body = request.spooled ? static_cast<BodyReader&>(*request.spooled) : in_memory;
    if (body.size() != size) {
        return wrong_size(size);
    }
    const auto draft = TRY(folder_.receive(body, media_bytes_max));
    if (draft.size != size) {
        return wrong_size(size);
    }
    if (image_type_of(draft.first_bytes) != type) {
        return fail(errors::media_refused, cat("The file is not ", type, "."));
    }
    switch (TRY(folder_.add(draft, key))) {
        case ObjectFolder::Addition::added:
        // The first answer may have been lost.
        case ObjectFolder::Addition::same_was_there: break;
        case ObjectFolder::Addition::other_was_there:
            return fail(errors::object_exists, "Another file has already arrived at this address.");
    }
    return empty_response(204);
}

Result<Response> FileMedia::serve(const Request& request) const {
    const std::string key = key_of(request);
    if (!is_public_key(key)) {
        return no_image();
    }
    const auto found = TRY(folder_.find(key));
    const auto type = found ? image_type_of(found->first_bytes) : std::nullopt;
    if (!type) {
        return no_image();
    }
    const std::string tag = cat("\"", found->tag, "\"");
    Response response;
    response.content_type = *type;
    response.headers = {{"ETag", tag},
                        {"Cache-Control", "public, max-age=31536000, immutable"},
                        {"X-Content-Type-Options", "nosniff"}};
    if (request.header("if-none-match") == tag) {
        response.status = 304;
        return response;
    }
    std::shared_ptr<BodyReader> reader = TRY(folder_.open(key, 0));
    if (reader->size() <= whole_bytes_max) {
        response.body = std::make_shared<const std::string>(TRY(reader->next(reader->size())));
    } else {
        response.stream = [reader] { return reader->next(piece_bytes); };
    }
    return response;
}

std::vector<Route> FileMedia::routes() {
    Route upload;
    upload.name = "upload_media";
    upload.method = Method::put;
    upload.pattern = "/media/{store}/{object}";
    upload.summary = "Send a file to an upload address.";
    upload.service = "products";
    upload.audiences = audience::anyone;  // The signature is the credential.
    upload.body_content_type = "*/*";     // Checked against the signed type.
    upload.body_max = media_bytes_max;
    upload.spool = true;
    upload.judge = [this](const Caller&, const Request& head) {
        return check_head(head, key_of(head));
    };
    upload.query = {{"expires", schema::integer(0, expires_max), "From the upload address."},
                    {"size", schema::integer(1, static_cast<std::int64_t>(media_bytes_max)),
                     "From the upload address."},
                    {"type", schema::one_of({image_types.begin(), image_types.end()}),
                     "From the upload address."},
                    {"signature", schema::text(43, 43), "From the upload address."}};
    upload.answers = {{204, "The file has arrived."}};
    upload.handle = [this](const Caller&, const Request& request) { return receive(request); };

    Route fetch;
    fetch.name = "fetch_media";
    fetch.method = Method::get;
    fetch.pattern = "/media/{store}/{object}";
    fetch.summary = "An image.";
    fetch.service = "products";
    fetch.audiences = audience::anyone;
    fetch.answers = {{200, "The image.", nullptr, "image/*"}};
    fetch.handle = [this](const Caller&, const Request& request) { return serve(request); };

    std::vector<Route> both;
    both.push_back(std::move(upload));
    both.push_back(std::move(fetch));
    return both;
}

}  // namespace souk
