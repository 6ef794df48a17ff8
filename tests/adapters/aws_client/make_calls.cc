#include <unistd.h>

#include <iostream>
#include <map>
#include <string>

#include "adapters/aws_client/http_aws_client.h"
#include "domain/base/json.h"
#include "domain/base/text.h"

// Makes the calls that it is told of on standard input, a JSON object a line, and says on standard
// output what came of them. Takes region, endpoint and credentials from the environment, as the
// program itself does.

namespace souk::aws {
namespace {

std::map<std::string, std::string> environment() {
    std::map<std::string, std::string> variables;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        const std::size_t mark = text.find('=');
        if (mark != std::string_view::npos) {
            variables.emplace(text.substr(0, mark), text.substr(mark + 1));
        }
    }
    return variables;
}

Headers pairs(JsonView list) {
    Headers out;
    for (std::size_t i = 0; i < list.size(); ++i) {
        out.emplace_back(list.at(i).at(0).text_or(), list.at(i).at(1).text_or());
    }
    return out;
}

std::string outcome_of(AwsClient& client, JsonView order) {
    const auto answer = client.call({.service = order["service"].text_or(),
                                     .signing_name = order["signing_name"].text_or(),
                                     .method = order["method"].text_or("POST"),
                                     .path = order["path"].text_or("/"),
                                     .query = pairs(order["query"]),
                                     .headers = pairs(order["headers"]),
                                     .body = order["body"].text_or()});
    JsonWriter out;
    out.begin_object();
    if (answer) {
        out.member("status", answer->status).member("body", answer->body);
        out.member("code", answer->error_code).member("message", answer->error_message);
    } else {
        out.member("error", answer.error().code.name).member("detail", answer.error().detail);
    }
    out.end_object();
    return out.take();
}

int run() {
    const auto options = AwsOptions::from_environment(environment());
    auto client = options ? HttpAwsClient::make(*options) : fail(options.error());
    if (!client) {
        std::cerr << client.error().detail << '\n';
        return 1;
    }
    std::string line;
    while (std::getline(std::cin, line)) {
        const auto order = JsonDocument::parse(line);
        if (!order) {
            std::cerr << order.error().detail << '\n';
            return 1;
        }
        std::cout << outcome_of(**client, order->root()) << '\n';
    }
    return 0;
}

}  // namespace
}  // namespace souk::aws

int main() { return souk::aws::run(); }
