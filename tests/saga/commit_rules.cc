#include "saga/commit_rules.h"

#include <algorithm>
#include <utility>

#include "domain/base/text.h"

namespace souk::testing {

namespace {

using Moves = std::set<std::pair<std::string_view, std::string_view>>;

const std::map<std::string_view, Moves>& legal_moves() {
    static const std::map<std::string_view, Moves> table{
        {"order",
         {{"", "pending"},
          {"pending", "awaiting_payment"},
          {"pending", "cancelled"},
          {"awaiting_payment", "confirmed"},
          {"awaiting_payment", "cancelled"},
          {"confirmed", "completed"},
          {"confirmed", "cancelled"}}},
        {"payment",
         {{"", "none"},
          {"none", "authorised"},
          {"none", "declined"},
          {"none", "voided"},
          {"authorised", "captured"},
          {"authorised", "partially_refunded"},
          {"authorised", "refunded"},
          {"authorised", "voided"},
          {"captured", "partially_refunded"},
          {"captured", "refunded"},
          {"partially_refunded", "refunded"}}},
        {"refund", {{"", "pending"}, {"pending", "done"}, {"pending", "failed"}}},
        {"reservation",
         {{"", "reserving"},
          {"", "reserved"},
          {"", "rejecting"},
          {"", "rejected"},
          {"", "cancelled"},
          {"reserving", "reserved"},
          {"reserving", "rejecting"},
          {"reserving", "rejected"},
          {"reserving", "cancelling"},
          {"reserving", "cancelled"},
          {"rejecting", "rejected"},
          {"reserved", "cancelling"},
          {"reserved", "cancelled"},
          {"reserved", "sold"},
          {"sold", "cancelling"},
          {"sold", "cancelled"},
          {"cancelling", "cancelled"}}},
        {"chunk", {{"", "held"}, {"held", "sold"}, {"held", "returned"}, {"sold", "returned"}}},
        {"cart",
         {{"", "open"},
          {"open", "ordering"},
          {"open", "ordered"},
          {"open", "merged"},
          {"ordering", "open"},
          {"ordering", "ordered"},
          {"ordering", "merged"},  // Its order was cancelled, of which it has not heard.
          {"ordered", "ordering"},
          {"ordered", "open"}}},
        {"mail",
         {{"", "sending"},
          {"sending", "sent"},
          {"sending", "queued"},
          {"sending", "failed"},
          {"queued", "sending"},
          {"queued", "sent"},
          {"failed", "sending"},
          {"failed", "sent"}}}};
    return table;
}

/// Types whose announcement follows from rows.
const std::set<std::string_view>& ruled_types() {
    static const std::set<std::string_view> types{
        "souk.order.placed.v1",    "souk.order.confirmed.v1",        "souk.order.cancelled.v1",
        "souk.order.fulfilled.v1", "souk.order.refund_requested.v1", "souk.order.refunded.v1",
        "souk.stock.reserved.v1",  "souk.stock.rejected.v1",         "souk.stock.released.v1"};
    return types;
}

std::string announcement(const Event& event) {
    const auto body = JsonDocument::parse(event.body);
    std::string refund;
    if (body && event.type == "souk.order.refund_requested.v1") {
        refund = body->root()["refund_id"].text_or();
    } else if (body && event.type == "souk.order.refunded.v1") {
        refund = body->root()["refund"]["id"].text_or();
    }
    return cat(event.type, ' ', event.subject, ' ', refund);
}

std::string listed(const std::multiset<std::string>& announcements) {
    std::string text;
    for (const auto& announcement : announcements) {
        text += cat("\n    ", announcement);
    }
    return text.empty() ? " nothing" : text;
}

}  // namespace

std::string_view partition_of(const RowKey& key) {
    const std::string_view partition = key.partition;
    const auto wall = partition.find('#');
    return wall == std::string_view::npos ? partition : partition.substr(wall + 1);
}

std::string_view after(std::string_view text, std::string_view prefix) {
    return text.starts_with(prefix) ? text.substr(prefix.size()) : std::string_view();
}

void CommitRules::found(std::string what) {
    if (!wrong_) {
        wrong_ = std::move(what);
    }
}

std::optional<std::string> CommitRules::judge(const Transaction& transaction) {
    owed_.clear();
    keep_pieces(transaction);
    for (const auto& write : transaction.writes) {
        if (const auto* put = std::get_if<Put>(&write)) {
            follow(*put);
        }
    }
    Announcements made;
    for (const auto& event : transaction.events) {
        if (ruled_types().contains(event.type)) {
            made.insert(announcement(event));
        }
    }
    if (made != owed_) {
        found(cat("A commit owed", listed(owed_), "\n  and announced", listed(made)));
    }
    return std::exchange(wrong_, std::nullopt);
}

int CommitRules::claims_of(const std::string& mail) const {
    const auto claims = claims_.find(mail);
    return claims == claims_.end() ? 0 : claims->second;
}

std::int64_t CommitRules::moved_into(const std::string& cart) const {
    const auto moved = moved_.find(cart);
    return moved == moved_.end() ? 0 : moved->second;
}

bool CommitRules::move(std::string_view kind, const std::string& name, const std::string& to) {
    std::string& state = states_[cat(kind, ' ', name)];
    if (state == to) {
        return false;
    }
    if (!legal_moves().at(kind).contains({state, to})) {
        found(cat("The ", kind, ' ', name, " went from '", state, "' to ", to));
    }
    state = to;
    return true;
}

void CommitRules::follow(const Put& put) {
    const RowKey& key = put.row.key;
    const std::string_view partition = partition_of(key);
    const auto order = after(partition, "order#");
    const auto reservation = after(partition, "reservation#");
    const bool is_mail = key.table == "notifications" && partition == "mails";
    const bool is_cart = key.table == "carts" && partition.starts_with("cart#");
    const bool is_ruled =
        (key.table == "orders" && !order.empty()) || !reservation.empty() || is_cart || is_mail;
    if (!is_ruled) {
        return;
    }
    const auto document = JsonDocument::parse(put.row.body);
    if (!document) {
        found(cat("A row is not JSON: ", key.partition));
        return;
    }
    const JsonView body = document->root();
    if (is_mail) {
        follow_mail(put, body);
    } else if (is_cart) {
        follow_cart(put, body);
    } else if (!reservation.empty()) {
        follow_reservation(std::string(reservation), put, body);
    } else {
        follow_order(order, put, body);
    }
}

void CommitRules::follow_order(std::string_view id, const Put& put, JsonView body) {
    const std::string order(id);
    const std::string& sort = put.row.key.sort;
    if (sort == "head") {
        const std::string status = body["status"].text_or();
        static const std::set<std::string_view> announced{"confirmed", "cancelled"};
        if (move("order", order, status)) {
            if (status == "pending") {
                owed_.insert(cat("souk.order.placed.v1 ", order, ' '));
            } else if (announced.contains(status)) {
                owed_.insert(cat("souk.order.", status, ".v1 ", order, ' '));
            }
        }
        (void)move("payment", order, body["payment"]["status"].text_or());
    } else if (sort.starts_with("fulfilment#")) {
        owed_.insert(cat("souk.order.fulfilled.v1 ", order, ' '));
    } else if (const auto refund = std::string(after(sort, "refund#")); !refund.empty()) {
        const std::string status = body["status"].text_or();
        if (move("refund", refund, status) && status != "failed") {
            owed_.insert(cat("souk.order.",
                             status == "pending" ? "refund_requested.v1 " : "refunded.v1 ", order,
                             ' ', refund));
        }
    }
}

void CommitRules::follow_reservation(const std::string& id, const Put& put, JsonView body) {
    const std::string state = body["state"].text_or();
    if (put.row.key.sort == "head") {
        if (!move("reservation", id, state)) {
            return;
        }
        const bool gave_back = state == "cancelled" && body["chunks"].integer_or(0) > 0;
        if (state == "reserved" || state == "rejected" || gave_back) {
            owed_.insert(cat("souk.stock.", gave_back ? "released" : state, ".v1 ", id, ' '));
        }
        return;
    }
    const std::string chunk = cat(id, '/', put.row.key.sort);
    (void)move("chunk", chunk, state);
    std::int64_t returned = 0;
    for (std::size_t i = 0; i < body["lines"].size(); ++i) {
        returned += body["lines"].at(i)["returned"].integer_or(0);
    }
    if (returned < returned_[chunk]) {
        found(cat("Goods of the chunk ", chunk, " that were back are gone again"));
    }
    returned_[chunk] = returned;
}

void CommitRules::follow_cart(const Put& put, JsonView body) {
    if (put.row.key.sort == "cart") {
        (void)move("cart", put.row.key.partition, body["status"].text_or());
    }
}

void CommitRules::follow_mail(const Put& put, JsonView body) {
    const std::string& id = put.row.key.sort;
    const std::string status = body["status"].text_or();
    (void)move("mail", id, status);
    claims_[id] += status == "sending" ? 1 : 0;
}

/// Lines that leave a cart arrive in another, none lost and none doubled.
void CommitRules::keep_pieces(const Transaction& transaction) {
    std::map<std::string, std::int64_t> change;  // By cart.
    std::int64_t sum = 0;
    bool moves = false;
    for (const auto& write : transaction.writes) {
        const RowKey& key = key_of(write);
        if (key.table != "carts" || !key.sort.starts_with("line#")) {
            continue;
        }
        std::int64_t now = 0;
        if (const auto* put = std::get_if<Put>(&write)) {
            const auto body = JsonDocument::parse(put->row.body);
            now = body ? body->root()["quantity"].integer_or(0) : 0;
        } else {
            moves = true;
        }
        const std::int64_t more = now - std::exchange(pieces_[key], now);
        change[std::string(after(partition_of(key), "cart#"))] += more;
        sum += more;
    }
    if (!moves) {
        return;
    }
    for (const auto& [cart, pieces] : change) {
        moved_[cart] += pieces;
    }
    if (sum != 0) {
        found(cat("Carts have ", sum, " pieces more than before lines were moved"));
    }
}

}  // namespace souk::testing
