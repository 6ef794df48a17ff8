#include "adapters/aws_client/sigv4.h"

#include <algorithm>
#include <array>

#include "adapters/aws_client/hash.h"
#include "domain/base/text.h"

namespace souk::aws {

namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";

/// Headers of one hop, those that a proxy may change, and those that come after signing.
constexpr std::array<std::string_view, 14> unsigned_headers{"authorization",
                                                            "accept-encoding",
                                                            "connection",
                                                            "content-length",
                                                            "expect",
                                                            "keep-alive",
                                                            "proxy-authenticate",
                                                            "proxy-authorization",
                                                            "te",
                                                            "trailer",
                                                            "transfer-encoding",
                                                            "upgrade",
                                                            "user-agent",
                                                            "x-amzn-trace-id"};

bool is_s3(const SigningContext& context) { return context.service == "s3"; }

/// `20261124T020700Z`; its first eight characters are the date.
std::string timestamp_of(std::chrono::system_clock::time_point time) {
    const auto second = std::chrono::floor<std::chrono::seconds>(time);
    const auto day = std::chrono::floor<std::chrono::days>(second);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(second - day);
    const auto two = [](auto number) { return zero_padded(static_cast<std::uint64_t>(number), 2); };
    return cat(zero_padded(static_cast<std::uint64_t>(static_cast<int>(date.year())), 4),
               two(static_cast<unsigned>(date.month())), two(static_cast<unsigned>(date.day())),
               'T', two(clock.hours().count()), two(clock.minutes().count()),
               two(clock.seconds().count()), 'Z');
}

std::string encoded_path(std::string_view path) {
    std::string out;
    std::string_view separator;
    for (const std::string_view segment : split(path, '/')) {
        out.append(separator).append(percent_encoded(segment));
        separator = "/";
    }
    return out;
}

/// Without empty and dot segments. Source: RFC 3986 section 5.2.4; AWS also drops empty ones.
std::string normalized_path(std::string_view path) {
    std::vector<std::string_view> kept;
    for (const std::string_view segment : split(path, '/')) {
        if (segment == ".." && !kept.empty()) {
            kept.pop_back();
        } else if (!segment.empty() && segment != "." && segment != "..") {
            kept.push_back(segment);
        }
    }
    std::string out;
    for (const std::string_view segment : kept) {
        out.append("/").append(segment);
    }
    return out.empty() || path.ends_with('/') ? out + '/' : out;
}

std::string canonical_path(const Signable& request, const SigningContext& context) {
    const std::string once = encoded_path(request.path);
    return is_s3(context) ? once : encoded_path(normalized_path(once));
}

Query encoded(const Query& query) {
    Query out;
    out.reserve(query.size());
    for (const auto& [name, value] : query) {
        out.emplace_back(percent_encoded(name), percent_encoded(value));
    }
    return out;
}

std::string joined(const Query& encoded_query) {
    std::string out;
    for (const auto& [name, value] : encoded_query) {
        out.append(out.empty() ? "" : "&").append(name).append("=").append(value);
    }
    return out;
}

std::string canonical_query(const Query& query) {
    Query sorted = encoded(query);
    std::ranges::sort(sorted);
    return joined(sorted);
}

/// Trimmed, inner white space collapsed.
std::string canonical_value(std::string_view value) {
    std::string out;
    bool gap = false;
    for (const char c : trimmed(value)) {
        const bool space = c == ' ' || (c >= '\t' && c <= '\r');
        if (!space) {
            out.append(gap ? " " : "").push_back(c);
        }
        gap = space;
    }
    return out;
}

/// The headers that the signature covers.
struct SignedHeaders {
    std::string canonical;  // One line each.
    std::string names;      // `a;b;c`.
};

enum class Covered { all, lasting };

SignedHeaders signed_headers(const Headers& headers, Covered covered) {
    std::map<std::string, std::string> values;
    for (const auto& [name, value] : headers) {
        const std::string lower = ascii_lower(trimmed(name));
        if (covered == Covered::lasting && std::ranges::count(unsigned_headers, lower) > 0) {
            continue;
        }
        const auto [at, added] = values.try_emplace(lower, canonical_value(value));
        if (!added) {
            at->second.append(",").append(canonical_value(value));
        }
    }
    SignedHeaders out;
    for (const auto& [name, value] : values) {
        out.canonical.append(name).append(":").append(value).append("\n");
        out.names.append(out.names.empty() ? "" : ";").append(name);
    }
    return out;
}

std::string scope_of(const SigningContext& context, std::string_view timestamp) {
    return cat(timestamp.substr(0, 8), '/', context.region, '/', context.service, "/aws4_request");
}

}  // namespace

