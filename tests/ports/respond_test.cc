#include <algorithm>

#include "domain/base/text.h"
#include "ports/service_fixture.h"

namespace souk {
namespace {

constexpr ErrorCode cart_empty{"cart_empty", ErrorKind::invalid};

class Respond : public ServiceTest {
protected:
    int runs_ = 0;

    /// Places an order under a number of its own: one row and one event.
    Result<Change<std::string>> place() {
        ++runs_;
        Changes changes;
        const std::string id = cat("order_", runs_);
        wall_.put(changes, {.partition = id, .sort = "order", .body = "{}"}, Expect::absent());
        changes.announce(service_.event(store_, "souk.order.placed.v1", id, "{}", ""));
        return Change<std::string>{id, std::move(changes)};
    }
    static Response created(const std::string& id) {
        Response response = json_response(201, cat(R"({"id":)", json_quoted(id), "}"), 1);
        response.headers.emplace_back("Location", cat("/orders/", id));
        return response;
    }
    Result<Response> post(const Caller& caller) {
        return respond(caller, service_, [this] { return place(); }, created);
    }
};

TEST_F(Respond, CommitsAndRenders) {
    const auto response = post(system_caller(store_, ""));
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 201);
    EXPECT_EQ(response->text(), R"({"id":"order_1"})");
    EXPECT_EQ(memory_.rows().size(), 1U);
    EXPECT_EQ(memory_.events().size(), 1U);
}

TEST_F(Respond, CommitsTheRecordWithTheEffect) {
    ASSERT_TRUE(post(keyed_caller("key", "print")));
    EXPECT_EQ(memory_.rows().size(), 2U);
    EXPECT_EQ(memory_.events().size(), 1U);
}

TEST_F(Respond, ReplaysTheFirstAnswerToTheSameKey) {
    const auto first = post(keyed_caller("key", "print"));
    const auto second = post(keyed_caller("key", "print"));
    ASSERT_TRUE(first && second);
    EXPECT_EQ(runs_, 1);
    EXPECT_EQ(second->status, first->status);
    EXPECT_EQ(second->text(), first->text());
    EXPECT_EQ(second->content_type, first->content_type);
    auto headers = first->headers;
    headers.emplace_back("Idempotent-Replayed", "true");
    EXPECT_EQ(second->headers, headers);
    EXPECT_EQ(memory_.events().size(), 1U);
}

TEST_F(Respond, RefusesAKeyThatWasUsedForAnotherBody) {
    ASSERT_TRUE(post(keyed_caller("key", "print")));
    const auto rows = memory_.rows().size();
    EXPECT_EQ(post(keyed_caller("key", "other")).error().code, errors::idempotency_key_reused);
    EXPECT_EQ(runs_, 1);
    EXPECT_EQ(memory_.rows().size(), rows);
}

TEST_F(Respond, ForgetsAKeyAfterItsTime) {
    ASSERT_TRUE(post(keyed_caller("key", "print")));
    environment_.clock.advance(idempotency_kept - std::chrono::milliseconds(1));
    ASSERT_TRUE(post(keyed_caller("key", "print")));
    EXPECT_EQ(runs_, 1);
    environment_.clock.advance(std::chrono::milliseconds(1));
    ASSERT_TRUE(post(keyed_caller("key", "print")));
    EXPECT_EQ(runs_, 2);
}

TEST_F(Respond, KeepsTheAnswerSealed) {
    ASSERT_TRUE(post(keyed_caller("key", "print")));
    for (const Row& row : memory_.rows()) {
        EXPECT_EQ(row.body.find("order_1"), std::string::npos) << row.body;
    }
    Caller thief = keyed_caller("key", "print");
    thief.idempotency->seal_key = std::string(32, 'x');
    EXPECT_EQ(post(thief).error().code, errors::corrupt_row);
}

// An order of a thousand lines was refused: its answer did not fit into one row.
TEST_F(Respond, KeepsAnAnswerThatIsLargerThanARow) {
    std::string large;
    for (int i = 0; large.size() < 1'000'000; ++i) {
        large += cat(i, " \"quoted\" ");
    }
    const auto render = [&](const std::string&) { return json_response(201, large); };
    const auto verb = [this] { return place(); };
    const auto caller = keyed_caller("key", "print");
    ASSERT_TRUE(respond(caller, service_, verb, render));
    const auto again = respond(caller, service_, verb, render);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->text(), large);
    EXPECT_EQ(runs_, 1);
    for (const Row& row : memory_.rows()) {
        EXPECT_LE(row.body.size(), row_body_max);
    }
    environment_.clock.advance(idempotency_kept);
    ASSERT_TRUE(respond(caller, service_, verb, created));
    EXPECT_EQ(runs_, 2) << "its parts expire with it";
}

