#include "saga/rehearsal.h"

#include <algorithm>

#include "domain/base/text.h"
#include "domain/carts/cart_repository.h"
#include "domain/notifications/mail_record.h"
#include "domain/notifications/row_keys.h"
#include "domain/products/product_repository.h"
#include "domain/products/stock.h"

namespace souk::testing {

namespace {

using namespace std::chrono_literals;

constexpr int tries_max = 20;
constexpr std::size_t seal_key_bytes = 32;
/// Longer than a mail is taken to be under way, shorter than the payment's deadline.
constexpr auto patience = 16s;

template <class List>
std::string sorted(List list) {
    std::ranges::sort(list);
    std::string text;
    for (const auto& item : list) {
        text += cat(text.empty() ? "" : ", ", item);
    }
    return text;
}

}  // namespace

Rehearsal::Rehearsal(const Setting& setting, std::optional<CrashPlan> plan)
    : world_(setting),
      audit_(world_),
      post_(world_.services.reactions(), world_.trouble),
      product_rows_(world_.rows, "products", world_.test.environment()),
      counter_(product_rows_, world_.services.stores()) {
    Trouble& trouble = world_.trouble;
    trouble.boundaries.clear();
    trouble.plan = plan;
    trouble.committed = [this] {
        rival_acts();
        audit_.check();
        for (const auto& event : audit_.take_events()) {
            post_.publish(event);
        }
    };
}

template <class Verb, class IdOf>
std::string Rehearsal::ask(const ServiceLedger& ledger, const Caller& caller, Verb verb,
                           IdOf id_of) {
    Caller asking = caller;
    const std::string scope = cat("key-", ++keys_);
    asking.idempotency = Idempotency{scope, scope, std::string(seal_key_bytes, 'k')};
    for (int i = 0; i < tries_max; ++i) {
        try {
            const auto answer = respond(
                asking, ledger, [&] { return verb(asking); },
                [&](const auto& value) {
                    return json_response(200, cat(R"({"id":")", id_of(value), R"("})"));
                });
            if (answer) {
                return JsonDocument::parse(answer->text())->root()["id"].text_or();
            }
            if (after_failure(answer.error()) == AfterFailure::dead_letter) {
                audit_.found(cat("A request was refused: ", answer.error().detail));
                return {};
            }
        } catch (const Crash&) {
            continue;
        }
    }
    audit_.found("A request was never answered.");
    return {};
}

CartId Rehearsal::open_cart(const std::vector<carts::NewItem>& items) {
    const auto id = ask(
        world_.carts.ledger(), world_.guest(),
        [&](const Caller& caller) {
            return world_.carts.create(caller, {.email = "ada@example.com", .items = items});
        },
        [](const carts::PricedCart& cart) { return cart.cart.id->text(); });
    carts_.push_back(CartId::trusted(id));
    return carts_.back();
}

OrderId Rehearsal::place(const CartId& cart, std::string method) {
    const auto id = ask(
        world_.orders.ledger(), world_.guest(),
        [&](const Caller& caller) {
            return world_.orders.place(
                caller,
                {.cart = cart, .cart_version = {}, .provider = "manual", .payment_method = method});
        },
        [](const orders::PlacedOrder& placed) { return placed.order.id.text(); });
    return OrderId::trusted(id);
}

void Rehearsal::cancel(const OrderId& order) {
    (void)ask(
        world_.orders.ledger(), world_.staff(),
        [&](const Caller& caller) { return world_.orders.cancel(caller, order, "changed"); },
        [](const orders::Order& changed) { return changed.id.text(); });
}

void Rehearsal::fulfil(const OrderId& order, const orders::Fulfil& command) {
    (void)ask(
        world_.orders.ledger(), world_.staff(),
        [&](const Caller& caller) { return world_.orders.fulfil(caller, order, command); },
        [](const orders::Order& changed) { return changed.id.text(); });
}

void Rehearsal::refund(const OrderId& order, const orders::AskRefund& command) {
    (void)ask(
        world_.orders.ledger(), world_.staff(),
        [&](const Caller& caller) { return world_.orders.ask_refund(caller, order, command); },
        [](const orders::Order& changed) { return changed.id.text(); });
}

void Rehearsal::sell_out_halfway() { rival_waits_ = true; }

void Rehearsal::rival_acts() {
    if (!rival_waits_ || audit_.orders().empty()) {
        return;
    }
    const OrderId id = audit_.orders().back();
    const products::ReservationRepository reservations(product_rows_.store(world_.shop));
    const auto head = *reservations.head(id.text());
    if (head && head->state == products::ReservationState::reserving) {
        rival_waits_ = false;
        const std::string sku = order(id).lines.back().sku;
        const std::int64_t left = counter_.find(world_.shop, sku)->stock.available;
        const auto bought = perform(
            product_rows_, [&] { return counter_.adjust(world_.staff(), sku, {.delta = -left}); });
        if (!bought) {
            audit_.found(cat("The rival could not buy: ", bought.error().detail));
        }
    }
}

void Rehearsal::deliver_all() {
    for (int failures = 0; post_.waiting() > 0 && failures < tries_max;) {
        failures = post_.deliver_oldest() ? 0 : failures + 1;
        if (failures > 1) {
            world_.test.clock.advance(patience);
        }
    }
    if (post_.waiting() > 0) {
        audit_.found(cat("Never quiet:", post_.left()));
    }
}

void Rehearsal::pass_deadline() {
    world_.test.clock.advance(payment_deadline);
    for (int i = 0; i < tries_max; ++i) {
        try {
            world_.sweep();
            return;
        } catch (const Crash&) {
            continue;
        }
    }
}

orders::Order Rehearsal::order(const OrderId& id) {
    const ServiceLedger rows(world_.rows, "orders", world_.test.environment());
    return **orders::OrderRepository(rows.store(world_.shop)).find(id);
}

std::optional<std::string> Rehearsal::violation() {
    audit_.check();
    audit_.check_end(post_);
    return audit_.violation() ? audit_.violation() : post_.wrong();
}

int Rehearsal::copies_max() const {
    std::map<std::string, int> copies;
    int most = 0;
    for (const auto& mail : world_.mailbox.mails()) {
        most = std::max(most, ++copies[mail.id]);
    }
    for (const auto& request : world_.endpoint.requests()) {
        most = std::max(most, ++copies[webhook_id(request)]);
    }
    return most;
}

std::string Rehearsal::summary_of(const orders::Order& order) {
    const auto quantities = [&](const std::vector<orders::LineQuantity>& parts) {
        std::vector<std::string> texts;
        for (const auto& part : parts) {
            texts.push_back(cat(orders::line_of(order, part.line)->sku, " x ", part.quantity));
        }
        return sorted(texts);
    };
    const auto standing = *world_.provider.standing(world_.shop, order.id);
    std::string text = cat("order ", order.cart_attempt, " of its cart: ", name_of(order.status),
                           " (", order.cancel_reason, "), payment ", name_of(order.payment.status),
                           ", total ", order.totals.total.amount, ", provider ", standing.status,
                           " ", standing.amount, " refunded ", standing.refunded, "\n");
    std::vector<std::string> lines;
    for (const auto& line : order.lines) {
        lines.push_back(cat(line.sku, " x ", line.quantity, " = ", line.total.amount));
    }
    text += cat("  ", sorted(lines), "\n");
    std::vector<std::string> parts;
    for (const auto& refund : order.refunds) {
        parts.push_back(cat("refund ", refund.amount.amount, " ", name_of(refund.status), " of ",
                            quantities(refund.lines), "; restocked ", quantities(refund.restock)));
    }
    for (const auto& fulfilment : order.fulfilments) {
        parts.push_back(cat("sent ", quantities(fulfilment.lines)));
    }
    text += cat("  ", sorted(parts), "\n");
    std::vector<std::string> told;
    const auto timeline = *world_.orders.timeline(world_.staff(), order.id);
    for (const auto& entry : timeline) {
        told.push_back(entry.type);
    }
    text += cat("  timeline: ", sorted(told), "\n");
    const products::ReservationRepository reservations(product_rows_.store(world_.shop));
    if (const auto head = *reservations.head(order.id.text())) {
        std::int64_t taken = 0;
        std::int64_t returned = 0;
        std::vector<int> states;
        const auto chunks = *reservations.chunks(order.id.text(), head->chunks);
        for (const auto& chunk : chunks) {
            states.push_back(static_cast<int>(chunk.state));
            for (const auto& line : chunk.lines) {
                taken += line.quantity;
                returned += line.returned;
            }
        }
        text += cat("  reservation ", products::name_of(head->state), " (", head->reason,
                    "), chunks in states ", sorted(states), " took ", taken, " and gave back ",
                    returned, "\n");
    }
    std::vector<std::string> announced;
    for (const auto& event : world_.rows.events()) {
        if (event.subject == order.id.text()) {
            announced.push_back(event.type);
        }
    }
    return text + cat("  events: ", sorted(announced), "\n");
}

std::string Rehearsal::summary_of(const Good& good) {
    const auto key = products::stock_key(good.variant);
    const auto row = *product_rows_.store(world_.shop).find(key.partition, key.sort);
    const auto stock = products::stock_from(row->counters);
    if (stock.on_hand == 0) {
        return "One thing is sold out.\n";  // Which one the rival took follows from random ids.
    }
    if (stock.available == good.opening_stock && stock.on_hand == good.opening_stock) {
        return {};
    }
    return cat(good.sku, ": available ", stock.available, ", reserved ", stock.reserved,
               ", on hand ", stock.on_hand, " of ", good.opening_stock, "\n");
}

std::string Rehearsal::summary() {
    std::string text;
    for (const auto& id : audit_.orders()) {
        text += summary_of(order(id));
    }
    for (const auto& id : carts_) {
        const auto cart = *world_.carts.cart(world_.guest(), id);
        text += cat("cart ", name_of(cart.cart.status), " with ", cart.lines.size(),
                    " lines after ", cart.cart.order.attempt, " orders\n");
    }
    for (const auto& good : world_.goods) {
        text += summary_of(good);
    }
    std::vector<std::string> mails;
    std::set<std::string> seen;
    for (const auto& mail : world_.mailbox.mails()) {
        if (seen.insert(mail.id).second) {
            // The order's number aside, which may leave gaps.
            mails.push_back(cat(mail.subject.substr(0, mail.subject.find_first_of("0123456789#")),
                                "to ", mail.to));
        }
    }
    std::vector<std::string> webhooks;
    for (const auto& request : world_.endpoint.requests()) {
        if (seen.insert(webhook_id(request)).second) {
            webhooks.push_back(JsonDocument::parse(request.body)->root()["type"].text_or());
        }
    }
    return text + cat("mails: ", sorted(mails), "\nwebhooks: ", sorted(webhooks), "\n");
}

}  // namespace souk::testing
