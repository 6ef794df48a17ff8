#include "domain/ports/cursor.h"

#include "adapters/memory/test_environment.h"
#include "domain/base/text.h"
#include "fuzz/bytes.h"
#include "fuzz/target.h"

namespace souk::fuzz {

FUZZ_TARGET(cursor) {
    static TestEnvironment test;
    static const Environment environment = test.environment();
    Bytes bytes(input);
    const std::string scope(bytes.line());
    const std::string_view rest = bytes.rest();

    const std::string text(rest.substr(0, cursor_text_max));
    const std::string sealed = seal_cursor(environment, scope, text);
    HOLDS(open_cursor(environment, scope, sealed) == text);
    HOLDS(sealed == seal_cursor(environment, scope, text));
    HOLDS(sealed.size() <= 2048 && percent_encoded(sealed) == sealed);
    HOLDS(!open_cursor(environment, cat(scope, 'x'), sealed));
    HOLDS(!open_cursor(environment, cat('x', scope), sealed));
    // A byte moved from the scope to the text is not the same cursor.
    if (!scope.empty() && text.size() < cursor_text_max) {
        HOLDS(sealed !=
              seal_cursor(environment, scope.substr(0, scope.size() - 1), cat(scope.back(), text)));
    }
    std::string forged = sealed;
    forged[rest.size() % forged.size()] ^= 1;
    HOLDS(!open_cursor(environment, scope, forged));

    // Whatever opens, as it came or with its start repaired, is what sealing its text gives.
    for (const std::string& cursor : {std::string(rest), cat(sealed.substr(0, 20), rest)}) {
        const auto opened = open_cursor(environment, scope, cursor);
        HOLDS(!opened || cursor.empty() || seal_cursor(environment, scope, *opened) == cursor);
        HOLDS(opened.has_value() || opened.error().code == errors::invalid_cursor);
    }
}

}  // namespace souk::fuzz
