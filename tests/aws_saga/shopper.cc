#include "aws_saga/shopper.h"

#include <array>

#include "domain/base/text.h"

namespace souk::testing {

namespace {

/// Answers that say: nothing has been decided, ask again.
constexpr std::array<std::string_view, 7> try_again{
    "ledger_busy", "ledger_unavailable", "unknown_outcome",          "contention",
    "unavailable", "bus_unavailable",    "idempotency_key_in_flight"};

std::string method_for(Chance& chance) {
    return chance.permille(60)    ? "manual_timeout"
           : chance.permille(150) ? "manual_decline"
                                  : "manual";
}

}  // namespace

Shopper::Shopper(Market& market, std::size_t number)
    : market_(market),
      sku_(market.shared.trouble.chance.one_of(market.skus)),
      method_(method_for(market.shared.trouble.chance)),
      self_(number) {
    go_on(Step::open_cart);
}

void Shopper::go_on(Step next) {
    step_ = next;
    if (next != Step::place_again) {
        key_ = cat("shopper-", self_, "-key-", ++keys_);
    }
}

void Shopper::act() {
    if (done()) {
        return;
    }
    if (asking_) {
        ask_twice();
        return;
    }
    asking_ = true;
    const auto answer = ask();
    asking_ = false;
    if (answer) {
        take(*answer);
    }
}

void Shopper::ask_twice() {
    if (asking_twice_) {
        return;
    }
    asking_twice_ = true;
    // Its answer is for nobody: the browser waits for one of the two.
    if (const auto answer = ask(); answer && answer->status >= 300) {
        complaint_ = cat(sku_, " pressed twice at step ", static_cast<int>(step_), ": ",
                         answer->status, ' ', answer->text());
    }
    asking_twice_ = false;
}

std::optional<Response> Shopper::ask() {
    switch (step_) {
        case Step::open_cart: return ask(Method::post, "/carts", "{}");
        case Step::add_item:
            return ask(Method::post, cat("/carts/", cart_, "/items"),
                       cat(R"({"sku":")", sku_, R"(","quantity":1})"));
        case Step::say_email:
            return ask(Method::put, cat("/carts/", cart_, "/email"),
                       cat(R"({"email":"shopper)", self_, R"(@example.com"})"));
        case Step::place_order:
        case Step::place_again:
            return ask(Method::post, "/orders",
                       cat(R"({"cart_id":")", cart_,
                           R"(","payment":{"provider":"manual","method":")", method_, R"("}})"));
        case Step::done: break;
    }
    return std::nullopt;
}

std::optional<Response> Shopper::ask(Method method, std::string path, std::string body) {
    Request request;
    request.method = method;
    request.path = cat("/v1/stores/shop", path);
    request.headers = {{"content-type", "application/json"}, {"idempotency-key", key_}};
    request.body = std::move(body);
    request.peer = "192.0.2.1";
    std::optional<Response> response;
    market_.in_some_process([&](Process& process) {
        response = process.services().gateway().handle(std::move(request));
    });
    if (response && response->status >= 400) {
        const auto problem = JsonDocument::parse(response->text());
        const std::string code = problem ? problem->root()["code"].text_or() : "";
        for (const std::string_view again : try_again) {
            if (code == again) {
                return std::nullopt;
            }
        }
    }
    return response;
}

void Shopper::take(const Response& response) {
    const auto document = JsonDocument::parse(response.text());
    const JsonView body = document ? document->root() : JsonView();
    if (response.status >= 300) {
        complaint_ = cat(sku_, " at step ", static_cast<int>(step_), ": ", response.status, ' ',
                         response.text());
        step_ = Step::done;
        return;
    }
    switch (step_) {
        case Step::open_cart:
            cart_ = body["id"].text_or();
            go_on(Step::add_item);
            break;
        case Step::add_item: go_on(Step::say_email); break;
        case Step::say_email: go_on(Step::place_order); break;
        case Step::place_order:
            order_ = body["id"].text_or();
            token_ = body["token"].text_or();
            number_ = body["number"].integer_or(0);
            go_on(Step::place_again);
            break;
        case Step::place_again:
            if (body["id"].text_or() != order_) {
                complaint_ = cat("A repeat of ", order_, " made ", body["id"].text_or());
            }
            go_on(Step::done);
            break;
        case Step::done: break;
    }
}

}  // namespace souk::testing
