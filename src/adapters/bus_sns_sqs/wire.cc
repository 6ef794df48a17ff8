#include "adapters/bus_sns_sqs/wire.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "domain/base/clipped_text.h"
#include "domain/base/error.h"
#include "domain/base/text.h"

namespace souk::sqs {

namespace {

constexpr std::size_t reason_bytes_max = 1024;

void replace_all(std::string& text, std::string_view what, std::string_view by) {
    for (std::size_t at = text.find(what); at != std::string::npos;
         at = text.find(what, at + by.size())) {
        text.replace(at, what.size(), by);
    }
}

/// UTF-8 of the two characters that JSON may hold unescaped and XML may not hold at all.
constexpr std::string_view fffe = "\xEF\xBF\xBE";
constexpr std::string_view ffff = "\xEF\xBF\xBF";

bool is_hex(std::string_view text) {
    return std::ranges::all_of(
        text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace

std::size_t size_of(const OutgoingMessage& message) {
    constexpr std::string_view data_type = "String";
    std::size_t bytes = message.body.size();
    for (const auto& [name, value] : message.attributes) {
        bytes += name.size() + data_type.size() + value.size();
    }
    return bytes;
}

std::string message_body(const Event& event) {
    std::string body = render_cloud_event(event);
    // They can only stand inside JSON strings, where the escape means the same.
    replace_all(body, fffe, "\\ufffe");
    replace_all(body, ffff, "\\uffff");
    return body;
}

std::string reason_text(std::string_view reason) {
    if (!is_utf8(reason)) {
        return "The reason is not readable text.";
    }
    std::string text(reason);
    replace_all(text, fffe, "?");
    replace_all(text, ffff, "?");
    std::ranges::replace_if(
        text,
        [](char c) {
            return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r';
        },
        '?');
    text = std::string(clipped(text, reason_bytes_max));
    return text.empty() ? "No reason was given." : text;
}

std::string md5_hex(std::string_view bytes) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int length = 0;
    CHECK(EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_md5(), nullptr) == 1);
    std::string raw(length, '\0');
    std::transform(digest.begin(), digest.begin() + length, raw.begin(),
                   [](unsigned char byte) { return static_cast<char>(byte); });
    return ascii_lower(to_hex(raw));
}

std::string trace_header(std::string_view traceparent) {
    // 00-<trace id>-<parent id>-<flags>. Source: W3C Trace Context.
    const auto parts = split(traceparent, '-');
    const bool readable = parts.size() == 4 && parts[0] == "00" && parts[1].size() == 32 &&
                          parts[2].size() == 16 && parts[3].size() == 2 && is_hex(parts[1]) &&
                          is_hex(parts[2]) && is_hex(parts[3]);
    if (!readable) {
        return {};
    }
    constexpr std::string_view odd = "13579bdf";  // The lowest flag: sampled.
    return cat("Root=1-", parts[1].substr(0, 8), '-', parts[1].substr(8), ";Parent=", parts[2],
               ";Sampled=", odd.contains(parts[3][1]) ? '1' : '0');
}

}  // namespace souk::sqs
