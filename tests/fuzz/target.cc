#include "fuzz/target.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace souk::fuzz {

namespace {

std::vector<Target>& registered() {
    static std::vector<Target> all;
    return all;
}

}  // namespace

const std::vector<Target>& targets() {
    std::ranges::sort(registered(), {}, &Target::name);
    return registered();
}

Registration::Registration(const Target& target) { registered().push_back(target); }

void broken(const char* promise, const char* file, int line) {
    std::fprintf(stderr, "%s:%d: this does not hold: %s\n", file, line, promise);
    std::abort();
}

}  // namespace souk::fuzz
