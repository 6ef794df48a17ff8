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

class RespondAtLength : public Respond {
protected:
    static Response long_answer(std::size_t bytes) {
        Response response = json_response(201, std::string(bytes, 'a'));
        response.headers.emplace_back("Location", "/orders/order_1");
        return response;
    }
    /// Places an order whose answer has so many bytes, and writes `more` rows with it.
    Result<Response> post_long(std::size_t bytes, int more = 0, std::size_t row_bytes = 1) {
        const auto verb = [this, more, row_bytes]() -> Result<Change<std::string>> {
            auto change = TRY(place());
            for (int i = 0; i < more; ++i) {
                wall_.put(
                    change.changes,
                    {.partition = "more", .sort = cat(i), .body = std::string(row_bytes, 'c')},
                    Expect::any());
            }
            return change;
        };
        return respond(keyed_caller("key", "print"), service_, verb,
                       [&](const std::string&) { return long_answer(bytes); });
    }
    void expect_carried_out_once() {
        EXPECT_EQ(runs_, 1);
        EXPECT_EQ(memory_.events().size(), 1U);
        EXPECT_EQ(body_of(wall_, "order_1", "order"), "{}");
    }
    void expect_not_kept(const Result<Response>& again) {
        ASSERT_FALSE(again);
        EXPECT_EQ(again.error().code, errors::answer_not_kept);
        EXPECT_EQ(again.error().code.kind, ErrorKind::conflict);
        EXPECT_EQ(again.error().members, (std::vector<std::pair<std::string, std::string>>{
                                             {"location", R"("/orders/order_1")"}}));
    }
    static constexpr std::size_t overhead_ = 200;  // More than the record adds to a body.
};

// A large order sent in many parts could not be refunded: the effect failed for its answer's sake.
TEST_F(RespondAtLength, CarriesOutOnceWhatHasAnAnswerThatNoCommitCouldHold) {
    const auto first = post_long(transaction_bytes_max);
    ASSERT_TRUE(first) << first.error().detail;
    EXPECT_EQ(first->text().size(), transaction_bytes_max);
    expect_not_kept(post_long(transaction_bytes_max));
    expect_carried_out_once();
}

TEST_F(RespondAtLength, KeepsNoAnswerOverTheLimit) {
    ASSERT_TRUE(post_long(answer_kept_max - 10)) << "which its headers are too much for";
    expect_not_kept(post_long(answer_kept_max - 10));
    expect_carried_out_once();
}

TEST_F(RespondAtLength, KeepsAnAnswerUpToTheLimit) {
    ASSERT_TRUE(post_long(answer_kept_max - overhead_));
    const auto again = post_long(answer_kept_max - overhead_);
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_EQ(again->text().size(), answer_kept_max - overhead_);
    expect_carried_out_once();
}

TEST_F(RespondAtLength, KeepsTheAnswerOfAVerbThatWritesAsMuchAsItAnswers) {
    ASSERT_TRUE(post_long(answer_kept_max - overhead_, 5, answer_kept_max / 5));
    EXPECT_TRUE(post_long(answer_kept_max - overhead_, 5, answer_kept_max / 5));
    expect_carried_out_once();
}

TEST_F(RespondAtLength, LeavesTheVerbItsWritesRatherThanKeepTheAnswer) {
    const int more = static_cast<int>(transaction_writes_max - 2 - boundary_writes);
    ASSERT_TRUE(post_long(answer_kept_max - overhead_, more));
    expect_not_kept(post_long(answer_kept_max - overhead_, more));
    expect_carried_out_once();
}

TEST_F(RespondAtLength, RefusesAKeyThatWasUsedForAnotherBodyAllTheSame) {
    ASSERT_TRUE(post_long(answer_kept_max));
    EXPECT_EQ(post(keyed_caller("key", "other")).error().code, errors::idempotency_key_reused);
    expect_carried_out_once();
}

TEST_F(RespondAtLength, RemembersThatSomethingOutsideTheLedgerWasDone) {
    const Caller caller = keyed_caller("key", "print");
    ASSERT_TRUE(remember(caller, service_, wall_, long_answer(answer_kept_max)));
    const auto again = replayed(caller, service_, wall_);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, errors::answer_not_kept);
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

class RespondLaterAtLength : public RespondAtLength {
protected:
    bool settled_ = false;
    std::size_t then_ = 0;  // How long the answer is in the end.

    Result<Response> post_and_wait(std::size_t bytes) {
        const auto waiting = [this](const Response&) {
            auto later = std::make_shared<Deferred>();
            later->until = environment_.clock.now() + std::chrono::seconds(5);
            later->poll = [this]() -> std::optional<Response> {
                return settled_ ? std::optional(json_response(200, std::string(then_, 'b')))
                                : std::nullopt;
            };
            return later;
        };
        return respond(
            keyed_caller("key", "print"), service_, [this] { return place(); },
            [&](const std::string&) { return long_answer(bytes); }, waiting);
    }
};

TEST_F(RespondLaterAtLength, ARepeatOfWhatWaitsIsToldSoUntilAnAnswerIsGivenThatCanBeKept) {
    const auto first = post_and_wait(answer_kept_max);
    ASSERT_TRUE(first && first->deferred);
    expect_not_kept(post_and_wait(answer_kept_max));
    settled_ = true;
    then_ = 10;
    const auto given = first->deferred->poll();
    ASSERT_TRUE(given);
    EXPECT_EQ(given->text(), "bbbbbbbbbb");
    const auto again = post_and_wait(answer_kept_max);
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_FALSE(again->deferred);
    EXPECT_EQ(again->text(), given->text());
    expect_carried_out_once();
}

TEST_F(RespondLaterAtLength, WhoeverWaitedGetsTheWholeAnswerThatIsNotKept) {
    const auto first = post_and_wait(10);
    const auto second = post_and_wait(10);
    ASSERT_TRUE(first && first->deferred && second && second->deferred);
    settled_ = true;
    then_ = answer_kept_max;
    for (const auto& waiting : {first, second}) {
        const auto given = waiting->deferred->poll();
        ASSERT_TRUE(given);
        EXPECT_EQ(given->status, 200);
        EXPECT_EQ(given->text().size(), then_);
    }
    expect_not_kept(post_and_wait(10));
    expect_carried_out_once();
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