TEST_F(Respond, RemembersNoRefusal) {
    const auto refuse = [this]() -> Result<Change<std::string>> {
        ++runs_;
        return fail(cart_empty, "The cart is empty.");
    };
    EXPECT_EQ(respond(keyed_caller("key", "print"), service_, refuse, created).error().code,
              cart_empty);
    EXPECT_TRUE(memory_.rows().empty());
    ASSERT_TRUE(post(keyed_caller("key", "print")));
    EXPECT_EQ(runs_, 2);
}

// Two Lambda functions were sent one checkout: the slower answered 409, by the order of the other.
TEST_F(Respond, GivesTheFirstAnswerWhenTheSameRequestIsWhatRefusesIt) {
    const auto caller = keyed_caller("key", "print");
    Result<Response> first = fail(cart_empty, "");
    const auto overtaken = [&]() -> Result<Change<std::string>> {
        first = post(caller);
        return fail(cart_empty, "The other took it.");
    };
    const auto second = respond(caller, service_, overtaken, created);
    ASSERT_TRUE(first && second);
    EXPECT_EQ(second->text(), first->text());
    EXPECT_EQ(second->headers.back(), Parameter("Idempotent-Replayed", "true"));
    EXPECT_EQ(runs_, 1);
}

TEST_F(Respond, RemembersAnAnswerThatChangedNothing) {
    const auto nothing = [this]() -> Result<Change<std::string>> {
        ++runs_;
        return Change<std::string>{"same", {}};
    };
    ASSERT_TRUE(respond(keyed_caller("key", "print"), service_, nothing, created));
    ASSERT_TRUE(respond(keyed_caller("key", "print"), service_, nothing, created));
    EXPECT_EQ(runs_, 1);
    ASSERT_TRUE(respond(system_caller(store_, ""), service_, nothing, created));
    EXPECT_EQ(memory_.rows().size(), 1U);
}

TEST_F(Respond, RunsTheVerbAgainAfterALostRace) {
    memory_.refuse(3, errors::ledger_conflict);
    const auto response = post(system_caller(store_, ""));
    ASSERT_TRUE(response);
    EXPECT_EQ(runs_, 4);
    EXPECT_EQ(memory_.events().size(), 1U);
}

TEST_F(Respond, GivesTheWinnersAnswerWhenTheSameKeyRaced) {
    bool raced = false;
    const auto verb = [&]() -> Result<Change<std::string>> {
        auto change = TRY(place());
        if (!raced) {
            raced = true;  // Another try of the same request gets in before this one's commit.
            TRY(post(keyed_caller("key", "print")));
        }
        return change;
    };
    const auto response = respond(keyed_caller("key", "print"), service_, verb, created);
    ASSERT_TRUE(response);
    EXPECT_EQ(response->text(), R"({"id":"order_2"})");
    EXPECT_EQ(response->headers.back(), (Parameter{"Idempotent-Replayed", "true"}));
    EXPECT_EQ(memory_.events().size(), 1U);
    EXPECT_EQ(body_of(wall_, "order_1", "order"), "");
}

TEST_F(Respond, GivesUpWhenItNeverWins) {
    memory_.refuse(races_max, errors::ledger_conflict);
    EXPECT_EQ(post(system_caller(store_, "")).error().code, errors::contention);
    EXPECT_EQ(runs_, races_max);
    EXPECT_TRUE(memory_.rows().empty());
}

