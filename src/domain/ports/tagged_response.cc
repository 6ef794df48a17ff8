#include "domain/ports/tagged_response.h"

#include "domain/base/text.h"

namespace souk {

namespace {
constexpr std::size_t digest_bytes = 8;
}

Response tagged_response(int status, std::string json, std::uint64_t version,
                         const Crypto& crypto) {
    Response response = json_response(status, std::move(json));
    const std::string digest = to_hex(crypto.sha256(response.text()).substr(0, digest_bytes));
    response.headers.emplace_back("ETag", cat('"', version, '-', digest, '"'));
    return response;
}

}  // namespace souk
