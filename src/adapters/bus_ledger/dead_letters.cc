#include <algorithm>

#include "adapters/bus_ledger/ledger_bus.h"
#include "adapters/bus_ledger/ledger_queue.h"
#include "adapters/bus_ledger/queue_rows.h"
#include "domain/base/text.h"

namespace souk {

namespace {

/// Where a list of letters stands: after this letter, where those of one moment are ordered by
/// sequence, which is unique over all queues.
Result<bus::DueKey> parse_cursor(std::string_view cursor) {
    if (cursor.empty()) {
        return bus::DueKey{};
    }
    const auto at = bus::from_text(cursor);
    if (!at) {
        return fail(errors::invalid_cursor, "This cursor is not from this list.");
    }
    return *at;
}

}  // namespace

Result<DeadLetterPage> LedgerBus::dead_letters(std::string_view queue, int limit,
                                               std::string_view cursor) {
    const auto queues = TRY(queues_named(queue));
    const bus::DueKey after = TRY(parse_cursor(cursor));
    const auto wanted = static_cast<std::size_t>(limit);
    std::vector<std::pair<bus::DueKey, DeadLetter>> letters;
    for (bus::LedgerQueue* one : queues) {
        std::ranges::move(TRY(one->dead_after(after, wanted + 1)), std::back_inserter(letters));
    }
    std::ranges::sort(letters, {}, [](const auto& letter) { return letter.first; });
    DeadLetterPage page;
    if (letters.size() > wanted) {
        letters.resize(wanted);
        page.cursor = bus::to_text(letters.back().first);
    }
    for (auto& letter : letters) {
        page.letters.push_back(std::move(letter.second));
    }
    return page;
}

Result<int> LedgerBus::redrive(std::string_view queue, const std::vector<std::string>& ids) {
    const auto queues = TRY(queues_named(queue));
    std::vector<bus::DueKey> letters;
    for (const auto& id : ids) {
        if (const auto letter = bus::from_text(id)) {
            letters.push_back(*letter);
        }
    }
    std::ranges::sort(letters);
    letters.erase(std::ranges::unique(letters).begin(), letters.end());
    int driven = 0;
    for (bus::LedgerQueue* one : queues) {
        driven += ids.empty() ? TRY(one->redrive_all()) : TRY(one->redrive(letters));
    }
    return driven;
}

}  // namespace souk
