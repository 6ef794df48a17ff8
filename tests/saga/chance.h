#pragma once

#include <cstddef>
#include <cstdint>

/// Where the saga's model test takes its decisions from.
namespace souk::testing {

/// Pseudo-random numbers that follow from the seed alone, on every machine.
/// Source: SplitMix64 (Steele, Lea, Flood 2014).
class Chance {
public:
    explicit Chance(std::uint64_t seed) : state_(seed) {}

    /// From 0 to below `bound`, which is above 0.
    [[nodiscard]] std::size_t below(std::size_t bound) {
        return static_cast<std::size_t>(next() % bound);
    }
    [[nodiscard]] std::int64_t between(std::int64_t least, std::int64_t most) {
        return least + static_cast<std::int64_t>(below(static_cast<std::size_t>(most - least + 1)));
    }
    /// True so many times in a thousand.
    [[nodiscard]] bool permille(std::size_t times) { return below(1000) < times; }
    template <class List>
    [[nodiscard]] auto& one_of(List& list) {
        return list[below(list.size())];
    }

private:
    std::uint64_t next() {
        state_ += 0x9E3779B97F4A7C15U;
        std::uint64_t mixed = state_;
        mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9U;
        mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBU;
        return mixed ^ (mixed >> 31U);
    }
    std::uint64_t state_;
};

}  // namespace souk::testing
