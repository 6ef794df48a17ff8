#include "domain/base/folding.h"

#include <algorithm>
#include <string>

#include "domain/base/text.h"
#include "fuzz/target.h"

namespace souk::fuzz {

FUZZ_TARGET(folding) {
    if (!is_utf8(input)) {
        return;
    }
    const std::string once = folded(input);
    HOLDS(is_utf8(once));
    HOLDS(folded(once) == once);
    HOLDS(ascii_lower(once) == once);
    const auto words = words_of(input);
    HOLDS(words_of(once) == words);
    std::string joined;
    for (const auto& word : words) {
        HOLDS(!word.empty() && is_utf8(word));
        HOLDS(word.find_first_of(" \t\r\n'\"-,.") == std::string::npos);
        joined += cat(joined.empty() ? "" : " ", word);
    }
    // A search for what was found finds it.
    HOLDS(words_of(joined) == words);
}

}  // namespace souk::fuzz
