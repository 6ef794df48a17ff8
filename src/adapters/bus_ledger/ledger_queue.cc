#include "adapters/bus_ledger/ledger_queue.h"

#include <algorithm>
#include <limits>

#include "domain/base/text.h"
#include "domain/ports/retry_delay.h"

namespace souk::bus {

namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

constexpr std::string_view unanswered = "No consumer answered in time.";
constexpr std::string_view unreadable = "The stored event cannot be read.";
/// How many letters one write brings back, so that a large redrive holds up nobody for long.
constexpr std::size_t redrive_step = 500;
/// Longer waits are cut to this, which no caller can tell apart and no clock can overflow.
constexpr std::chrono::hours wait_max{24 * 365};

Result<DueKey> parse_receipt(std::string_view receipt) {
    const auto at = from_text(receipt);
    if (!at) {
        return fail(errors::validation_failed, "Not a receipt of this bus.");
    }
    return *at;
}

}  // namespace

LedgerQueue::LedgerQueue(const Subscription& subscription, Outbox& outbox, Clock& clock)
    : name_(subscription.queue),
      hidden_(subscription.hidden),
      outbox_(outbox),
      clock_(clock),
      window_(name_) {}

Result<std::vector<Message>> LedgerQueue::receive(int count, std::chrono::milliseconds wait,
                                                  const std::stop_token& stop) {
    const SteadyTime deadline =
        std::chrono::steady_clock::now() + std::min<std::chrono::milliseconds>(wait, wait_max);
    while (true) {
        std::uint64_t seen = 0;
        {
            const std::lock_guard lock(waiting_);
            seen = signals_;
        }
        auto messages = claim(static_cast<std::size_t>(count));
        const SteadyTime now = std::chrono::steady_clock::now();
        if (!messages || !messages->empty() || stop.stop_requested() || now >= deadline) {
            keep_watch();
            return messages;
        }
        const auto resting = rest();
        const SteadyTime until = resting ? std::min(deadline, now + *resting) : deadline;
        std::unique_lock lock(waiting_);
        const auto sleeper = sleepers_.insert(until);
        signalled_.wait_until(lock, stop, until, [&] { return signals_ != seen; });
        sleepers_.erase(sleeper);
    }
}

Result<void> LedgerQueue::acknowledge(const std::vector<std::string>& receipts) {
    Step step;
    {
        const std::lock_guard lock(claiming_);
        for (const auto& receipt : receipts) {
            const DueKey at = TRY(parse_receipt(receipt));
            if (TRY(pending(at))) {
                step.writes.push_back({pending_key(name_, at), std::nullopt});
                step.writes.push_back({arrival_key(name_, at.sequence), std::nullopt});
                step.taken.push_back(at);
            }
        }
        for (const DueKey& at : step.taken) {
            window_.remove(at);
        }
    }
    if (step.writes.empty()) {
        return {};
    }
    // Written outside the lock, so that acknowledgements share the log's writes. Nobody can claim
    // these meanwhile: they are not in the window.
    auto written = outbox_.write(step.writes);
    if (!written) {
        const std::lock_guard lock(claiming_);
        std::ranges::for_each(step.taken, [this](const DueKey& at) { window_.insert(at); });
    }
    return written;
}

Result<void> LedgerQueue::retry(const std::string& receipt, std::string_view reason) {
    const DueKey at = TRY(parse_receipt(receipt));
    {
        const std::lock_guard lock(claiming_);
        const auto row = TRY(pending(at));
        if (!row) {
            return {};
        }
        Step step;
        const Instant now = clock_.now();
        if (row->deliveries >= deliveries_max) {
            kill(step, at, row->deliveries, reason, now);
        } else {
            const DueKey next{
                now + retry_delay(row->deliveries,
                                  at.sequence + static_cast<std::uint64_t>(row->deliveries)),
                at.sequence};
            step.writes = {
                {pending_key(name_, at), std::nullopt},
                {pending_key(name_, next), encode({row->deliveries, PendingRow::State::resting})}};
            step.inserted.push_back(next);
        }
        window_.remove(at);
        step.taken.push_back(at);
        TRY(apply(step));
    }
    keep_watch();
    return {};
}

Result<void> LedgerQueue::bury(const std::string& receipt, std::string_view reason) {
    const DueKey at = TRY(parse_receipt(receipt));
    const std::lock_guard lock(claiming_);
    const auto row = TRY(pending(at));
    if (!row) {
        return {};
    }
    Step step;
    kill(step, at, row->deliveries, reason, clock_.now());
    window_.remove(at);
    step.taken.push_back(at);
    return apply(step);
}

