#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace souk::fuzz {

/// Units: bytes. No mutation is longer.
inline constexpr std::size_t input_bytes_max = 4096;

/// Makes inputs out of others, the same ones for the same seed.
class Mutator {
public:
    /// `words` are what the format under test is made of; both may be empty.
    Mutator(std::uint64_t seed, std::vector<std::string> corpus, std::vector<std::string> words);

    [[nodiscard]] std::string next();

private:
    std::size_t below(std::size_t bound);
    [[nodiscard]] const std::string& any_of(const std::vector<std::string>& texts);
    void change(std::string& input);
    void insert(std::string& input, std::string_view text);

    std::mt19937_64 random_;
    std::vector<std::string> corpus_;
    std::vector<std::string> words_;
};

/// The words of a dictionary in libFuzzer's and AFL's format: `name="text"` or `"text"` a line,
/// with `\\`, `\"` and `\xNN`; `#` begins a comment.
[[nodiscard]] std::vector<std::string> dictionary_words(std::string_view dictionary);

}  // namespace souk::fuzz
