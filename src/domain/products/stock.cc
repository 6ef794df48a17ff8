#include "domain/products/stock.h"

#include <algorithm>

namespace souk::products {

namespace {

constexpr const char* available_name = "available";
constexpr const char* reserved_name = "reserved";
constexpr const char* on_hand_name = "on_hand";
constexpr const char* on_hand_negated_name = "on_hand_negated";

std::int64_t counter(const Counters& counters, std::string_view name) {
    const auto found = counters.find(name);
    return found == counters.end() ? 0 : found->second;
}

}  // namespace

Stock stock_from(const Counters& counters) {
    return {.available = counter(counters, available_name),
            .reserved = counter(counters, reserved_name),
            .on_hand = counter(counters, on_hand_name),
            .kept = true};
}

Counters counters_from(std::int64_t on_hand) {
    return {{available_name, on_hand},
            {reserved_name, 0},
            {on_hand_name, on_hand},
            {on_hand_negated_name, -on_hand}};
}

std::vector<CounterChange> reserved(std::int64_t quantity, std::int64_t available_floor) {
    return {{available_name, -quantity, available_floor}, {reserved_name, quantity, {}}};
}

std::vector<CounterChange> given_back(std::int64_t quantity) {
    return {{available_name, quantity, {}}, {reserved_name, -quantity, 0}};
}

std::vector<CounterChange> sold(std::int64_t quantity) {
    return {{reserved_name, -quantity, 0},
            {on_hand_name, -quantity, 0},
            {on_hand_negated_name, quantity, {}}};
}

std::vector<CounterChange> received(std::int64_t delta, std::int64_t available_floor) {
    return {{available_name, delta, available_floor},
            {on_hand_name, delta, 0},
            {on_hand_negated_name, -delta, {}}};
}

std::vector<CounterChange> received_if(std::int64_t expected, std::int64_t delta,
                                       std::int64_t available_floor) {
    return {{available_name, delta, available_floor},
            {on_hand_name, delta, expected + delta},
            {on_hand_negated_name, -delta, -(expected + delta)}};
}

LowStock low_stock(std::int64_t available, std::int64_t quantity, std::int64_t threshold) {
    if (available <= threshold) {
        return {false, 0};  // It was low before.
    }
    if (available - quantity > threshold) {
        return {false, threshold + 1};
    }
    return {true, std::max<std::int64_t>(0, threshold + 1 - quantity)};
}

}  // namespace souk::products