Result<std::vector<std::pair<DueKey, DeadLetter>>> LedgerQueue::dead_after(
    const DueKey& after, std::size_t count_max) const {
    const std::string from = dead_key(name_, after) + '\0';
    const auto entries = TRY(outbox_.scan(from, dead_key(name_, last_due()), count_max));
    std::vector<std::pair<DueKey, DeadLetter>> letters;
    for (const auto& entry : entries) {
        const DueKey at = due_of(entry.key);
        const auto row = decode_dead(entry.value);
        if (!row) {
            return fail(errors::corrupt_row, "A dead letter's row is malformed.");
        }
        const auto bytes = TRY(outbox_.read(arrival_key(name_, at.sequence)));
        const auto event = bytes ? decode_event(*bytes) : Result<Event>(fail(errors::corrupt_row));
        letters.emplace_back(at, DeadLetter{to_text(at), name_, event.value_or(Event{}),
                                            row->reason, row->deliveries, at.due});
    }
    return letters;
}

Result<int> LedgerQueue::redrive(const std::vector<DueKey>& letters) {
    int driven = 0;
    {
        const std::lock_guard lock(claiming_);
        Step step;
        const Instant now = clock_.now();
        for (const DueKey& letter : letters) {
            if (!TRY(outbox_.read(dead_key(name_, letter)))) {
                continue;
            }
            const DueKey at{now, letter.sequence};
            step.writes.push_back({dead_key(name_, letter), std::nullopt});
            step.writes.push_back({pending_key(name_, at), encode(PendingRow{0})});
            step.inserted.push_back(at);
            ++driven;
        }
        TRY(apply(step));
    }
    keep_watch();
    return driven;
}

Result<int> LedgerQueue::redrive_all() {
    int driven = 0;
    DueKey after;
    // What dies while this goes on is left alone, or a message that dies at once would be brought
    // back for ever.
    const Instant start = clock_.now();
    while (true) {
        const auto letters = TRY(dead_after(after, redrive_step));
        std::vector<DueKey> keys;
        for (const auto& [at, letter] : letters) {
            if (at.due <= start) {
                keys.push_back(at);
            }
        }
        if (keys.empty()) {
            return driven;
        }
        driven += TRY(redrive(keys));
        after = keys.back();
    }
}

Result<void> LedgerQueue::resume() {
    const std::lock_guard lock(claiming_);
    const Instant now = clock_.now();
    std::string from = pending_key(name_, {now, std::numeric_limits<std::uint64_t>::max()});
    while (true) {
        const auto waiting = TRY(outbox_.scan(from, pending_key(name_, last_due()), redrive_step));
        if (waiting.empty()) {
            return {};
        }
        Step step;
        for (const auto& entry : waiting) {
            const auto row = decode_pending(entry.value);
            if (!row || row->state == PendingRow::State::resting) {
                continue;
            }
            const DueKey at{now, due_of(entry.key).sequence};
            step.writes.push_back({entry.key, std::nullopt});
            step.writes.push_back({pending_key(name_, at), entry.value});
        }
        TRY(apply(step));
        from = waiting.back().key + '\0';
    }
}

void LedgerQueue::arrived() noexcept {
    maybe_arrived_ = true;
    wake_one();
}

Result<std::vector<Message>> LedgerQueue::claim(std::size_t count) {
    const std::lock_guard lock(claiming_);
    const Instant now = clock_.now();
    Step step;
    auto claimed = claim_due(step, count, now);
    if (claimed) {
        claimed = claim_arrived(step, count - step.messages.size(), now);
    }
    if (!claimed) {
        std::ranges::for_each(step.taken, [this](const DueKey& at) { window_.insert(at); });
        return fail(claimed.error());
    }
    TRY(apply(step));
    return std::move(step.messages);
}

Result<void> LedgerQueue::claim_due(Step& step, std::size_t count, Instant now) {
    // Dead ones fill no place, but no claim may take for ever because of them.
    constexpr std::size_t steps_max = 1000;
    while (step.messages.size() < count && step.taken.size() < steps_max) {
        const auto at = TRY(window_.soonest(outbox_));
        if (!at || at->due > now) {
            break;
        }
        window_.remove(*at);
        step.taken.push_back(*at);
        TRY(claim_one_due(step, *at, now));
    }
    return {};
}

