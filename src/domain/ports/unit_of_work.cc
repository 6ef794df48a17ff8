#include "domain/ports/unit_of_work.h"

#include "domain/base/text.h"

namespace souk {

namespace {

constexpr std::string_view record_sort = "answer";
constexpr std::string_view inbox_sort = "done";

std::string record_partition(const Idempotency& key) { return cat("idempotency#", key.scope); }

/// The sealed part of a record: what the client got.
std::string render_answer(const Response& response) {
    JsonWriter out;
    out.begin_object().member("status", response.status).member("type", response.content_type);
    out.key("headers").begin_array();
    for (const auto& [name, value] : response.headers) {
        out.begin_array().value(name).value(value).end_array();
    }
    out.end_array().member("body", response.text()).end_object();
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
    response.headers.emplace_back("Idempotent-Replayed", "true");
    response.body = std::make_shared<const std::string>(root["body"].text_or());
    return response;
}

void put_record(const Caller& caller, const Environment& environment, const WalledLedger& wall,
                const Response& response, Changes& changes) {
    const Idempotency& key = *caller.idempotency;
    JsonWriter body;
    body.begin_object()
        .member("fingerprint", key.fingerprint)
        .member("answer", to_base64(environment.crypto.seal(key.seal_key, render_answer(response))))
        .end_object();
    wall.put(changes,
             {.partition = record_partition(key),
              .sort = std::string(record_sort),
              .body = body.take(),
              .expires = environment.now() + idempotency_kept},
             Expect::absent());
}

}  // namespace

Result<std::optional<Response>> replayed(const Caller& caller, const ServiceLedger& ledger,
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
    const auto sealed = from_base64(record.root()["answer"].text_or());
    const auto answer =
        sealed ? ledger.environment().crypto.open(key.seal_key, *sealed) : std::nullopt;
    if (!answer) {
        return fail(errors::corrupt_row, "An idempotency record cannot be opened.");
    }
    return TRY(parse_answer(*answer));
}

Result<void> remember(const Caller& caller, const ServiceLedger& ledger, const WalledLedger& wall,
                      const Response& response) {
    if (!caller.idempotency) {
        return {};
    }
    Changes changes;
    put_record(caller, ledger.environment(), wall, response, changes);
    auto committed = ledger.commit(changes);
    if (!committed && committed.error().code == errors::ledger_conflict) {
        return {};  // Another try of the same request came first; its answer stands.
    }
    return committed;
}

namespace detail {

Result<Response> respond(const Caller& caller, const ServiceLedger& ledger,
                         const WalledLedger& wall,
                         const std::function<Result<Prepared>()>& prepare) {
    for (int race = 0; race < races_max; ++race) {
        if (auto before = TRY(souk::replayed(caller, ledger, wall))) {
            return *std::move(before);
        }
        Prepared prepared = TRY(prepare());
        if (caller.idempotency) {
            put_record(caller, ledger.environment(), wall, prepared.response, prepared.changes);
        }
        if (prepared.changes.empty()) {
            return prepared.response;
        }
        const auto committed = ledger.commit(prepared.changes);
        if (committed) {
            return prepared.response;
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
