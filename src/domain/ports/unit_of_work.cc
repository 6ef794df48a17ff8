#include "domain/ports/unit_of_work.h"

#include <algorithm>

#include "domain/base/text.h"

namespace souk {

namespace {

constexpr std::string_view record_sort = "answer";
constexpr std::string_view inbox_sort = "done";
constexpr std::string_view replay_header = "Idempotent-Replayed";

std::string record_partition(const Idempotency& key) { return cat("idempotency#", key.scope); }

/// The sealed part of a record: what the client got, or all of that but its body.
std::string render_answer(const Response& response, std::string_view body) {
    JsonWriter out;
    out.begin_object().member("status", response.status).member("type", response.content_type);
    out.key("headers").begin_array();
    for (const auto& [name, value] : response.headers) {
        if (name != replay_header) {  // Of the answer to a repeat alone.
            out.begin_array().value(name).value(value).end_array();
        }
    }
    out.end_array().member("body", body).end_object();
    return out.take();
}

Result<Response> parse_answer(std::string_view json) {
    const JsonDocument document = TRY(JsonDocument::parse(json));
    const JsonView root = document.root();
    Response response;
    response.status = static_cast<int>(root["status"].integer_or(200));
    response.content_type = root["type"].text_or();
    for (std::size_t i = 0; i < root["headers"].size(); ++i) {
        const JsonView header = root["headers"].at(i);
        response.headers.emplace_back(header.at(0).text_or(), header.at(1).text_or());
    }
    response.headers.emplace_back(replay_header, "true");
    response.body = std::make_shared<const std::string>(root["body"].text_or());
    return response;
}

/// `waiting`: the client still waits for what the answer will become.
enum class Stage { waiting, given };

/// What a key was answered with.
struct Recorded {
    Response response;
    Stage stage = Stage::given;
    bool kept = true;  // Else its body was too large.
};

/// The row of what an answer has beyond its first part; those of another stage are others, so that
/// no reader joins parts of two answers.
std::string part_sort(Stage stage, std::size_t number) {
    return cat(record_sort, stage == Stage::waiting ? "#waiting#" : "#given#", number);
}

/// An answer as its record holds it, in base64.
struct SealedAnswer {
    std::string text;
    bool kept = true;
};

/// Leaves the body out where keeping it would make a commit with `writes` of its own too large.
SealedAnswer seal_answer(const Response& response, const Idempotency& key,
                         const Environment& environment, std::size_t writes) {
    const auto sealed = [&](const std::string& answer) {
        return to_base64(environment.crypto.seal(key.seal_key, answer));
    };
    if (response.text().size() <= answer_kept_max) {
        const std::string whole = render_answer(response, response.text());
        if (whole.size() <= answer_kept_max) {
            SealedAnswer answer{sealed(whole)};
            const std::size_t rows = (answer.text.size() + answer_part_max - 1) / answer_part_max;
            if (writes + rows <= transaction_writes_max) {
                return answer;
            }
        }
    }
    return {sealed(render_answer(response, "")), false};
}

/// Shape: `changes` holds all else that is to be committed with it.
void put_record(const Caller& caller, const Environment& environment, const WalledLedger& wall,
                const Recorded& recorded, Changes& changes, Expect expect = Expect::absent()) {
    const Idempotency& key = *caller.idempotency;
    const auto [answer, kept] = seal_answer(recorded.response, key, environment, changes.size());
    const Instant expires = environment.now() + idempotency_kept;
    const auto put = [&](std::string sort, std::string body, Expect expected) {
        wall.put(changes,
                 {.partition = record_partition(key),
                  .sort = std::move(sort),
                  .body = std::move(body),
                  .expires = expires},
                 expected);
    };
    std::size_t parts = 0;
    for (std::size_t at = answer_part_max; at < answer.size(); at += answer_part_max) {
        put(part_sort(recorded.stage, ++parts), answer.substr(at, answer_part_max), Expect::any());
    }
    JsonWriter body;
    body.begin_object()
        .member("fingerprint", key.fingerprint)
        .member("answer", std::string_view(answer).substr(0, answer_part_max))
        .member("waiting", recorded.stage == Stage::waiting);
    if (parts != 0) {
        body.member("more", parts);
    }
    if (!kept) {
        body.member("kept", false);
    }
    put(std::string(record_sort), body.end_object().take(), expect);
}

/// The sealed answer of a record, in base64.
Result<std::string> answer_of(const WalledLedger& wall, const Idempotency& key, JsonView record,
                              Stage stage) {
    std::string answer = record["answer"].text_or();
    std::vector<StoreKey> parts;
    for (std::int64_t number = 1; number <= record["more"].integer_or(0); ++number) {
        parts.push_back(
            {record_partition(key), part_sort(stage, static_cast<std::size_t>(number))});
    }
    for (const auto& part : TRY(wall.find_many(parts))) {
        answer += part ? part->body : "";
    }
    return answer;
}

Result<std::optional<Recorded>> find_record(const Caller& caller, const ServiceLedger& ledger,
                                            const WalledLedger& wall) {
    if (!caller.idempotency) {
        return std::nullopt;
    }
    const Idempotency& key = *caller.idempotency;
    const auto row = TRY(wall.find(record_partition(key), record_sort));
    if (!row) {
        return std::nullopt;
    }
    const JsonDocument record = TRY(JsonDocument::parse(row->body));
    if (!equal_in_constant_time(record.root()["fingerprint"].text_or(), key.fingerprint)) {
        return fail(errors::idempotency_key_reused,
                    "This Idempotency-Key was used for another request.");
    }
    const Stage stage = record.root()["waiting"].bool_or(false) ? Stage::waiting : Stage::given;
    const auto sealed = from_base64(TRY(answer_of(wall, key, record.root(), stage)));
    const auto answer =
        sealed ? ledger.environment().crypto.open(key.seal_key, *sealed) : std::nullopt;
    if (!answer) {
        return fail(errors::corrupt_row, "An idempotency record cannot be opened.");
    }
    return Recorded{TRY(parse_answer(*answer)), stage, record.root()["kept"].bool_or(true)};
}

/// What a repeat is told whose first answer nobody has any more.
Error not_kept(const Response& bodiless) {
    Error error{errors::answer_not_kept,
                "This request was carried out; its answer was too large to keep. Read the resource "
                "instead."};
    const auto location = std::ranges::find(bodiless.headers, "Location", &Parameter::first);
    if (location != bodiless.headers.end()) {
        error.members.emplace_back("location", json_quoted(location->second));
    }
    return error;
}

bool marks_replay(const Response& response) {
    return std::ranges::find(response.headers, replay_header, &Parameter::first) !=
           response.headers.end();
}

/// Puts `given` in the place of the answer that waited, and returns it; or the one that another try
/// of the same request, which waited too, has put there before.
Result<Response> settle_record(const Caller& caller, const ServiceLedger& ledger,
                               const WalledLedger& wall, const Response& given) {
    Changes changes;
    // It is of use to retries alone: what a power cut may cost is that one of them waits again.
    changes.relax();
    put_record(caller, ledger.environment(), wall, {given, Stage::given}, changes, Expect::at(1));
    const auto committed = ledger.commit(changes);
    if (committed) {
        return given;
    }
    if (committed.error().code != errors::ledger_conflict) {
        return fail(committed.error());
    }
    const auto record = TRY(find_record(caller, ledger, wall));
    if (record && record->kept) {
        return record->response;
    }
    return given;
}

/// Defers the response, and keeps in its record what it becomes.
void wait_on(Response& response, const Caller& caller, const ServiceLedger& ledger,
             const WalledLedger& wall, const Waiting& waiting) {
    auto later = waiting(response);
    if (!caller.idempotency) {
        response.deferred = std::move(later);
        return;
    }
    auto remembering = std::make_shared<Deferred>(*later);
    const bool repeats = marks_replay(response);
    remembering->poll = [poll = later->poll, until = later->until, caller, &ledger, wall, repeats,
                         first = response]() -> std::optional<Response> {
        const bool last = ledger.environment().now() >= until;
        auto better = poll();
        if (better) {
            for (const auto& [name, value] : first.headers) {
                if (name != "ETag") {
                    better->headers.emplace_back(name, value);
                }
            }
        } else if (last) {
            better = first;
        } else {
            return std::nullopt;
        }
        if (last && repeats && better->status == first.status) {
            return better;  // What is kept, a repeat that waits less must not decide.
        }
        auto given = settle_record(caller, ledger, wall, *better);
        // A record that cannot be written now costs a retry its sameness, not the client its
        // answer.
        Response answer = given ? *std::move(given) : *std::move(better);
        std::erase_if(answer.headers,
                      [](const Parameter& header) { return header.first == replay_header; });
        if (repeats) {
            answer.headers.emplace_back(replay_header, "true");
        }
        return answer;
    };
    response.deferred = std::move(remembering);
}

/// The answer to this key, waiting like the first where that still waits.
Result<std::optional<Response>> answered_before(const Caller& caller, const ServiceLedger& ledger,
                                                const WalledLedger& wall, const Waiting& waiting) {
    auto record = TRY(find_record(caller, ledger, wall));
    if (!record) {
        return std::nullopt;
    }
    if (!record->kept) {
        // Also while it waits: what it waits for may be named in the body alone.
        return fail(not_kept(record->response));
    }
    if (record->stage == Stage::waiting && waiting) {
        wait_on(record->response, caller, ledger, wall, waiting);
    }
    return std::move(record->response);
}

}  // namespace

Result<std::optional<Response>> replayed(const Caller& caller, const ServiceLedger& ledger,
                                         const WalledLedger& wall) {
    return answered_before(caller, ledger, wall, {});
}

Result<void> remember(const Caller& caller, const ServiceLedger& ledger, const WalledLedger& wall,
                      const Response& response) {
    if (!caller.idempotency) {
        return {};
    }
    Changes changes;
    put_record(caller, ledger.environment(), wall, {response, Stage::given}, changes);
    auto committed = ledger.commit(changes);
    if (!committed && committed.error().code == errors::ledger_conflict) {
        return {};  // Another try of the same request came first; its answer stands.
    }
    return committed;
}

namespace detail {

Result<Response> respond(const Caller& caller, const ServiceLedger& ledger,
                         const WalledLedger& wall, const std::function<Result<Prepared>()>& prepare,
                         const Waiting& waiting) {
    for (int race = 0; race < races_max; ++race) {
        if (auto before = TRY(answered_before(caller, ledger, wall, waiting))) {
            return *std::move(before);
        }
        auto prepared = prepare();
        if (!prepared) {
            // What it met may be its own effect: the same request, sent twice at once and answered
            // by another process in the meantime.
            auto meanwhile = TRY(answered_before(caller, ledger, wall, waiting));
            return meanwhile ? Result<Response>(*std::move(meanwhile)) : fail(prepared.error());
        }
        auto& [changes, response] = *prepared;
        if (caller.idempotency) {
            put_record(caller, ledger.environment(), wall,
                       {response, waiting ? Stage::waiting : Stage::given}, changes);
        }
        const auto committed = changes.empty() ? Result<void>{} : ledger.commit(changes);
        if (committed) {
            if (waiting) {
                wait_on(response, caller, ledger, wall, waiting);
            }
            return std::move(response);
        }
        if (committed.error().code != errors::ledger_conflict) {
            return fail(committed.error());
        }
    }
    return fail(errors::contention, "Too many others are changing this; try again.");
}

Result<void> commit_until_settled(const ServiceLedger& ledger,
                                  const std::function<Result<Changes>()>& decide) {
    for (int race = 0; race < races_max; ++race) {
        const Changes changes = TRY(decide());
        if (changes.empty()) {
            return {};
        }
        const auto committed = ledger.commit(changes);
        if (committed || committed.error().code != errors::ledger_conflict) {
            return committed;
        }
    }
    return fail(errors::contention, "Too many others are changing this; try again.");
}

Result<void> react_once(const Event& event, std::string_view queue, const ServiceLedger& ledger,
                        const WalledLedger& wall, const std::function<Result<Changes>()>& decide) {
    const std::string partition = cat("inbox#", queue, "#", event.id);
    return commit_until_settled(ledger, [&]() -> Result<Changes> {
        if (TRY(wall.find(partition, inbox_sort))) {
            return Changes{};
        }
        Changes changes = TRY(decide());
        wall.put(changes,
                 {.partition = partition,
                  .sort = std::string(inbox_sort),
                  .body = "{}",
                  .expires = ledger.environment().now() + inbox_kept},
                 Expect::absent());
        return changes;
    });
}

}  // namespace detail
}  // namespace souk