TEST_F(Respond, PassesOtherFailuresOn) {
    memory_.refuse(1, errors::ledger_unavailable);
    EXPECT_EQ(post(keyed_caller("key", "print")).error().code, errors::ledger_unavailable);
    EXPECT_EQ(runs_, 1);
    EXPECT_TRUE(memory_.rows().empty());
}

TEST_F(Respond, LosesNoEffectAndMakesNoSecondWhenAnAnswerIsLost) {
    memory_.lose_answers(1);
    ASSERT_TRUE(post(keyed_caller("key", "print")));
    EXPECT_EQ(runs_, 1);
    EXPECT_EQ(memory_.events().size(), 1U);
}

TEST_F(Respond, ScopesKeysToTheStore) {
    ASSERT_TRUE(post(keyed_caller("key", "print")));
    Caller elsewhere = keyed_caller("key", "other");
    elsewhere.store = other_;
    EXPECT_TRUE(post(elsewhere));
    EXPECT_EQ(runs_, 2);
}

class RespondLater : public Respond {
protected:
    std::string order_ = "pending";  // What the answer waits for, and then shows.
    std::string by_then_;            // What it shows when its time is up before.

    Result<Response> post_and_wait(const Caller& caller) {
        const auto waiting = [this](const Response& accepted) {
            auto later = std::make_shared<Deferred>();
            later->until = environment_.clock.now() + std::chrono::seconds(5);
            EXPECT_EQ(accepted.text(), R"({"id":"order_1"})");
            later->poll = [this, until = later->until]() -> std::optional<Response> {
                if (order_ != "pending") {
                    return json_response(200, json_quoted(order_));
                }
                return by_then_.empty() || environment_.clock.now() < until
                           ? std::nullopt
                           : std::optional(json_response(201, json_quoted(by_then_)));
            };
            return later;
        };
        return respond(caller, service_, [this] { return place(); }, created, waiting);
    }
    /// The second from another process, while the first one waits.
    std::pair<Result<Response>, Result<Response>> tried_twice() {
        auto first = post_and_wait(keyed_caller("key", "print"));
        return {std::move(first), post_and_wait(keyed_caller("key", "print"))};
    }
};

TEST_F(RespondLater, TheAnswerThatWasGivenInTheEndIsTheOneReplayed) {
    const auto first = post_and_wait(keyed_caller("key", "print"));
    ASSERT_TRUE(first && first->deferred);
    EXPECT_FALSE(first->deferred->poll());
    order_ = "confirmed";
    const auto given = first->deferred->poll();
    ASSERT_TRUE(given);
    EXPECT_EQ(given->text(), R"("confirmed")");
    EXPECT_EQ(given->headers, (std::vector<Parameter>{{"Location", "/orders/order_1"}}));
    order_ = "refunded";
    for (const auto& again :
         {post_and_wait(keyed_caller("key", "print")), post(keyed_caller("key", "print"))}) {
        ASSERT_TRUE(again);
        EXPECT_FALSE(again->deferred);
        EXPECT_EQ(again->status, given->status);
        EXPECT_EQ(again->text(), given->text());
        EXPECT_EQ(again->headers.back(), Parameter("Idempotent-Replayed", "true"));
    }
    EXPECT_EQ(runs_, 1);
}

TEST_F(RespondLater, ARepeatMeanwhileWaitsForTheSameAnswer) {
    const auto [first, second] = tried_twice();
    ASSERT_TRUE(first && second && second->deferred);
    order_ = "confirmed";
    const auto given = first->deferred->poll();
    order_ = "refunded";
    const auto repeated = second->deferred->poll();
    ASSERT_TRUE(given && repeated);
    EXPECT_EQ(repeated->text(), given->text());
}

