#include "adapters/ledger_dynamodb/committer.h"

#include <optional>
#include <utility>

#include "domain/base/text.h"

namespace souk::dynamo {

namespace {

/// Inside this file: a joint commit met others at its rows, and has not happened.
constexpr ErrorCode met_others{"met_others", ErrorKind::conflict};

/// Of the 36 that DynamoDB takes.
constexpr std::size_t client_token_bytes = 16;

/// What one answer means for the commit as a whole.
enum class Meaning {
    done,
    writes_refused,
    used_token,
    in_progress,
    unanswered,
    throttled,
    refused
};

Meaning meaning_of(const Result<Reply>& reply) {
    if (!reply) {
        return reply.error().code == aws::errors::aws_no_answer ? Meaning::unanswered
                                                                : Meaning::refused;
    }
    const std::string& code = reply->error_code;
    if (reply->ok()) {
        return Meaning::done;
    }
    if (code == "TransactionCanceledException" || code == "ConditionalCheckFailedException" ||
        code == "TransactionConflictException") {
        return Meaning::writes_refused;
    }
    if (code == "IdempotentParameterMismatchException") {
        return Meaning::used_token;
    }
    if (code == "TransactionInProgressException") {
        return Meaning::in_progress;
    }
    if (is_throttled(code)) {
        return Meaning::throttled;
    }
    return reply->status >= 500 ? Meaning::unanswered : Meaning::refused;
}

Error refusal_of(const Result<Reply>& reply) {
    if (!reply) {
        return {errors::ledger_unavailable, reply.error().detail};
    }
    const bool about_the_writes = reply->error_code == "ValidationException" ||
                                  reply->error_code == "ItemCollectionSizeLimitExceededException" ||
                                  reply->status == 413;
    return {about_the_writes ? errors::ledger_too_large : errors::ledger_unavailable,
            in_words(*reply)};
}

}  // namespace

/// One commit from its first try to its outcome.
class Committer::Run {
public:
    /// `repeated`: a former run of the same draft ended without knowing what became of it.
    enum class History { fresh, repeated };
    Run(Committer& committer, const Transaction& transaction, Draft draft, std::string token,
        History history, Purpose purpose)
        : committer_(committer),
          transaction_(transaction),
          draft_(std::move(draft)),
          token_(std::move(token)),
          purpose_(purpose),
          maybe_happened_(history == History::repeated) {}

    Result<void> go(RowGate::Place& place) {
        while (!outcome_) {
            const auto request = request_of(transaction_, draft_, committer_.table_prefix_);
            if (!request) {
                return {};
            }
            repeatable_ = request->action == "TransactWriteItems";
            const auto reply = call_dynamo(committer_.client_, request->action, request->body,
                                           aws::Repeat::unsafe);
            judge(reply, *request);
            if (contended_) {
                meet(*std::exchange(contended_, std::nullopt), place);
            }
        }
        if (!*outcome_ && outcome_->error().code == errors::unknown_outcome &&
            !transaction_.token.empty() && !went_along_) {
            committer_.unknown_.keep(token_, draft_);
        }
        return *std::move(outcome_);
    }

private:
    void judge(const Result<Reply>& reply, const Request& request) {
        switch (meaning_of(reply)) {
            case Meaning::done: outcome_ = Result<void>(); break;
            case Meaning::writes_refused:
                maybe_happened_ = false;  // Under this token it would have said so.
                cancelled_ = true;
                act_on(verdict_on(*reply, transaction_, draft_, request));
                break;
            case Meaning::used_token: used_token(); break;
            case Meaning::in_progress:
            case Meaning::unanswered: unanswered(reply); break;
            case Meaning::throttled:
                // The client has been patient already.
                finish({errors::ledger_busy, in_words(*reply)});
                break;
            case Meaning::refused: finish(refusal_of(reply)); break;
        }
    }

    void act_on(Verdict verdict) {
        switch (verdict.kind) {
            case Verdict::Kind::refused: finish(std::move(verdict.error)); break;
            case Verdict::Kind::forms:
                for (const auto& [position, form] : verdict.forms) {
                    draft_.forms[position] = form;
                }
                if (++form_changes_ > form_changes_max) {
                    finish({errors::ledger_busy, "A row comes and goes too fast to be written."});
                }
                break;
            case Verdict::Kind::contended: contended_ = std::move(verdict.contended); break;
        }
    }

    /// Others of this process wait at the gate, so who was inside has met somebody from elsewhere,
    /// and gives way to them without letting others of this process try meanwhile.
    void meet(const std::vector<std::size_t>& contended, RowGate::Place& place) {
        bool was_inside = true;
        for (const std::size_t position : contended) {
            const RowKey& key = key_of(transaction_.writes[position]);
            was_inside = was_inside && place.covers(key);
            committer_.gate_.contended(key);
        }
        if (purpose_ == Purpose::joint) {
            finish({met_others, {}});
        } else if (++contended_tries_ >= contended_tries_max) {
            finish(busy());
        } else if (was_inside) {
            give_way(place);
        } else {
            place.leave();
            go_along(committer_.gate_.enter(transaction_, travel()), place);
        }
    }
    void give_way(RowGate::Place& place) {
        if (committer_.pauses_.before_next(contended_tries_, contended_pause) ==
            Pauses::Outcome::out_of_time) {
            finish(busy());
        } else if (purpose_ == Purpose::single) {
            together(committer_.gate_.gather(transaction_, place), place);
        }
    }
    void go_along(RowGate::Entry entry, RowGate::Place& place) {
        place = std::move(entry.place);
        outcome_ = std::move(entry.settled);
        went_along_ = outcome_.has_value();
        together(std::move(entry.company), place);
    }
    void together(RowGate::Company company, RowGate::Place& place) {
        if (!company.empty()) {
            outcome_ = committer_.run_together(transaction_, std::move(company), place);
            went_along_ = outcome_.has_value();
        }
    }
    [[nodiscard]] RowGate::Travel travel() const {
        return purpose_ == Purpose::single ? RowGate::Travel::in_company : RowGate::Travel::alone;
    }
    static Error busy() { return {errors::ledger_busy, "Too many others are at the same rows."}; }

