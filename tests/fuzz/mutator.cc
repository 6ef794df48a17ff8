#include "fuzz/mutator.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace souk::fuzz {

namespace {

constexpr std::array<unsigned char, 16> telling_bytes{
    0x00, 0x01, 0x7F, 0x80, 0xFF, 0xC3, '\r', '\n', '\t', ' ', '"', '\\', '/', '%', '0', '9'};

std::string unescaped(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\' || i + 1 == text.size()) {
            out.push_back(text[i]);
        } else if (text[i + 1] == 'x' && i + 3 < text.size()) {
            unsigned value = 0;
            std::from_chars(text.data() + i + 2, text.data() + i + 4, value, 16);
            out.push_back(static_cast<char>(value));
            i += 3;
        } else {
            out.push_back(text[++i]);
        }
    }
    return out;
}

}  // namespace

Mutator::Mutator(std::uint64_t seed, std::vector<std::string> corpus,
                 std::vector<std::string> words)
    : random_(seed), corpus_(std::move(corpus)), words_(std::move(words)) {
    corpus_.emplace_back();  // Something to begin with, and what grows from nothing.
}

std::size_t Mutator::below(std::size_t bound) {
    return bound == 0 ? 0 : static_cast<std::size_t>(random_() % bound);
}

const std::string& Mutator::any_of(const std::vector<std::string>& texts) {
    return texts[below(texts.size())];
}

void Mutator::insert(std::string& input, std::string_view text) {
    input.insert(below(input.size() + 1), text);
}

void Mutator::change(std::string& input) {
    const std::size_t at = below(input.size());
    const std::size_t length = 1 + below(std::min<std::size_t>(input.size() - at, 16));
    switch (below(10)) {
        case 0:
            if (!input.empty()) {
                input[at] = static_cast<char>(input[at] ^ (1 << below(8)));
            }
            break;
        case 1:
            if (!input.empty()) {
                input[at] = static_cast<char>(telling_bytes[below(telling_bytes.size())]);
            }
            break;
        case 2: input.erase(at, length); break;
        case 3: insert(input, std::string(input.substr(at, length))); break;
        case 4: insert(input, std::string(1 + below(4), static_cast<char>(random_()))); break;
        case 5: insert(input, std::string(1 + below(64), input.empty() ? 'a' : input[at])); break;
        case 6: {
            const std::string& other = any_of(corpus_);
            const std::size_t from = below(other.size() + 1);
            insert(input, std::string_view(other).substr(from, 1 + below(64)));
            break;
        }
        case 7: {
            const std::string& other = any_of(corpus_);
            input = input.substr(0, at) + other.substr(below(other.size() + 1));
            break;
        }
        case 8: input.resize(at); break;
        default:
            if (!words_.empty()) {
                insert(input, any_of(words_));
            }
    }
}

std::string Mutator::next() {
    std::string input = any_of(corpus_);
    for (std::size_t changes = 1 + below(6); changes > 0; --changes) {
        change(input);
    }
    input.resize(std::min(input.size(), input_bytes_max));
    return input;
}

std::vector<std::string> dictionary_words(std::string_view dictionary) {
    std::vector<std::string> words;
    while (!dictionary.empty()) {
        const std::size_t end = std::min(dictionary.find('\n'), dictionary.size());
        const std::string_view line = dictionary.substr(0, end);
        dictionary.remove_prefix(std::min(end + 1, dictionary.size()));
        const std::size_t first = line.find('"');
        const std::size_t last = line.rfind('"');
        if (!line.starts_with('#') && first != last) {
            words.push_back(unescaped(line.substr(first + 1, last - first - 1)));
        }
    }
    return words;
}

}  // namespace souk::fuzz
