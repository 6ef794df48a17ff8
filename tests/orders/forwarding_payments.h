#pragma once

#include <string_view>

#include "domain/ports/payments.h"

namespace souk::testing {

/// Hands everything on to another provider, but what a test makes of it.
class ForwardingPayments : public Payments {
public:
    explicit ForwardingPayments(Payments& inner) : inner_(inner) {}

    Result<Authorisation> authorise(std::string_view key, const PaymentRequest& request) override {
        return inner_.authorise(key, request);
    }
    Result<void> capture(std::string_view key, const StoreId& store,
                         const OrderId& order) override {
        return inner_.capture(key, store, order);
    }
    Result<void> cancel(std::string_view key, const StoreId& store, const OrderId& order) override {
        return inner_.cancel(key, store, order);
    }
    Result<void> refund(std::string_view key, const StoreId& store, const OrderId& order,
                        const Money& amount) override {
        return inner_.refund(key, store, order, amount);
    }
    Result<Standing> standing(const StoreId& store, const OrderId& order) override {
        return inner_.standing(store, order);
    }

private:
    Payments& inner_;
};

}  // namespace souk::testing
