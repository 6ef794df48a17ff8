#include "adapters/bus_sns_sqs/batch.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <thread>
#include <utility>

namespace souk::sqs {

namespace {

using Entries = std::vector<std::size_t>;

std::vector<Entries> batches_of(const Entries& entries, const std::vector<std::size_t>& sizes) {
    std::vector<Entries> batches;
    std::size_t bytes = 0;
    for (const std::size_t entry : entries) {
        const bool full = batches.empty() || batches.back().size() == batch_entries_max ||
                          bytes + sizes[entry] > batch_bytes_max;
        if (full) {
            batches.emplace_back();
            bytes = 0;
        }
        batches.back().push_back(entry);
        bytes += sizes[entry];
    }
    return batches;
}

/// Sorts one call's entries into what can be tried again and what cannot.
void sort_failures(const Entries& sent, BatchOutcome outcome, std::vector<EntryFailure>& final,
                   std::vector<EntryFailure>& again) {
    std::set<std::size_t> answered(outcome.done.begin(), outcome.done.end());
    for (auto& failure : outcome.failed) {
        if (answered.insert(failure.entry).second) {
            auto& list = failure.blame == Blame::sender ? final : again;
            list.push_back(std::move(failure));
        }
    }
    for (const std::size_t entry : sent) {
        if (!answered.contains(entry)) {
            again.push_back({entry, Blame::service, "Unanswered", "The answer leaves it out."});
        }
    }
}

void give_up(const std::vector<Entries>& batches, std::size_t from, const Error& why,
             std::vector<EntryFailure>& final) {
    for (std::size_t i = from; i < batches.size(); ++i) {
        for (const std::size_t entry : batches[i]) {
            final.push_back({entry, Blame::service, std::string(why.code.name), why.detail});
        }
    }
}

}  // namespace

std::vector<EntryFailure> send_in_batches(const std::vector<std::size_t>& sizes,
                                          const Pacing& pacing, const SendBatch& send) {
    Entries pending(sizes.size());
    std::iota(pending.begin(), pending.end(), 0U);
    std::vector<EntryFailure> final;
    std::vector<EntryFailure> again;
    for (int tries = 1; !pending.empty() && tries <= pacing.tries_max; ++tries) {
        if (tries > 1) {
            std::this_thread::sleep_for(pacing.pause * (1 << (tries - 2)));
        }
        again.clear();
        const auto batches = batches_of(pending, sizes);
        for (std::size_t i = 0; i < batches.size(); ++i) {
            auto outcome = send(batches[i]);
            if (!outcome) {
                give_up(batches, i, outcome.error(), final);
                tries = pacing.tries_max;
                break;
            }
            sort_failures(batches[i], std::move(*outcome), final, again);
        }
        pending.clear();
        std::ranges::transform(again, std::back_inserter(pending), &EntryFailure::entry);
    }
    std::ranges::move(again, std::back_inserter(final));
    std::ranges::sort(final, {}, &EntryFailure::entry);
    return final;
}

}  // namespace souk::sqs
