#include <algorithm>
#include <iostream>
#include <string>

#include "adapters/aws_client/sigv4.h"
#include "domain/base/json.h"
#include "domain/base/text.h"

// Signs what it is told on standard input, a JSON object a line, and says how on standard output:
// tests/aws compares it with botocore.

namespace souk::aws {
namespace {

Headers pairs(JsonView list) {
    Headers out;
    for (std::size_t i = 0; i < list.size(); ++i) {
        out.emplace_back(list.at(i).at(0).text_or(), list.at(i).at(1).text_or());
    }
    return out;
}

std::string sign(JsonView order, Signer& signer) {
    const std::string method = order["method"].text_or();
    const std::string path = order["path"].text_or();
    const std::string region = order["region"].text_or();
    const std::string service = order["service"].text_or();
    const std::string body = from_base64(order["body"].text_or()).value_or("");
    const Query query = pairs(order["query"]);
    const Headers headers = pairs(order["headers"]);
    const Credentials credentials{.access_key_id = order["access_key"].text_or(),
                                  .secret_access_key = order["secret_key"].text_or(),
                                  .session_token = order["token"].text_or()};
    const Signable request{
        .method = method, .path = path, .query = query, .headers = headers, .body = body};
    const SigningContext context{.credentials = credentials,
                                 .region = region,
                                 .service = service,
                                 .time = std::chrono::system_clock::time_point(
                                     std::chrono::seconds(order["time"].integer_or(0)))};
    JsonWriter out;
    out.begin_object();
    if (const auto expires = order["expires"].integer()) {
        out.member("target", wire_target(path, {}));
        out.member("query",
                   signer.presigned_query(request, context, std::chrono::seconds(*expires)));
    } else {
        out.member("target", wire_target(path, query));
        for (const auto& [name, value] : signer.signature(request, context)) {
            out.member(name, value);
        }
    }
    out.end_object();
    return out.take();
}

}  // namespace
}  // namespace souk::aws

int main() {
    souk::aws::Signer signer;
    std::string line;
    while (std::getline(std::cin, line)) {
        const auto order = souk::JsonDocument::parse(line);
        if (!order) {
            std::cerr << order.error().detail << '\n';
            return 1;
        }
        std::cout << souk::aws::sign(order->root(), signer) << '\n';
    }
    return 0;
}
