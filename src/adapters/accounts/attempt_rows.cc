#include "adapters/accounts/attempt_rows.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "adapters/accounts/too_many.h"
#include "domain/base/json.h"
#include "domain/base/text.h"
#include "domain/ports/unit_of_work.h"

namespace souk {

namespace {

constexpr std::chrono::milliseconds window{60'000};
constexpr std::string_view attempts_sort = "failed";

struct Tries {
    std::vector<Instant> at;    // Of the last minute.
    std::uint64_t version = 0;  // 0: no row.
};

Result<Tries> tries_in(const WalledLedger& wall, std::string_view partition, Instant now) {
    const auto row = TRY(wall.find(partition, attempts_sort));
    if (!row) {
        return Tries{};
    }
    const auto document = JsonDocument::parse(row->body);
    if (!document || !document->root().is_array()) {
        return fail(errors::corrupt_row, "A stored count of failed tries cannot be read.");
    }
    Tries tries{.at = {}, .version = row->version};
    for (std::size_t i = 0; i < document->root().size(); ++i) {
        const auto at = Instant::from_unix_ms(document->root().at(i).integer_or(0));
        if (is_recent(at, now, window)) {
            tries.at.push_back(at);
        }
    }
    return tries;
}

void keep(Changes& changes, const WalledLedger& wall, const std::string& partition,
          const Tries& tries) {
    const Expect expect = Expect::as_read(tries.version);
    changes.relax();  // Lost with the machine, it would only have been a few guesses more.
    if (tries.at.empty()) {
        wall.erase(changes, partition, attempts_sort, expect);
        return;
    }
    JsonWriter body;
    body.begin_array();
    for (const Instant at : tries.at) {
        body.value(at.unix_ms());
    }
    body.end_array();
    wall.put(changes,
             {.partition = partition,
              .sort = std::string(attempts_sort),
              .body = body.take(),
              .expires = std::ranges::max(tries.at) + window},
             expect);
}

}  // namespace

Result<Attempt> AttemptRows::admit(const Realm& realm, std::string_view subject) const {
    const Environment& environment = ledger_.environment();
    // Hashed, so that the length of what a stranger sends is not the length of what is kept.
    const std::string partition = cat("tries#", to_base64url(environment.crypto.sha256(subject)));
    return perform(ledger_, [&]() -> Result<Change<Attempt>> {
        const WalledLedger wall = rows_.of(realm);
        const Instant now = environment.now();
        Tries tries = TRY(tries_in(wall, partition, now));
        if (tries.at.size() >= failures_max_) {
            return fail(too_many("failed tries; try again", failures_max_, window,
                                 std::ranges::min(tries.at) + window - now));
        }
        tries.at.push_back(now);
        Changes changes;
        keep(changes, wall, partition, tries);
        return Change<Attempt>{{realm, partition, now}, std::move(changes)};
    });
}

Result<void> AttemptRows::forgive(const Attempt& attempt) const {
    const auto forgiven = perform(ledger_, [&]() -> Result<Change<Done>> {
        const WalledLedger wall = rows_.of(attempt.realm);
        Tries tries = TRY(tries_in(wall, attempt.subject, ledger_.environment().now()));
        Change<Done> change;
        const auto counted = std::ranges::find(tries.at, attempt.at);
        if (counted != tries.at.end()) {
            tries.at.erase(counted);
            keep(change.changes, wall, attempt.subject, tries);
        }
        return change;
    });
    return forgiven ? Result<void>() : fail(forgiven.error());
}

}  // namespace souk
