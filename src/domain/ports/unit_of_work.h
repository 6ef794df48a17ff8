#pragma once

#include <functional>
#include <string_view>
#include <type_traits>
#include <utility>

#include "domain/ports/caller.h"
#include "domain/ports/http.h"
#include "domain/ports/store_ledger.h"

/// A verb gathers, decides, and says what to commit; the boundary that called it commits. So the
/// record that makes the step harmless to repeat (an idempotency record for HTTP, an inbox row for
/// an event) goes into the same atomic commit, and a lost race runs the verb again on what is true
/// now.
namespace souk {

namespace errors {
inline constexpr ErrorCode idempotency_key_reused{"idempotency_key_reused", ErrorKind::invalid};
/// The key's request was carried out, but its answer was over answer_kept_max.
inline constexpr ErrorCode answer_not_kept{"answer_not_kept", ErrorKind::conflict};
inline constexpr ErrorCode contention{"contention", ErrorKind::unavailable};
}  // namespace errors

/// How long an idempotency record answers for its key.
inline constexpr std::chrono::hours idempotency_kept{24};
/// How long an event's inbox row is kept: longer than any queue keeps a message (SQS: 14 days) that
/// was announced as late as an outbox keeps its event (DynamoDB's: 14 days).
inline constexpr std::chrono::hours inbox_kept{24 * 30};
/// How often a verb is run again after losing a race before the caller is told to come back.
inline constexpr int races_max = 100;
/// A sealed answer is kept in rows of so many bytes; an order of a thousand lines takes a few.
inline constexpr std::size_t answer_part_max = 320 * 1024;
/// A longer answer (with its headers, as JSON in which the body is a text: 1.5 MB) is not kept for
/// repeats, so that no effect fails for its answer's sake. Sealed and in base64 it takes half of a
/// transaction: a verb may write all that it answers.
inline constexpr std::size_t answer_kept_max = transaction_bytes_max / 2 / 4 * 3;
/// Writes of a commit that the boundary needs for itself (the record of an answer of about a
/// megabyte); the rest is the verb's. A larger answer is kept where the verb writes less.
inline constexpr std::size_t boundary_writes = 5;

/// What a verb decided: its result, once `changes` are committed.
template <class T>
struct Change {
    T value;
    Changes changes;
};

/// A verb that only changes.
struct Done {};

/// Makes what a response waits for (Response::deferred); called with the response as it was first
/// committed.
using Waiting = std::function<std::shared_ptr<const Deferred>(const Response& accepted)>;

/// Runs a verb that commits on its way again when it lost a race there.
template <class Verb>
auto rerun(Verb verb) -> decltype(verb()) {
    for (int race = 0; race < races_max; ++race) {
        auto outcome = verb();
        if (outcome || outcome.error().code != errors::ledger_conflict) {
            return outcome;
        }
    }
    return fail(errors::contention, "Too many others are changing this; try again.");
}

namespace detail {
struct Prepared {
    Changes changes;
    Response response;
};
Result<Response> respond(const Caller& caller, const ServiceLedger& ledger,
                         const WalledLedger& wall, const std::function<Result<Prepared>()>& prepare,
                         const Waiting& waiting);
Result<void> commit_until_settled(const ServiceLedger& ledger,
                                  const std::function<Result<Changes>()>& decide);
}  // namespace detail

/// Runs a verb for an HTTP request: `verb` is () -> Result<Change<T>>, `render` is (const T&) ->
/// Response. Commits the changes together with the caller's idempotency record, which keeps the
/// response sealed under the caller's key. Errors: the verb's own; idempotency_key_reused;
/// answer_not_kept; contention. Repeat: with the same Idempotency-Key, the first response again,
/// marked `Idempotent-Replayed: true`; of one over answer_kept_max, answer_not_kept with its
/// `location`, and no second effect. With `waiting` the response is deferred, and what it becomes
/// in the end takes the first one's place in the record; a repeat in the meantime waits like the
/// first, or is answered answer_not_kept if that was not kept.
template <class Verb, class Render>
Result<Response> respond(const Caller& caller, const ServiceLedger& ledger,
                         const WalledLedger& wall, Verb verb, Render render,
                         const Waiting& waiting = {}) {
    const auto prepare = [&]() -> Result<detail::Prepared> {
        auto change = TRY(verb());
        return detail::Prepared{std::move(change.changes), render(change.value)};
    };
    return detail::respond(caller, ledger, wall, prepare, waiting);
}
/// The same for a route of the caller's store.
template <class Verb, class Render>
Result<Response> respond(const Caller& caller, const ServiceLedger& ledger, Verb verb,
                         Render render, const Waiting& waiting = {}) {
    return respond(caller, ledger, ledger.store(caller.in_store()), std::move(verb),
                   std::move(render), waiting);
}

/// For effects that are not the ledger's (sign-up at an identity provider): the answer to this key,
/// if it was given before; and the record of an answer, written after the effect.
/// Errors: idempotency_key_reused, answer_not_kept, and those of the ledger.
Result<std::optional<Response>> replayed(const Caller& caller, const ServiceLedger& ledger,
                                         const WalledLedger& wall);
Result<void> remember(const Caller& caller, const ServiceLedger& ledger, const WalledLedger& wall,
                      const Response& response);

/// Runs a verb for an event: `verb` is () -> Result<Changes>. Its commit writes the event's inbox
/// row for `queue`, so a second delivery does nothing.
template <class Verb>
Result<void> react_once(const Event& event, std::string_view queue, const ServiceLedger& ledger,
                        const WalledLedger& wall, Verb verb);

/// Runs a verb for the operator or a sweep and returns its value.
template <class Verb>
auto perform(const ServiceLedger& ledger, Verb verb) {
    using T = std::remove_cvref_t<decltype(verb()->value)>;
    std::optional<T> value;
    auto settled = detail::commit_until_settled(ledger, [&]() -> Result<Changes> {
        auto change = TRY(verb());
        value = std::move(change.value);
        return std::move(change.changes);
    });
    return settled ? Result<T>(std::move(*value)) : Result<T>(std::unexpected(settled.error()));
}

namespace detail {
Result<void> react_once(const Event& event, std::string_view queue, const ServiceLedger& ledger,
                        const WalledLedger& wall, const std::function<Result<Changes>()>& decide);
}

template <class Verb>
Result<void> react_once(const Event& event, std::string_view queue, const ServiceLedger& ledger,
                        const WalledLedger& wall, Verb verb) {
    return detail::react_once(event, queue, ledger, wall, verb);
}

}  // namespace souk
