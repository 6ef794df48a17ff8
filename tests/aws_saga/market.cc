#include "aws_saga/market.h"

#include <gtest/gtest.h>

#include "adapters/ledger_dynamodb/table_definitions.h"
#include "adapters/templates_mustache/mustache_templates.h"
#include "domain/base/text.h"
#include "domain/products/products.h"
#include "domain/stores/stores.h"

namespace souk::testing {

namespace {

using testing_support::Fault;

constexpr std::size_t processes_count = 4;
constexpr std::int64_t price = 500;
// Of a thousand calls; most races are lost between the last read and the commit.
constexpr std::size_t interrupted = 50;
constexpr std::size_t commit_interrupted = 350;
constexpr sqs::Pacing at_once{3, std::chrono::milliseconds(0)};

constexpr std::array any_call{Fault::not_sent,     Fault::throttled,  Fault::failed,
                              Fault::failed_after, Fault::unanswered, Fault::unanswered_after};

const Templates& templates() {
    static const MustacheTemplates loaded;
    return loaded;
}

std::string url_of(std::string_view queue) { return cat("https://sqs.test/1/", prefix, queue); }

}  // namespace

bool Trouble::strikes(std::string_view fault, std::size_t permille) {
    if (share == 0 || !chance.permille(permille)) {
        return false;
    }
    ++faults[std::string(fault)];
    return true;
}

Fault Trouble::fate(std::string_view action) {
    ++calls;
    if (share == 0) {
        return Fault::none;
    }
    if (chance.permille(action == "TransactWriteItems" ? commit_interrupted : interrupted) &&
        interruption) {
        interruption();
    }
    if (!chance.permille(share)) {
        return Fault::none;
    }
    if (chance.permille(120)) {
        ++faults["slow"];
        pass(std::chrono::milliseconds(chance.between(800, 20'000)));
        return Fault::none;
    }
    Fault fault = chance.one_of(any_call);
    if (action == "TransactWriteItems" && chance.permille(200)) {
        fault = Fault::conflicted;
    } else if ((action == "GetItem" || action == "TransactWriteItems") && chance.permille(150)) {
        fault = Fault::damaged;
    } else if (action == "PublishBatch" && chance.permille(400)) {
        fault = Fault::sent_twice;
    }
    ++faults[std::string(name_of(fault))];
    return fault;
}

Process::Process(Shared& shared, std::uint64_t seed)
    : crypto_(seed),
      client_(shared.account,
              [&shared](std::string_view action) { return shared.trouble.fate(action); }),
      ledger_({.client = client_,
               .clock = shared.clock,
               .crypto = crypto_,
               .table_prefix = std::string(prefix),
               .wait = [&shared](std::chrono::milliseconds pause) { shared.trouble.pass(pause); }}),
      bus_(client_, shared.clock,
           {.queue_url_prefix = url_of(""), .queues = app::subscriptions(), .pacing = at_once}),
      publisher_(client_, "arn:aws:sns:eu-west-1:1:souk-m", at_once),
      relay_(publisher_, keep_in_queue(client_, url_of("relay-dead")), telemetry_),
      services_(app::Adapters{Environment{shared.clock, crypto_, telemetry_, std::string(32, 's')},
                              ledger_, epochs_, bus_, shared.identity, shared.mailer, shared.media,
                              shared.provider, shared.http_client, templates()},
                app::ServicesOptions{
                    .gateway = {.ordinary = {0, 1}, .sign_in = {0, 1}, .page_cache_bytes_max = 0},
                    .payment_deadline = payment_deadline}),
      reactions_(services_.reactions()) {}

Market::Market(std::uint64_t seed, std::size_t goods, std::int64_t stock) : shared(seed) {
    for (const std::string_view table : dynamo::ledger_tables) {
        shared.account.dynamo.make_table(cat(prefix, table));
    }
    shared.trouble.pass = [this](std::chrono::milliseconds time) { shared.clock.advance(time); };
    shared.account.queues.fail_entries([this] {
        return shared.trouble.strikes("entry of a batch failed", shared.trouble.share / 3);
    });
    for (std::size_t i = 0; i < processes_count; ++i) {
        processes_.push_back(std::make_unique<Process>(shared, seed * 100 + i));
    }
    found_store();
    for (std::size_t i = 0; i < goods; ++i) {
        products::Products& products = any().services().products();
        const std::string sku = cat("SKU-", i);
        const auto made = perform(products.ledger(), [&] {
            products::ProductPatch patch;
            patch.title = sku;
            patch.status = products::Status::published;
            patch.variants = {{.sku = sku,
                               .price = Money{*Currency::parse("EUR"), price},
                               .stock_on_hand = stock}};
            return products.create(staff(), patch);
        });
        EXPECT_TRUE(made) << made.error().detail;
        skus.push_back(sku);
    }
}

void Market::found_store() {
    const auto signed_up =
        shared.identity.sign_up({}, "owner@example.com", "correct horse battery", "O");
    ASSERT_TRUE(signed_up);
    ASSERT_TRUE(shared.identity.confirm_sign_up({}, "owner@example.com", signed_up->code.code));
    Caller owner;
    owner.principal.kind = Principal::Kind::staff;
    owner.principal.id = signed_up->code.user.text();
    stores::Stores& stores = any().services().stores();
    const auto made = perform(stores.ledger(), [&] {
        return stores.create(owner, {.slug = "shop",
                                     .name = "Shop",
                                     .currency = *Currency::parse("EUR"),
                                     .locale = "en",
                                     .domains = {},
                                     .tax = {},
                                     .shipping_methods = {}});
    });
    ASSERT_TRUE(made) << made.error().detail;
    shop = made->id;
}

void Market::in_some_process(const std::function<void(Process&)>& act) {
    std::vector<Process*> idle;
    for (const auto& process : processes_) {
        if (!process->busy) {
            idle.push_back(process.get());
        }
    }
    if (idle.empty()) {
        return;
    }
    Process& chosen = *shared.trouble.chance.one_of(idle);
    chosen.busy = true;
    act(chosen);
    chosen.busy = false;
}

}  // namespace souk::testing