std::string wire_target(std::string_view path, const Query& query) {
    const std::string target = encoded_path(path);
    return query.empty() ? target : cat(target, '?', joined(encoded(query)));
}

std::string Signer::signing_key(const SigningContext& context, const std::string& date) {
    const std::string& secret = context.credentials.secret_access_key;
    const std::lock_guard lock(mutex_);
    Key& kept = keys_[cat(context.region, '/', context.service)];
    if (kept.date != date || kept.secret != secret) {
        const std::string of_date = hmac_sha256(cat("AWS4", secret), date);
        const std::string of_region = hmac_sha256(of_date, context.region);
        const std::string of_service = hmac_sha256(of_region, context.service);
        kept = {secret, date, hmac_sha256(of_service, "aws4_request")};
    }
    return kept.key;
}

std::string Signer::sign(const SigningContext& context, const std::string& timestamp,
                         std::string_view canonical_request) {
    const std::string text = cat(algorithm, '\n', timestamp, '\n', scope_of(context, timestamp),
                                 '\n', to_hex(sha256(canonical_request)));
    return to_hex(hmac_sha256(signing_key(context, timestamp.substr(0, 8)), text));
}

Headers Signer::signature(const Signable& request, const SigningContext& context) {
    const std::string timestamp = timestamp_of(context.time);
    const std::string body_hash = to_hex(sha256(request.body));
    Headers added{{"x-amz-date", timestamp}};
    if (!context.credentials.session_token.empty()) {
        added.emplace_back("x-amz-security-token", context.credentials.session_token);
    }
    if (is_s3(context)) {
        added.emplace_back("x-amz-content-sha256", body_hash);
    }
    Headers all = request.headers;
    all.insert(all.end(), added.begin(), added.end());
    const SignedHeaders covered = signed_headers(all, Covered::lasting);
    const std::string canonical = cat(request.method, '\n', canonical_path(request, context), '\n',
                                      canonical_query(request.query), '\n', covered.canonical, '\n',
                                      covered.names, '\n', body_hash);
    added.emplace_back("authorization",
                       cat(algorithm, " Credential=", context.credentials.access_key_id, '/',
                           scope_of(context, timestamp), ", SignedHeaders=", covered.names,
                           ", Signature=", sign(context, timestamp, canonical)));
    return added;
}

std::string Signer::presigned_query(const Signable& request, const SigningContext& context,
                                    std::chrono::seconds expires) {
    const std::string timestamp = timestamp_of(context.time);
    const SignedHeaders covered = signed_headers(request.headers, Covered::all);
    Query query = request.query;
    query.emplace_back("X-Amz-Algorithm", algorithm);
    query.emplace_back("X-Amz-Credential",
                       cat(context.credentials.access_key_id, '/', scope_of(context, timestamp)));
    query.emplace_back("X-Amz-Date", timestamp);
    query.emplace_back("X-Amz-Expires", cat(expires.count()));
    query.emplace_back("X-Amz-SignedHeaders", covered.names);
    if (!context.credentials.session_token.empty()) {
        query.emplace_back("X-Amz-Security-Token", context.credentials.session_token);
    }
    std::string signed_query = canonical_query(query);
    const std::string body_hash =
        is_s3(context) ? "UNSIGNED-PAYLOAD" : to_hex(sha256(request.body));
    const std::string canonical =
        cat(request.method, '\n', canonical_path(request, context), '\n', signed_query, '\n',
            covered.canonical, '\n', covered.names, '\n', body_hash);
    return signed_query.append("&X-Amz-Signature=").append(sign(context, timestamp, canonical));
}

}  // namespace souk::aws
