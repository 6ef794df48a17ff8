#include "adapters/aws_client/sigv4.h"

#include <algorithm>
#include <set>
#include <string>

#include "adapters/aws_client/http_message.h"
#include "domain/base/text.h"
#include "fuzz/bytes.h"
#include "fuzz/target.h"

namespace souk::fuzz {

namespace {

using namespace aws;

/// A request a line at a time: service, method, path, `name=value` of the query, an empty line,
/// `name: value` headers, an empty line, the body.
struct Written {
    std::string service, method, path;
    Query query;
    Headers headers;
    std::string body;
};

Written request_from(std::string_view input) {
    Bytes bytes(input);
    Written request{std::string(bytes.line()), std::string(bytes.line()),
                    std::string(bytes.line()), {},
                    {{"host", "a.example"}},   {}};
    for (std::string_view line = bytes.line(); !line.empty(); line = bytes.line()) {
        const std::size_t mark = std::min(line.find('='), line.size());
        request.query.emplace_back(line.substr(0, mark),
                                   line.substr(std::min(mark + 1, line.size())));
    }
    for (std::string_view line = bytes.line(); !line.empty(); line = bytes.line()) {
        const std::size_t mark = std::min(line.find(':'), line.size());
        request.headers.emplace_back(line.substr(0, mark),
                                     line.substr(std::min(mark + 1, line.size())));
    }
    request.body = bytes.rest();
    return request;
}

Credentials credentials() {
    Credentials out;
    out.access_key_id = "AKIDEXAMPLE";
    out.secret_access_key = "secret";
    out.session_token = "token";
    return out;
}

std::string authorization(const Written& request) {
    static Signer signer;
    static const Credentials who = credentials();
    const Headers added = signer.signature(
        {request.method, request.path, request.query, request.headers, request.body},
        {who, "eu-central-1", request.service, {}});
    HOLDS(find_header(added, "x-amz-date") == "19700101T000000Z");
    HOLDS(find_header(added, "x-amz-security-token") == "token");
    HOLDS(find_header(added, "x-amz-content-sha256").empty() == (request.service != "s3"));
    return std::string(find_header(added, "authorization"));
}

/// What the request line says is the path and the query that were asked for.
void check_target(const Written& request) {
    const std::string target = wire_target(request.path, request.query);
    HOLDS(std::ranges::all_of(target, [](char c) { return c > ' ' && c < '\x7f' && c != '#'; }));
    const std::size_t mark = std::min(target.find('?'), target.size());
    HOLDS(percent_decoded(target.substr(0, mark), PercentStyle::path) == request.path);
    HOLDS((mark == target.size()) == request.query.empty());
    if (request.query.empty()) {
        return;
    }
    const auto parts = souk::split(std::string_view(target).substr(mark + 1), '&');
    HOLDS(parts.size() == request.query.size());
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto pair = souk::split(parts[i], '=');
        HOLDS(pair.size() == 2);
        HOLDS(percent_decoded(pair[0], PercentStyle::path) == request.query[i].first);
        HOLDS(percent_decoded(pair[1], PercentStyle::path) == request.query[i].second);
    }
}

/// The same for whoever orders or spaces it otherwise, another for whoever changes it.
void check_signature(const Written& request) {
    const std::string signature = authorization(request);
    HOLDS(signature.size() > 64);
    HOLDS(std::ranges::all_of(signature.substr(signature.size() - 64), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    }));
    Written other = request;
    std::ranges::reverse(other.query);
    HOLDS(authorization(other) == signature);
    other = request;
    std::set<std::string> names;
    bool once_each = true;
    for (auto& [name, value] : other.headers) {
        once_each = once_each && names.insert(ascii_lower(trimmed(name))).second;
        value = cat(" \t", value, " ");
    }
    HOLDS(authorization(other) == signature);
    if (once_each) {  // The values of one name keep their order.
        std::ranges::reverse(other.headers);
        HOLDS(authorization(other) == signature);
    }
    other = request;
    other.body += 'x';
    HOLDS(authorization(other) != signature);
    other = request;
    other.path += "/x";
    HOLDS(authorization(other) != signature);
    other = request;
    other.query.emplace_back("x", "");
    HOLDS(authorization(other) != signature);
    other = request;
    other.method += 'X';
    HOLDS(authorization(other) != signature);
}

/// Nothing that is sent breaks out of its place.
void check_rendering(const Written& request) {
    HttpRequest sent;
    sent.method = request.method;
    sent.target = wire_target(request.path, request.query);
    sent.headers = {request.headers.begin() + 1, request.headers.end()};
    sent.body = request.body;
    const auto text = render(sent, {Origin::Scheme::https, "a.example", 443});
    if (!text) {
        HOLDS(text.error().code == aws::errors::aws_misconfigured);
        return;
    }
    HOLDS(text->ends_with(request.body));
    const std::string head = text->substr(0, text->size() - request.body.size());
    HOLDS(head.find("\r\n\r\n") == head.size() - 4);
    HOLDS(std::ranges::count(head, '\n') == std::ranges::count(head, '\r'));
    HOLDS(!head.contains('\0'));
    const std::size_t lines = static_cast<std::size_t>(std::ranges::count(head, '\n'));
    // The request line, Host, User-Agent, the last, and perhaps Content-Length.
    HOLDS(lines == request.headers.size() + 3 || lines == request.headers.size() + 4);
}

void check_presigned(const Written& request) {
    Signer signer;
    const Credentials who = credentials();
    const std::string query = signer.presigned_query(
        {request.method, request.path, request.query, request.headers, ""},
        {who, "eu-central-1", request.service, {}}, std::chrono::seconds(60));
    const auto parts = souk::split(query, '&');
    HOLDS(parts.size() == request.query.size() + 7);
    HOLDS(parts.back().starts_with("X-Amz-Signature="));
    HOLDS(std::ranges::all_of(parts, [](auto part) { return std::ranges::count(part, '=') == 1; }));
}

}  // namespace

FUZZ_TARGET(sigv4) {
    const Written request = request_from(input);
    check_target(request);
    check_signature(request);
    check_rendering(request);
    check_presigned(request);
}

}  // namespace souk::fuzz
