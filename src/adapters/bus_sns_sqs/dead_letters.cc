#include <algorithm>
#include <tuple>

#include "adapters/bus_sns_sqs/sqs_bus.h"
#include "domain/base/text.h"
#include "domain/ports/ledger.h"

namespace souk {

namespace {

/// Where a letter stands in the list of all queues.
struct Place {
    std::int64_t died_ms = 0;
    std::int64_t queue = 0;  // In the order of the queues.
    std::string id;
    friend auto operator<=>(const Place&, const Place&) = default;
};

std::string cursor_of(const Place& place) {
    return to_base64url(cat(place.died_ms, ':', place.queue, ':', place.id));
}

/// Errors: invalid_cursor.
Result<Place> parse_cursor(std::string_view cursor) {
    const auto text = from_base64url(cursor);
    const auto parts = split(text ? std::string_view(*text) : std::string_view(), ':');
    const auto died = parts.size() == 3 ? to_integer(parts[0]) : std::nullopt;
    const auto queue = parts.size() == 3 ? to_integer(parts[1]) : std::nullopt;
    if (!died || !queue) {
        return fail(errors::invalid_cursor, "This cursor is not from this list.");
    }
    return Place{*died, *queue, std::string(parts[2])};
}

}  // namespace

Result<DeadLetterPage> SqsBus::dead_letters(std::string_view queue, int limit,
                                            std::string_view cursor) {
    const auto queues = TRY(queues_named(queue));
    std::optional<Place> after;
    if (!cursor.empty()) {
        after = TRY(parse_cursor(cursor));
    }
    std::vector<std::pair<Place, DeadLetter>> letters;
    for (std::size_t i = 0; i < queues.size(); ++i) {
        sqs::DeadQueue dead(calls_, queues[i], TRY(url_of(queues[i])));
        for (auto& letter : TRY(dead.letters())) {
            Place place{letter.died.unix_ms(), static_cast<std::int64_t>(i), letter.id};
            if (!after || place > *after) {
                letters.emplace_back(std::move(place), std::move(letter));
            }
        }
    }
    std::ranges::sort(letters, {}, [](const auto& letter) -> const Place& { return letter.first; });
    DeadLetterPage page;
    const auto wanted = static_cast<std::size_t>(limit);
    if (letters.size() > wanted) {
        letters.resize(wanted);
        page.cursor = cursor_of(letters.back().first);
    }
    for (auto& [place, letter] : letters) {
        page.letters.push_back(std::move(letter));
    }
    return page;
}

Result<int> SqsBus::redrive(std::string_view queue, const std::vector<std::string>& ids) {
    const Instant started = clock_.now();
    int moved = 0;
    for (const auto& name : TRY(queues_named(queue))) {
        sqs::DeadQueue dead(calls_, name, TRY(url_of(name)));
        moved += TRY(dead.redrive(ids, started));
    }
    return moved;
}

Result<std::vector<std::string>> SqsBus::queues_named(std::string_view queue) const {
    if (queue.empty()) {
        return queues();
    }
    TRY(url_of(queue));
    return std::vector{std::string(queue)};
}

}  // namespace souk
