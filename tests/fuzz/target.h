#pragma once

#include <string>
#include <string_view>
#include <vector>

/// What is fed with bytes that nobody vouches for. A target reads one input and aborts if a promise
/// of the code under test is broken; it depends on nothing but the input. The same sources are
/// driven by two mains: replay_test.cc (g++, every test run: the corpus and a fixed number of
/// mutations of it) and libfuzzer.cc (clang, `./dev fuzz`: coverage decides what comes next).
namespace souk::fuzz {

struct Target {
    std::string_view name;  // Of its corpus (corpus/<name>/) and dictionary, too.
    void (*run)(std::string_view input);
};

/// Those that are linked in, by name.
[[nodiscard]] const std::vector<Target>& targets();

struct Registration {
    explicit Registration(const Target& target);
};

/// Says what was promised, and aborts.
[[noreturn]] void broken(const char* promise, const char* file, int line);

}  // namespace souk::fuzz

/// A target's body: `FUZZ_TARGET(json) { … input … }`. One a source.
#define FUZZ_TARGET(name)                                                      \
    static void run_##name(std::string_view input);                            \
    static const ::souk::fuzz::Registration registration({#name, run_##name}); \
    static void run_##name(std::string_view input)

/// A promise of the code under test.
#define HOLDS(...)                                                  \
    do {                                                            \
        if (!(__VA_ARGS__)) {                                       \
            ::souk::fuzz::broken(#__VA_ARGS__, __FILE__, __LINE__); \
        }                                                           \
    } while (false)
