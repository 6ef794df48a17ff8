#pragma once

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "domain/ports/message_bus.h"
#include "saga/trouble.h"

/// Delivery as the saga's tests want it: in no order, late, twice, beside one another.
namespace souk::testing {

class Post {
public:
    /// `trouble` outlives this.
    Post(std::vector<Reaction> reactions, Trouble& trouble);

    /// Puts the event into every queue that subscribes to it.
    void publish(const Event& event);
    /// Delivers one message that is not withheld, to be seen again if it failed. Errors are the
    /// reaction's.
    void deliver();
    /// Delivers to a second worker what a first one is at, or something of its kind, or anything.
    void deliver_beside();
    /// Delivers something once more that was done with.
    void deliver_again();
    /// Delivers the oldest message, which stays the oldest if it failed. Whether it did not.
    [[nodiscard]] bool deliver_oldest();
    /// Lost messages turn up.
    void release_withheld();
    [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }
    /// What is waiting, and why it failed last.
    [[nodiscard]] std::string left() const;
    /// The first thing that must not be: a message that can never succeed, or one that did
    /// something after it had succeeded.
    [[nodiscard]] const std::optional<std::string>& wrong() const { return wrong_; }
    [[nodiscard]] int deliveries() const { return deliveries_; }
    /// Queue and event of every message so far.
    [[nodiscard]] const std::vector<std::pair<std::string, Event>>& posted() const {
        return posted_;
    }
    /// Whether the bus gave this one up after some tries; the sweeps have to make up for it.
    [[nodiscard]] bool gave_up(std::string_view queue, const Event& event) const;

private:
    enum class Fate { due, withheld };
    struct Letter {
        Event event;
        std::size_t reaction = 0;
        Fate fate = Fate::due;
        std::string failure = {};
    };
    void found(std::string what);
    [[nodiscard]] std::string name_of(const Letter& letter) const;
    /// Whether it is done with.
    [[nodiscard]] bool run(Letter& letter);
    void deliver_one_of(const std::vector<std::size_t>& places);
    /// Where letters wait that are not withheld.
    [[nodiscard]] std::vector<std::size_t> due() const;
    [[nodiscard]] bool react(Letter& letter);
    /// Whether it is to be seen no more.
    [[nodiscard]] bool gives_up(const Letter& letter);

    std::vector<Reaction> reactions_;
    Trouble& trouble_;
    std::vector<Letter> waiting_;
    std::vector<Letter> in_hand_;  // Being delivered, the innermost last.
    std::vector<Letter> done_;
    std::set<std::pair<std::size_t, std::string>> finished_;  // Reaction and event id.
    std::vector<std::pair<std::string, Event>> posted_;
    std::set<std::pair<std::string, std::string>> given_up_;  // Queue and event id.
    std::optional<std::string> wrong_;
    int deliveries_ = 0;
};

}  // namespace souk::testing
