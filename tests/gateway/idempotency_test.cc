#include "gateway/door.h"
#include "gateway/openapi.h"
#include "gateway/request_reading.h"

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

// It was a bare hash of the body: whoever has the ledger could have tried passwords against it.
TEST_F(IdempotencyKeys, ARecordTellsNothingOfTheBodyWithoutTheInstallationsSecret) {
    Request request;
    request.method = Method::post;
    request.path = "/v1/stores/shop/things";
    request.headers = {{"idempotency-key", "k1"}};
    request.body = R"({"name":"a"})";
    const Caller caller = system_caller(StoreId::trusted("store_1"), "");
    const Environment ours = test.environment();
    Environment others = ours;
    others.secret = std::string(32, 'x');
    const auto key = gateway::read_idempotency(routes.back(), request, caller, ours);
    const auto guessed = gateway::read_idempotency(routes.back(), request, caller, others);
    ASSERT_TRUE(key && *key && guessed && *guessed);
    EXPECT_EQ((*key)->scope, (*guessed)->scope);
    EXPECT_NE((*key)->fingerprint, (*guessed)->fingerprint);
}

class SpooledText final : public SpooledBody {
public:
    explicit SpooledText(std::string text) : text_(std::move(text)) {}
    Result<std::string> next(std::size_t bytes_max) override {
        std::string piece = text_.substr(at_, bytes_max);
        at_ += piece.size();
        return piece;
    }
    std::uint64_t size() const override { return text_.size(); }
    void rewind() override { at_ = 0; }

private:
    std::string text_;
    std::size_t at_ = 0;
};

TEST_F(IdempotencyKeys, ASpooledBodyOfTheSameLengthIsStillAnotherBody) {
    Route upload = routes.at(0);
    upload.pattern = "/v1/stores/{store}/files";
    upload.body.reset();
    upload.body_content_type = "text/csv";
    upload.spool = true;
    upload.handle = [this](const Caller& caller, const Request& request) -> Result<Response> {
        // What the key was checked against is still there to be read.
        const std::string text = TRY(request.spooled->next(100));
        return respond(
            caller, table, [&]() -> Result<Change<std::string>> { return Change{text, Changes{}}; },
            [](const std::string& read) { return json_response(201, json_quoted(read)); });
    };
    routes.push_back(upload);
    const auto send_file = [this](std::string text) {
        Request request;
        request.method = Method::post;
        request.path = "/v1/stores/shop/files";
        request.headers = {{"content-type", "text/csv"}, {"idempotency-key", "k1"}};
        request.spooled = std::make_shared<SpooledText>(std::move(text));
        return gateway->handle(std::move(request));
    };
    call(Method::get, "/");
    EXPECT_EQ(send_file("SKU-1,5").text(), "\"SKU-1,5\"");
    EXPECT_EQ(header_of(send_file("SKU-1,5"), "Idempotent-Replayed"), "true");
    EXPECT_EQ(code_of(send_file("SKU-1,6")), "idempotency_key_reused");
}

TEST_F(IdempotencyKeys, InFlightIsToldWhenToComeBack) {
    Response meanwhile;
    Route slow = routes.at(0);
    slow.handle = [this, &meanwhile, handle = slow.handle](
                      const Caller& caller, const Request& request) -> Result<Response> {
        meanwhile = send("k1");  // Of an impatient client.
        return handle(caller, request);
    };
    routes.at(0) = slow;
    EXPECT_EQ(send("k1").status, 201);
    EXPECT_EQ(meanwhile.status, 409);
    EXPECT_EQ(code_of(meanwhile), "idempotency_key_in_flight");
    EXPECT_EQ(header_of(meanwhile, "Retry-After"), "1");
    EXPECT_EQ(things(), 1U);
    const auto document = JsonDocument::parse(gateway::render_openapi(routes));
    const JsonView declared =
        document->root()["paths"]["/v1/stores/{store}/things"]["post"]["responses"]["409"];
    EXPECT_TRUE(declared["headers"]["Retry-After"].present());
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

TEST_F(IdempotencyKeys, AGuestsShortKeyIsNotAnotherGuestsButALongOneTravels) {
    const auto from = [this](std::string peer, std::string key) {
        Request request;
        request.method = Method::post;
        request.path = "/v1/stores/shop/things";
        request.headers = {{"content-type", "application/json"},
                           {"idempotency-key", std::move(key)}};
        request.body = R"({"name":"a"})";
        request.peer = std::move(peer);
        return header_of(gateway->handle(std::move(request)), "Idempotent-Replayed");
    };
    call(Method::get, "/");
    EXPECT_EQ(from("192.0.2.1", "1"), "");
    EXPECT_EQ(from("192.0.2.2", "1"), "");
    EXPECT_EQ(from("192.0.2.1", "1"), "true");
    const std::string long_key = "5f0c1a52-0000-4d7e-9d2b-0f1e2d3c4b5a";
    EXPECT_EQ(from("192.0.2.1", long_key), "");
    EXPECT_EQ(from("192.0.2.2", long_key), "true");
}

TEST_F(IdempotencyKeys, IsForgottenAfterADay) {
    const auto first = send("k1");
    test.clock.advance(idempotency_kept);
    EXPECT_NE(send("k1").text(), first.text());
}

TEST_F(IdempotencyKeys, TheAnswerIsKeptSealed) {
    const auto answer = send("k1");
    ASSERT_EQ(answer.status, 201);
    const std::string id = JsonDocument::parse(answer.text())->root()["id"].text_or();
    EXPECT_EQ(ledger.rows().size(), 2U);  // The thing and the record.
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
