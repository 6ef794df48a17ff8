#include "gateway/door.h"

namespace souk::testing {
namespace {

class IdempotencyKeys : public Door {
protected:
    void SetUp() override {
        Route write = route(Method::post, "/v1/stores/{store}/things", audience::anyone);
        write.body = schema::object({schema::required("name", schema::text(1, 10))});
        write.idempotency = IdempotencyKey::required;
        write.handle = [this](const Caller& caller, const Request& request) -> Result<Response> {
            const std::string name = request.json()["name"].text_or();
            return respond(
                caller, table,
                [&]() -> Result<Change<std::string>> {
                    Change<std::string> change{test.environment().fresh<EventId>().text(), {}};
                    table.store(caller.in_store())
                        .put(change.changes,
                             {.partition = "thing", .sort = change.value, .body = name},
                             Expect::absent());
                    return change;
                },
                [](const std::string& id) {
                    return json_response(201, cat("{\"id\":\"", id, "\"}"));
                });
        };
        routes.push_back(write);
    }
    Response send(std::string key, std::string name = "a", std::string store = "shop") {
        return post(cat("/v1/stores/", store, "/things"), cat("{\"name\":\"", name, "\"}"),
                    {{"idempotency-key", std::move(key)}});
    }
    std::size_t things() {
        std::size_t count = 0;
        for (const auto& row : ledger.rows()) {
            count += row.key.partition.ends_with("#thing") ? 1U : 0U;
        }
        return count;
    }
};

TEST_F(IdempotencyKeys, ARepeatGivesTheFirstAnswerAndActsOnce) {
    const auto first = send("k1");
    const auto again = send("k1");
    EXPECT_EQ(first.status, 201);
    EXPECT_EQ(again.status, 201);
    EXPECT_EQ(again.text(), first.text());
    EXPECT_EQ(header_of(first, "Idempotent-Replayed"), "");
    EXPECT_EQ(header_of(again, "Idempotent-Replayed"), "true");
    EXPECT_EQ(things(), 1U);
}

TEST_F(IdempotencyKeys, AQuotedKeyIsTheSameKey) {
    EXPECT_EQ(send("\"k1\"").text(), send("k1").text());
}

TEST_F(IdempotencyKeys, AnotherBodyUnderTheSameKeyIsRefused) {
    send("k1");
    const auto refused = send("k1", "b");
    EXPECT_EQ(refused.status, 422);
    EXPECT_EQ(code_of(refused), "idempotency_key_reused");
    EXPECT_EQ(things(), 1U);
}

TEST_F(IdempotencyKeys, IsRequiredWhereTheRouteSaysSo) {
    const auto refused = post("/v1/stores/shop/things", R"({"name":"a"})");
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(code_of(refused), "idempotency_key_required");
    EXPECT_EQ(things(), 0U);
}

TEST_F(IdempotencyKeys, BelongsToItsStoreAndCaller) {
    send("k1");
    EXPECT_EQ(header_of(send("k1", "a", "other"), "Idempotent-Replayed"), "");
    auto headers = signed_in({shop}, "ada@example.com");
    headers.emplace_back("idempotency-key", "k1");
    EXPECT_EQ(header_of(post("/v1/stores/shop/things", R"({"name":"a"})", headers),
                        "Idempotent-Replayed"),
              "");
    EXPECT_EQ(things(), 3U);
}

TEST_F(IdempotencyKeys, IsForgottenAfterADay) {
    const auto first = send("k1");
    test.clock.advance(idempotency_kept);
    EXPECT_NE(send("k1").text(), first.text());
}

TEST_F(IdempotencyKeys, TheAnswerIsKeptSealed) {
    const auto answer = send("k1");
    const std::string id = JsonDocument::parse(answer.text())->root()["id"].text_or();
    for (const auto& row : ledger.rows()) {
        EXPECT_EQ(row.body.find(id), std::string::npos);
    }
}

TEST_F(IdempotencyKeys, AnOddKeyIsRefused) {
    EXPECT_EQ(send(std::string(256, 'k')).status, 400);
    EXPECT_EQ(send("a b").status, 400);
    EXPECT_EQ(send("").status, 400);
}

}  // namespace
}  // namespace souk::testing
