#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace souk::fuzz {

/// Takes an input apart into values. A value stands where it is read, so that a small change of
/// the input is a small change of the values; past the end everything is zero or empty.
class Bytes {
public:
    explicit Bytes(std::string_view input) : rest_(input) {}

    [[nodiscard]] bool empty() const { return rest_.empty(); }

    std::uint8_t byte() {
        if (rest_.empty()) {
            return 0;
        }
        const auto taken = static_cast<std::uint8_t>(rest_.front());
        rest_.remove_prefix(1);
        return taken;
    }
    /// 0 … bound - 1.
    std::size_t below(std::size_t bound) { return byte() % bound; }
    bool flag() { return (byte() & 1U) != 0; }
    std::uint64_t number() {
        std::uint64_t out = 0;
        for (int i = 0; i < 8; ++i) {
            out = out << 8U | byte();
        }
        return out;
    }
    std::int64_t integer() { return static_cast<std::int64_t>(number()); }
    /// A line of the input, without its end: keeps corpora legible.
    std::string_view line() {
        const std::size_t end = rest_.find('\n');
        const std::string_view taken = rest_.substr(0, end);
        rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
        return taken;
    }
    /// Up to 255 bytes, their number first.
    std::string text() {
        const std::size_t size = byte();
        return std::string(take(size));
    }
    /// All that is left.
    std::string_view rest() { return take(rest_.size()); }

private:
    std::string_view take(std::size_t size) {
        const std::string_view taken = rest_.substr(0, size);
        rest_.remove_prefix(taken.size());
        return taken;
    }

    std::string_view rest_;
};

}  // namespace souk::fuzz
