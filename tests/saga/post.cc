#include "saga/post.h"

#include <algorithm>

#include "apps/services/services.h"
#include "domain/base/text.h"
#include "saga/faulty_ledger.h"

namespace souk::testing {

namespace {
// In a thousand.
constexpr std::size_t withheld = 60;
constexpr std::size_t delivered_twice = 100;
constexpr std::size_t oldest_first = 400;
}  // namespace

Post::Post(std::vector<Reaction> reactions, Chance& chance)
    : reactions_(std::move(reactions)), chance_(chance) {}

void Post::publish(const Event& event) {
    for (const auto& subscription : app::subscriptions()) {
        if (std::ranges::find(subscription.types, event.type) == subscription.types.end()) {
            continue;
        }
        const auto reaction = std::ranges::find(reactions_, subscription.queue, &Reaction::queue);
        if (reaction == reactions_.end()) {
            buried_ = cat("Nobody reads the queue ", subscription.queue, ".");
            continue;
        }
        waiting_.push_back({event, static_cast<std::size_t>(reaction - reactions_.begin()),
                            chance_.permille(withheld) ? Fate::withheld : Fate::due});
    }
}

void Post::deliver() {
    std::vector<std::size_t> due;
    for (std::size_t i = 0; i < waiting_.size(); ++i) {
        if (waiting_[i].fate == Fate::due) {
            due.push_back(i);
        }
    }
    if (due.empty()) {
        return;
    }
    const std::size_t at = chance_.permille(oldest_first) ? due.front() : chance_.one_of(due);
    Letter letter = waiting_[at];
    // One that stays is delivered twice: maybe while the first delivery is still under way.
    const bool stays = chance_.permille(delivered_twice);
    if (!stays) {
        waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(at));
    }
    if (run(letter)) {
        done_.push_back(std::move(letter));
    } else if (!stays) {
        waiting_.push_back(std::move(letter));
    }
}

void Post::deliver_again() {
    if (!done_.empty()) {
        Letter letter = chance_.one_of(done_);
        (void)run(letter);
    }
}

void Post::release_withheld() {
    for (auto& letter : waiting_) {
        letter.fate = Fate::due;
    }
}

bool Post::run(Letter& letter) {
    ++deliveries_;
    try {
        const auto reacted = reactions_[letter.reaction].react(letter.event);
        if (reacted) {
            return true;
        }
        letter.failure = cat(reacted.error().code.name, ": ", reacted.error().detail);
        if (after_failure(reacted.error()) == AfterFailure::dead_letter && !buried_) {
            buried_ = cat("A message died: ", letter.event.type, " of ", letter.event.subject,
                          " in ", reactions_[letter.reaction].queue, ": ", letter.failure);
        }
    } catch (const Crash&) {
        letter.failure = "crash";
    }
    return false;
}

std::string Post::left() const {
    std::string text;
    for (const auto& letter : waiting_) {
        text += cat("\n  ", reactions_[letter.reaction].queue, " <- ", letter.event.type, " of ",
                    letter.event.subject, ": ", letter.failure);
    }
    return text;
}

}  // namespace souk::testing
