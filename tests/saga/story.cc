#include "saga/story.h"

#include "domain/base/text.h"

namespace souk::testing {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t steps = 160;
constexpr int rounds_max = 8;
constexpr int round_deliveries_max = 600;

/// Now and then more goods than one commit reserves, or a webhook that hears everything.
Setting setting_of(std::uint64_t seed, Sabotage sabotage) {
    return {.seed = seed,
            .sabotage = sabotage,
            .goods = seed % 16 == 0 ? std::size_t{45} : std::size_t{3},
            .webhook = seed % 8 == 1};
}

template <class Step>
void tolerate(Step step) {
    try {
        step();
    } catch (const Crash&) {
        // Whoever asked got no answer.
        return;
    }
}

}  // namespace

Story::Story(std::uint64_t seed, Sabotage sabotage)
    : world_(setting_of(seed, sabotage)),
      audit_(world_),
      post_(world_.services.reactions(), world_.trouble) {
    world_.trouble.committed = [this] {
        audit_.check();
        for (const auto& event : audit_.take_events()) {
            post_.publish(event);
        }
    };
    world_.trouble.interruption = [this] { interrupt(); };
}

std::optional<std::string> Story::violation() {
    world_.trouble.calm = false;
    for (step_ = 0; step_ < steps && !wrong(); ++step_) {
        tolerate([this] { act(world_.chance.below(100)); });
    }
    world_.trouble.calm = true;
    if (!wrong()) {
        settle();
    }
    if (!wrong()) {
        audit_.check();
        audit_.check_end(post_);
    }
    return wrong() ? std::optional(cat("after ", step_, " steps: ", *wrong())) : std::nullopt;
}

void Story::act(std::size_t dice) {
    if (dice < 5) {
        world_.open_cart();
    } else if (dice < 15) {
        world_.place_order();
    } else if (dice < 20) {
        world_.test.clock.advance(std::chrono::seconds(world_.chance.between(1, 40)));
    } else if (dice < 24) {
        world_.sweep();
    } else {
        act_beside(dice);
    }
}

/// What may also happen while another is at work: no order, for a process takes its numbers one by
/// one, and this thread may be doing so.
void Story::act_beside(std::size_t dice) {
    if (dice < 28) {
        world_.fill_cart();
    } else if (dice < 32) {
        world_.merge_carts();
    } else if (dice < 35) {
        world_.cancel(audit_.orders());
    } else if (dice < 39) {
        world_.refund(audit_.orders());
    } else if (dice < 43) {
        world_.fulfil(audit_.orders());
    } else if (dice < 46) {
        world_.adjust_stock();
    } else if (dice < 48) {
        world_.provider_decides(audit_.orders());
    } else if (dice < 53) {
        post_.deliver_again();
    } else {
        post_.deliver_beside();
    }
}

void Story::interrupt() {
    if (depth_ >= 2) {
        return;
    }
    ++depth_;
    const int commits = world_.trouble.commits;
    tolerate([this] { act_beside(24 + world_.chance.below(76)); });
    world_.trouble.commits = commits;
    --depth_;
}

/// Everything that was lost turns up, all deadlines pass, until nothing is left to do.
void Story::settle() {
    post_.release_withheld();
    const int least = world_.webhook ? 2 : 1;
    for (int round = 0; round < rounds_max && !wrong(); ++round) {
        // Past deadlines and the leases of mails and webhooks, past the patience with money, and
        // then, where there is one, past how long an endpoint that did not hear is left alone.
        world_.test.clock.advance(round == 1 ? 10min : round == 2 && world_.webhook ? 17h : 61s);
        world_.sweep();
        for (int i = 0; i < round_deliveries_max && post_.waiting() > 0 && !wrong(); ++i) {
            post_.deliver();
        }
        if (post_.waiting() == 0 && round > least) {
            return;
        }
    }
    if (!wrong()) {
        audit_.found(cat("Never quiet:", post_.left()));
    }
}

}  // namespace souk::testing
