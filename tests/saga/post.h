#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "domain/ports/message_bus.h"
#include "saga/chance.h"

/// Delivery as the model test wants it: in no order, late, twice, beside one another.
namespace souk::testing {

class Post {
public:
    Post(std::vector<Reaction> reactions, Chance& chance);

    /// Puts the event into every queue that subscribes to it.
    void publish(const Event& event);
    /// Delivers one message that is not withheld, to be seen again if it failed. Errors are the
    /// reaction's: the first that can never succeed is kept in `buried`.
    void deliver();
    /// Delivers something once more that was done with.
    void deliver_again();
    /// Lost messages turn up.
    void release_withheld();
    [[nodiscard]] bool empty() const { return waiting_.empty(); }
    /// What is waiting, and why it failed last.
    [[nodiscard]] std::string left() const;
    [[nodiscard]] const std::optional<std::string>& buried() const { return buried_; }
    [[nodiscard]] int deliveries() const { return deliveries_; }

private:
    enum class Fate { due, withheld };
    struct Letter {
        Event event;
        std::size_t reaction = 0;
        Fate fate = Fate::due;
        std::string failure = {};
    };
    /// Whether it is done with.
    [[nodiscard]] bool run(Letter& letter);

    std::vector<Reaction> reactions_;
    Chance& chance_;
    std::vector<Letter> waiting_;
    std::vector<Letter> done_;
    std::optional<std::string> buried_;
    int deliveries_ = 0;
};

}  // namespace souk::testing