Result<void> LedgerQueue::claim_one_due(Step& step, const DueKey& at, Instant now) {
    const auto row = TRY(pending(at));
    const auto bytes = row ? TRY(outbox_.read(arrival_key(name_, at.sequence))) : std::nullopt;
    if (!bytes) {
        // Acknowledged while the window was being filled.
        step.writes.push_back({pending_key(name_, at), std::nullopt});
    } else if (row->deliveries >= deliveries_max) {
        kill(step, at, row->deliveries, unanswered, now);
    } else {
        step.writes.push_back({pending_key(name_, at), std::nullopt});
        hand_out(step, at.sequence, *bytes, row->deliveries + 1, now);
    }
    return {};
}

Result<void> LedgerQueue::claim_arrived(Step& step, std::size_t count, Instant now) {
    // Lowered before looking: a commit that is not seen yet raises it again.
    if (count == 0 || !maybe_arrived_.exchange(false)) {
        return {};
    }
    auto entries = load_mark();
    auto found =
        entries ? outbox_.scan(arrival_key(name_, *mark_ + 1),
                               arrival_key(name_, std::numeric_limits<std::uint64_t>::max()), count)
                : Result<std::vector<OutboxEntry>>(fail(entries.error()));
    if (!found || found->size() == count) {
        maybe_arrived_ = true;
    }
    for (const auto& entry : TRY(std::move(found))) {
        const std::uint64_t sequence = arrival_sequence(entry.key);
        hand_out(step, sequence, entry.value, 1, now);
        step.mark = sequence;
    }
    if (step.mark) {
        step.writes.push_back({mark_key(name_), ordered_bytes(*step.mark)});
    }
    return {};
}

void LedgerQueue::hand_out(Step& step, std::uint64_t sequence, std::string_view event_bytes,
                           int delivery, Instant now) {
    const DueKey next{now + hidden_, sequence};
    auto event = decode_event(event_bytes);
    if (!event) {
        step.writes.push_back(
            {dead_key(name_, {now, sequence}), encode(DeadRow{delivery, std::string(unreadable)})});
        return;
    }
    step.writes.push_back({pending_key(name_, next), encode(PendingRow{delivery})});
    step.inserted.push_back(next);
    step.messages.push_back({to_text(next), std::move(*event), delivery});
}

Result<void> LedgerQueue::apply(Step& step) {
    auto written = step.writes.empty() ? Result<void>{} : outbox_.write(step.writes);
    if (!written) {
        std::ranges::for_each(step.taken, [this](const DueKey& at) { window_.insert(at); });
        maybe_arrived_ = true;
        return written;
    }
    std::ranges::for_each(step.inserted, [this](const DueKey& at) { window_.insert(at); });
    mark_ = step.mark ? step.mark : mark_;
    return {};
}

Result<void> LedgerQueue::load_mark() {
    if (!mark_) {
        const auto bytes = TRY(outbox_.read(mark_key(name_)));
        mark_ = bytes && bytes->size() == sizeof(std::uint64_t) ? from_ordered_bytes(*bytes) : 0;
    }
    return {};
}

Result<std::optional<PendingRow>> LedgerQueue::pending(const DueKey& at) const {
    const auto bytes = TRY(outbox_.read(pending_key(name_, at)));
    if (!bytes) {
        return std::nullopt;
    }
    const auto row = decode_pending(*bytes);
    if (!row) {
        return fail(errors::corrupt_row, "A pending message's row is malformed.");
    }
    return row;
}

void LedgerQueue::kill(Step& step, const DueKey& at, int deliveries, std::string_view reason,
                       Instant now) const {
    step.writes.push_back({pending_key(name_, at), std::nullopt});
    step.writes.push_back(
        {dead_key(name_, {now, at.sequence}), encode(DeadRow{deliveries, std::string(reason)})});
}

std::optional<std::chrono::milliseconds> LedgerQueue::rest() {
    const std::lock_guard lock(claiming_);
    const auto soonest = window_.soonest(outbox_);
    if (!soonest || !*soonest) {
        return std::nullopt;
    }
    // At least a moment, so that a message due within the same millisecond does not make this spin.
    return std::max((**soonest).due - clock_.now(), std::chrono::milliseconds(1));
}

void LedgerQueue::wake_one() {
    {
        const std::lock_guard lock(waiting_);
        ++signals_;
    }
    signalled_.notify_one();
}

void LedgerQueue::keep_watch() {
    const auto resting = rest();
    const auto due = resting ? std::chrono::steady_clock::now() + *resting : SteadyTime::max();
    bool overslept = false;
    {
        const std::lock_guard lock(waiting_);
        ++signals_;  // Whoever is about to sleep looks again.
        overslept = !sleepers_.empty() && *sleepers_.begin() > due;
    }
    if (overslept || maybe_arrived_) {
        signalled_.notify_one();
    }
}

}  // namespace souk::bus
