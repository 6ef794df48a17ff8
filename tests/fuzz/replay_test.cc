#include <gtest/gtest.h>
#include <sanitizer/common_interface_defs.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>

#include "fuzz/mutator.h"
#include "fuzz/target.h"

namespace souk::fuzz {

/// So that gtest can name a parameter.
void PrintTo(const Target& target, std::ostream* out) { *out << target.name; }

namespace {

constexpr std::uint64_t seed = 20261127;
constexpr std::size_t mutations_default = 3000;
constexpr unsigned hang_seconds = 20;  // Under sanitizers, on a busy machine.

/// What is being run, for the post-mortem: no allocation is safe then.
std::string_view under_test;
std::string finding_path;

void keep_finding() {
    std::ofstream(finding_path, std::ios::binary)
        .write(under_test.data(), static_cast<std::streamsize>(under_test.size()));
    std::fprintf(stderr, "The input (%zu bytes) is kept in %s\n", under_test.size(),
                 finding_path.c_str());
}

void on_signal(int number) {
    std::signal(number, SIG_DFL);
    std::fprintf(stderr, number == SIGALRM ? "An input takes too long.\n" : "Aborted.\n");
    keep_finding();
    std::raise(number);
}

std::string contents(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// In the order of their names, which is the same everywhere.
std::vector<std::string> corpus_of(const Target& target) {
    std::vector<std::filesystem::path> paths;
    const auto folder = std::filesystem::path(SOUK_FUZZ_DIR) / "corpus" / target.name;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        paths.push_back(entry.path());
    }
    std::ranges::sort(paths);
    std::vector<std::string> corpus;
    std::ranges::transform(paths, std::back_inserter(corpus), contents);
    return corpus;
}

std::vector<std::string> words_of(const Target& target) {
    const auto folder = std::filesystem::path(SOUK_FUZZ_DIR) / "dictionaries";
    return dictionary_words(contents(folder / (std::string(target.name) + ".dict")));
}

/// SOUK_FUZZ_MUTATIONS, for a longer run.
std::size_t mutations() {
    const char* const wanted = std::getenv("SOUK_FUZZ_MUTATIONS");
    const std::string_view text = wanted == nullptr ? "" : wanted;
    std::size_t number = mutations_default;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

class EveryTarget : public testing::TestWithParam<Target> {
protected:
    void SetUp() override {
        finding_path = std::filesystem::absolute("finding-" + std::string(GetParam().name));
        std::signal(SIGABRT, on_signal);
        std::signal(SIGALRM, on_signal);
        __sanitizer_set_death_callback(keep_finding);
    }
    void TearDown() override {
        alarm(0);
        std::signal(SIGABRT, SIG_DFL);
        std::signal(SIGALRM, SIG_DFL);
        __sanitizer_set_death_callback(nullptr);
    }
    void run(const std::string& input) {
        // On the heap and without room to spare, so that a read past the end is seen.
        const std::vector<char> exact(input.begin(), input.end());
        under_test = {exact.data(), exact.size()};
        alarm(hang_seconds);
        GetParam().run(under_test);
    }
};

TEST_P(EveryTarget, HoldsItsPromisesOnItsCorpusAndMutationsOfIt) {
    const auto corpus = corpus_of(GetParam());
    ASSERT_FALSE(corpus.empty());
    for (const auto& input : corpus) {
        run(input);
    }
    Mutator mutator(seed, corpus, words_of(GetParam()));
    for (std::size_t left = mutations(); left > 0; --left) {
        run(mutator.next());
    }
}

INSTANTIATE_TEST_SUITE_P(Fuzz, EveryTarget, testing::ValuesIn(targets()),
                         [](const auto& which) { return std::string(which.param.name); });

TEST(Mutator, MakesTheSameInputsOfTheSameSeed) {
    Mutator one(1, {"abc", "defghi"}, {"word"});
    Mutator same(1, {"abc", "defghi"}, {"word"});
    Mutator other(2, {"abc", "defghi"}, {"word"});
    bool differs = false;
    for (int i = 0; i < 100; ++i) {
        const std::string input = one.next();
        EXPECT_EQ(input, same.next());
        differs = differs || input != other.next();
    }
    EXPECT_TRUE(differs);
}

TEST(Mutator, KeepsInputsWithinTheirBound) {
    Mutator mutator(1, {std::string(input_bytes_max, 'x')}, {});
    for (int i = 0; i < 100; ++i) {
        EXPECT_LE(mutator.next().size(), input_bytes_max);
    }
}

TEST(DictionaryWords, AreReadAsLibFuzzerReadsThem) {
    EXPECT_EQ(dictionary_words("# \"comment\"\nname=\"a\\x00\\\"b\\\\\"\n\n\"c=d\"\n"),
              (std::vector<std::string>{std::string("a\0\"b\\", 5), "c=d"}));
}

TEST(ABrokenPromise, EndsTheProgram) {
    EXPECT_DEATH(HOLDS(1 + 1 == 3), "this does not hold: 1 \\+ 1 == 3");
}

}  // namespace

}  // namespace souk::fuzz