TEST_F(RespondLater, ARepeatWhoseTimeIsUpDecidesNothing) {
    const auto [first, impatient] = tried_twice();
    ASSERT_TRUE(first && impatient && impatient->deferred);
    environment_.clock.advance(std::chrono::seconds(5));
    const auto pending = impatient->deferred->poll();
    ASSERT_TRUE(pending);
    EXPECT_EQ(pending->text(), R"({"id":"order_1"})");
    order_ = "confirmed";
    const auto given = first->deferred->poll();
    ASSERT_TRUE(given);
    EXPECT_EQ(given->text(), R"("confirmed")");
    EXPECT_EQ(given->headers, (std::vector<Parameter>{{"Location", "/orders/order_1"}}));
    const auto again = post_and_wait(keyed_caller("key", "print"));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->text(), R"("confirmed")");
    EXPECT_EQ(std::ranges::count(again->headers, Parameter("Idempotent-Replayed", "true")), 1);
}

TEST_F(RespondLater, ARepeatThatIsAnsweredFirstIsMarkedAndTheFirstTryIsNot) {
    const auto [first, second] = tried_twice();
    ASSERT_TRUE(first && second && second->deferred);
    order_ = "confirmed";
    const auto repeated = second->deferred->poll();
    const auto given = first->deferred->poll();
    ASSERT_TRUE(given && repeated);
    EXPECT_EQ(given->text(), repeated->text());
    EXPECT_EQ(std::ranges::count(repeated->headers, Parameter("Idempotent-Replayed", "true")), 1);
    EXPECT_EQ(std::ranges::count(given->headers, Parameter("Idempotent-Replayed", "true")), 0);
}

TEST_F(RespondLater, WhenTimeIsUpTheFirstAnswerStands) {
    const auto first = post_and_wait(keyed_caller("key", "print"));
    environment_.clock.advance(std::chrono::seconds(5));
    const auto given = first->deferred->poll();
    ASSERT_TRUE(given);
    EXPECT_EQ(given->status, 201);
    order_ = "confirmed";
    const auto again = post_and_wait(keyed_caller("key", "print"));
    ASSERT_TRUE(again);
    EXPECT_FALSE(again->deferred);
    EXPECT_EQ(again->text(), R"({"id":"order_1"})");
}

TEST_F(RespondLater, WhenTimeIsUpWhatThereIsByThenIsGivenAndReplayed) {
    const auto [first, impatient] = tried_twice();
    environment_.clock.advance(std::chrono::seconds(5));
    by_then_ = "impatient";
    const auto unkept = impatient->deferred->poll();
    by_then_ = "paid for";
    const auto given = first->deferred->poll();
    ASSERT_TRUE(unkept && given);
    EXPECT_EQ(unkept->text(), R"("impatient")");
    EXPECT_EQ(std::ranges::count(unkept->headers, Parameter("Idempotent-Replayed", "true")), 1);
    EXPECT_EQ(given->text(), R"("paid for")");
    EXPECT_EQ(given->headers, (std::vector<Parameter>{{"Location", "/orders/order_1"}}));
    order_ = "confirmed";
    EXPECT_EQ(post_and_wait(keyed_caller("key", "print"))->text(), given->text());
}

TEST_F(Respond, RecordsWhatHappenedOutsideTheLedger) {
    const Caller caller = keyed_caller("key", "print");
    EXPECT_FALSE(*replayed(caller, service_, wall_));
    ASSERT_TRUE(remember(caller, service_, wall_, json_response(202, "{}")));
    ASSERT_TRUE(
        remember(caller, service_, wall_, json_response(500, "{}")));  // The first answer stands.
    const auto again = replayed(caller, service_, wall_);
    ASSERT_TRUE(again && *again);
    EXPECT_EQ((*again)->status, 202);
    ASSERT_TRUE(remember(system_caller(store_, ""), service_, wall_, json_response(202, "{}")));
    EXPECT_EQ(memory_.rows().size(), 1U);
}

TEST_F(Respond, PerformsForTheOperator) {
    memory_.refuse(1, errors::ledger_conflict);
    const auto id = perform(service_, [this] { return place(); });
    EXPECT_EQ(id, "order_2");
    EXPECT_EQ(memory_.rows().size(), 1U);
}

}  // namespace
}  // namespace souk
