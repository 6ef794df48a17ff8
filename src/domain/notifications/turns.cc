#include "domain/notifications/turns.h"

#include <algorithm>

#include "domain/notifications/limits.h"

namespace souk::notifications {

Turns::Turn Turns::begin(std::string_view whose, Instant now) {
    const std::scoped_lock lock(mutex_);
    const auto own = std::ranges::count(begun_, whose, &Begun::whose);
    if (begun_.size() >= all_max_ || static_cast<std::size_t>(own) >= each_max_) {
        return nullptr;
    }
    const auto turn = begun_.insert(begun_.end(), {std::string(whose), now});
    return {&*turn, [this, turn](void*) {
                const std::scoped_lock ending(mutex_);
                begun_.erase(turn);
            }};
}

std::size_t Turns::under_way() const {
    const std::scoped_lock lock(mutex_);
    return begun_.size();
}

bool Turns::hang(std::string_view whose, Instant now) const {
    const std::scoped_lock lock(mutex_);
    const auto is_own = [&](const Begun& turn) { return turn.whose == whose; };
    return std::ranges::any_of(begun_, is_own) &&
           std::ranges::none_of(begun_, [&](const Begun& turn) {
               return is_own(turn) && now - turn.at <= hangs_after;
           });
}

}  // namespace souk::notifications
