#include "saga/post.h"

#include <algorithm>

#include "apps/services/services.h"
#include "domain/base/text.h"

namespace souk::testing {

namespace {
// In a thousand.
constexpr std::size_t withheld = 60;
constexpr std::size_t delivered_twice = 100;
constexpr std::size_t oldest_first = 400;
constexpr std::size_t same_message = 250;
constexpr std::size_t same_kind = 350;
constexpr std::size_t lost_rarely = 10;
constexpr std::size_t given_up = 150;
/// Of what dies in the other queues, the operator is told; this one has a sweep behind it.
constexpr std::string_view swept_queue = "orders-payments";
}  // namespace

Post::Post(std::vector<Reaction> reactions, Trouble& trouble)
    : reactions_(std::move(reactions)), trouble_(trouble) {}

void Post::found(std::string what) {
    if (!wrong_) {
        wrong_ = std::move(what);
    }
}

std::string Post::name_of(const Letter& letter) const {
    return cat(letter.event.type, " of ", letter.event.subject, " in ",
               reactions_[letter.reaction].queue);
}

void Post::publish(const Event& event) {
    for (const auto& subscription : app::subscriptions()) {
        if (std::ranges::find(subscription.types, event.type) == subscription.types.end()) {
            continue;
        }
        const auto reaction = std::ranges::find(reactions_, subscription.queue, &Reaction::queue);
        if (reaction == reactions_.end()) {
            found(cat("Nobody reads the queue ", subscription.queue, "."));
            continue;
        }
        posted_.emplace_back(subscription.queue, event);
        if (!trouble_.sabotages(Sabotage::messages_lost, lost_rarely)) {
            waiting_.push_back({event, static_cast<std::size_t>(reaction - reactions_.begin()),
                                trouble_.strikes(withheld) ? Fate::withheld : Fate::due});
        }
    }
}

std::vector<std::size_t> Post::due() const {
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < waiting_.size(); ++i) {
        if (waiting_[i].fate == Fate::due) {
            places.push_back(i);
        }
    }
    return places;
}

void Post::deliver() { deliver_one_of(due()); }

void Post::deliver_one_of(const std::vector<std::size_t>& places) {
    if (places.empty()) {
        return;
    }
    Chance& chance = trouble_.chance;
    const std::size_t at = chance.permille(oldest_first) ? places.front() : chance.one_of(places);
    Letter letter = waiting_[at];
    // One that stays is delivered twice: maybe while the first delivery is still under way.
    const bool stays = chance.permille(delivered_twice);
    if (!stays) {
        waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(at));
    }
    if (run(letter)) {
        done_.push_back(std::move(letter));
    } else if (!stays && !gives_up(letter)) {
        waiting_.push_back(std::move(letter));
    }
}

bool Post::gives_up(const Letter& letter) {
    const std::string& queue = reactions_[letter.reaction].queue;
    const bool over = queue == swept_queue && trouble_.strikes(given_up);
    if (over) {
        given_up_.emplace(queue, letter.event.id);
    }
    return over;
}

bool Post::gave_up(std::string_view queue, const Event& event) const {
    return given_up_.contains({std::string(queue), event.id});
}

void Post::deliver_beside() {
    auto places = due();
    if (!in_hand_.empty()) {
        if (trouble_.chance.permille(same_message)) {
            Letter letter = in_hand_.back();
            (void)run(letter);
            return;
        }
        if (trouble_.chance.permille(same_kind)) {
            std::erase_if(places, [this](std::size_t i) {
                return waiting_[i].reaction != in_hand_.back().reaction ||
                       waiting_[i].event.type != in_hand_.back().event.type;
            });
        }
    }
    deliver_one_of(places);
}

void Post::deliver_again() {
    if (!done_.empty()) {
        Letter letter = trouble_.chance.one_of(done_);
        (void)run(letter);
    }
}

bool Post::deliver_oldest() {
    Letter letter = waiting_.front();
    waiting_.erase(waiting_.begin());
    const bool done = run(letter);
    if (!done) {
        waiting_.insert(waiting_.begin(), std::move(letter));
    }
    return done;
}

void Post::release_withheld() {
    for (auto& letter : waiting_) {
        letter.fate = Fate::due;
    }
}

bool Post::run(Letter& letter) {
    const std::pair name(letter.reaction, letter.event.id);
    const bool was_finished = finished_.contains(name);
    const int before = std::exchange(trouble_.commits, 0);
    in_hand_.push_back(letter);
    const bool done = react(letter);
    in_hand_.pop_back();
    if (was_finished && trouble_.commits > 0) {
        found(cat("A second delivery changed something: ", name_of(letter)));
    }
    trouble_.commits = before;
    if (done) {
        finished_.insert(name);
    }
    return done;
}

bool Post::react(Letter& letter) {
    ++deliveries_;
    try {
        const auto reacted = reactions_[letter.reaction].react(letter.event);
        if (reacted) {
            return true;
        }
        letter.failure = cat(reacted.error().code.name, ": ", reacted.error().detail);
        if (after_failure(reacted.error()) == AfterFailure::dead_letter) {
            found(cat("A message died: ", name_of(letter), ": ", letter.failure));
        }
    } catch (const Crash&) {
        letter.failure = "crash";
    }
    return false;
}

std::string Post::left() const {
    std::string text;
    for (const auto& letter : waiting_) {
        text += cat("\n  ", name_of(letter), ": ", letter.failure);
    }
    return text;
}

}  // namespace souk::testing
