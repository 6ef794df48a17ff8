#include "adapters/telemetry_prometheus/trace_parent.h"

#include <algorithm>
#include <random>

#include "domain/base/text.h"

namespace souk {

namespace {

constexpr std::string_view digits = "0123456789abcdef";
constexpr std::size_t trace_parent_length = 55;

bool is_hex(std::string_view text) {
    return std::ranges::all_of(text,
                               [](char c) { return digits.find(c) != std::string_view::npos; });
}

bool is_id(std::string_view text) {
    return is_hex(text) && text.find_first_not_of('0') != std::string_view::npos;
}

std::uint64_t random_bits() {
    thread_local std::mt19937_64 engine = [] {
        std::random_device device;
        std::seed_seq seed{device(), device(), device(), device()};
        return std::mt19937_64(seed);
    }();
    return engine();
}

std::string hex_of(std::uint64_t bits) {
    std::string out(16, '0');
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = digits[(bits >> (60 - 4 * i)) & 15];
    }
    return out;
}

}  // namespace

std::optional<TraceParent> parse_trace_parent(std::string_view text) {
    // Later versions may append to the four fields, 00 may not.
    if (text.size() < trace_parent_length || text[2] != '-' || text[35] != '-' || text[52] != '-' ||
        (text.size() > trace_parent_length && (text.starts_with("00") || text[55] != '-'))) {
        return std::nullopt;
    }
    const std::string_view version = text.substr(0, 2);
    const std::string_view trace = text.substr(3, 32);
    const std::string_view span = text.substr(36, 16);
    const std::string_view flags = text.substr(53, 2);
    if (!is_hex(version) || version == "ff" || !is_id(trace) || !is_id(span) || !is_hex(flags)) {
        return std::nullopt;
    }
    const bool sampled = digits.find(flags[1]) % 2 == 1;
    return TraceParent{std::string(trace), std::string(span),
                       sampled ? TraceParent::Sampling::sampled : TraceParent::Sampling::unsampled};
}

std::string render_trace_parent(const TraceParent& parent) {
    return cat("00-", parent.trace, "-", parent.span,
               parent.sampling == TraceParent::Sampling::sampled ? "-01" : "-00");
}

std::string fresh_trace() { return hex_of(random_bits()) + fresh_span(); }

std::string fresh_span() { return hex_of(std::max<std::uint64_t>(random_bits(), 1)); }

int random_per_mille() { return static_cast<int>(random_bits() % 1000); }

}  // namespace souk
