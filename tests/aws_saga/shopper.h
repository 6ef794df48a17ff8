#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "aws_saga/market.h"

namespace souk::testing {

/// Somebody who buys one thing over HTTP and does not take "try again" for an answer: each request
/// is repeated under its key until it is answered, and the order once more after that. Asked to act
/// while a request is under way, they press the button again: the same request, at the same moment.
class Shopper {
public:
    Shopper(Market& market, std::size_t number);

    /// The next request, at some process.
    void act();
    [[nodiscard]] bool done() const { return step_ == Step::done; }
    /// Set once `done`.
    [[nodiscard]] const std::string& order() const { return order_; }
    [[nodiscard]] const std::string& token() const { return token_; }
    [[nodiscard]] std::int64_t number() const { return number_; }
    /// What it was answered that it should not have been, if anything.
    [[nodiscard]] const std::optional<std::string>& complaint() const { return complaint_; }

private:
    enum class Step { open_cart, add_item, say_email, place_order, place_again, done };

    /// The step's request; nothing if it has to be repeated.
    [[nodiscard]] std::optional<Response> ask();
    [[nodiscard]] std::optional<Response> ask(Method method, std::string path, std::string body);
    void ask_twice();
    void go_on(Step next);
    void take(const Response& response);

    Market& market_;
    const std::string sku_, method_;
    Step step_ = Step::open_cart;
    bool asking_ = false;  // A request of this shopper is under way.
    bool asking_twice_ = false;
    std::string key_, cart_, order_, token_;
    std::int64_t number_ = 0;
    std::size_t keys_ = 0;
    const std::size_t self_;
    std::optional<std::string> complaint_;
};

}  // namespace souk::testing