    /// DynamoDB knows the token from another request. Unless that was one of this very run, which
    /// it cancelled, it was an earlier try of the same transaction at another `now`, and took
    /// effect.
    void used_token() {
        if (!cancelled_) {
            outcome_ = Result<void>();
            return;
        }
        cancelled_ = false;
        draft_.client_token = committer_.client_token(draft_.client_token);
    }

    void unanswered(const Result<Reply>& reply) {
        maybe_happened_ = true;
        if (!repeatable_ || ++unanswered_tries_ >= unanswered_tries_max ||
            committer_.pauses_.before_next(unanswered_tries_, unanswered_pause) ==
                Pauses::Outcome::out_of_time) {
            finish({errors::unknown_outcome, reply ? in_words(*reply) : reply.error().detail});
        }
    }

    void finish(Error error) {
        if (maybe_happened_) {
            error.code = errors::unknown_outcome;
        }
        outcome_ = Result<void>(fail(std::move(error)));
    }

    Committer& committer_;
    const Transaction& transaction_;
    Draft draft_;  // Under `token_`, or a later one once a cancelled try has used that up.
    const std::string token_;
    const Purpose purpose_;
    std::optional<Result<void>> outcome_;
    bool repeatable_ = true;   // DynamoDB recognises a second try.
    bool maybe_happened_;      // A try was left without an answer, and no later one told.
    bool cancelled_ = false;   // A try was refused under the token that is in use.
    bool went_along_ = false;  // The outcome is that of a commit together with others.
    std::optional<std::vector<std::size_t>> contended_;  // Writes that met others.
    int contended_tries_ = 0;
    int unanswered_tries_ = 0;
    int form_changes_ = 0;
};

Result<void> Committer::commit(const Transaction& transaction) {
    TRY(check_limits(transaction));
    TRY(check_storable(transaction));
    if (const auto joint = joint_.find(transaction.token)) {
        if (auto settled = settle(*joint)) {
            return *std::move(settled);
        }
    }
    auto entry = gate_.enter(transaction);
    if (!entry.company.empty()) {
        entry.settled = run_together(transaction, std::move(entry.company), entry.place);
    }
    return entry.settled ? *std::move(entry.settled)
                         : run(transaction, entry.place, Purpose::single);
}

Result<void> Committer::run(const Transaction& transaction, RowGate::Place& place,
                            Purpose purpose) {
    const std::string token = transaction.token.empty() ? to_hex(crypto_.random(client_token_bytes))
                                                        : client_token(transaction.token);
    auto draft = unknown_.take(token);
    const bool repeated = draft && draft->forms.size() == transaction.writes.size();
    if (!repeated) {
        draft = first_draft(transaction, clock_.now(), token);
    }
    return Run(*this, transaction, *std::move(draft), token,
               repeated ? Run::History::repeated : Run::History::fresh, purpose)
        .go(place);
}

std::optional<Result<void>> Committer::run_together(const Transaction& first,
                                                    RowGate::Company company,
                                                    RowGate::Place& place) {
    for (int tries = 1; !company.empty(); ++tries) {
        Transaction all = company.all();
        all.token = to_hex(crypto_.random(client_token_bytes));
        const auto outcome = run(all, place, Purpose::joint);
        if (!outcome && outcome.error().code == met_others) {
            company.part(RowGate::Travel::in_company);
            if (tries >= contended_tries_max ||
                pauses_.before_next(tries, contended_pause) == Pauses::Outcome::out_of_time) {
                return fail(errors::ledger_busy, "Too many others are at the same rows.");
            }
            company = gate_.gather(first, place);
            continue;
        }
        if (!outcome && (outcome.error().code == errors::ledger_conflict ||
                         outcome.error().code == errors::ledger_too_large)) {
            return std::nullopt;  // One stands in the way; together they cannot be told whose.
        }
        if (outcome || outcome.error().code == errors::unknown_outcome) {
            auto tokens = company.tokens();
            if (!first.token.empty()) {
                tokens.push_back(first.token);
            }
            joint_.keep(tokens, std::move(all), outcome ? std::optional(true) : std::nullopt);
        }
        company.tell(outcome);
        return outcome;
    }
    return std::nullopt;  // Nobody is left to go with.
}

std::optional<Result<void>> Committer::settle(JointCommits::Record& joint) {
    const std::lock_guard lock(joint.settling);
    if (!joint.happened) {
        auto place = gate_.enter(joint.all, RowGate::Travel::alone).place;
        auto outcome = run(joint.all, place, Purpose::inquiry);
        if (!outcome && outcome.error().code == errors::unknown_outcome) {
            return outcome;
        }
        // What was refused under its token has not happened, and nobody sends it again.
        joint.happened = outcome.has_value();
    }
    return *joint.happened ? std::optional(Result<void>()) : std::nullopt;
}

/// The prefix keeps the stages of one account apart.
std::string Committer::client_token(const std::string& token) const {
    return to_hex(crypto_.sha256(cat(table_prefix_, ':', token)).substr(0, client_token_bytes));
}

}  // namespace souk::dynamo
