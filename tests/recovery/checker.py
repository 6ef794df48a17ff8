"""Says what is wrong with a shop after a run: compares what it shows over HTTP with the clients' journal. No Souk code."""

import collections
import dataclasses
import email
import email.policy
import pathlib
import re
import urllib.parse

final = {"confirmed", "completed", "cancelled"}
follows = {  # What an order may be that was so before.
    "pending": {"pending", "awaiting_payment"} | final, "awaiting_payment": {"awaiting_payment"} | final, "confirmed": final,
    "completed": {"completed"}, "cancelled": {"cancelled"},
}  # fmt: skip
unpaid_reasons = {"out_of_stock", "payment_declined", "payment_timeout", "expired"}
subjects = {
    "cancelled": re.compile(r"^Your order (\d+) at .* was cancelled$"),
    "fulfilled": re.compile(r"^Your order (\d+) at .* is on its way$"),
    "refunded": re.compile(r"^A refund for your order (\d+) at "),
    "confirmed": re.compile(r"^Your order (\d+) at "),
}


@dataclasses.dataclass
class State:
    """What the shop shows."""

    orders: list = dataclasses.field(default_factory=list)
    stock: dict = dataclasses.field(default_factory=dict)  # SKU -> its inventory.
    adjustments: dict = dataclasses.field(default_factory=dict)  # SKU -> its history.
    carts: dict = dataclasses.field(default_factory=dict)  # Id -> cart, of those nobody ordered.
    imports: dict = dataclasses.field(default_factory=dict)  # Id -> import.
    deliveries: list = dataclasses.field(default_factory=list)
    notifications: list = dataclasses.field(default_factory=list)
    dead_letters: list = dataclasses.field(default_factory=list)
    mails: list = dataclasses.field(default_factory=list)  # {to, subject, id, at, file}
    provider: dict | None = None  # Order id -> the payment provider's own rows of it; None: it was not asked yet.


def each(http, path, headers):
    """The items of a list, a page at a time."""
    cursor = None
    while True:
        answer = http.get(path, headers=headers, params={"limit": 100} | ({"cursor": cursor} if cursor else {}))
        answer.raise_for_status()
        yield from answer.json()["items"]
        cursor = answer.json()["next_cursor"]
        if not cursor:
            return


def pages(http, path, headers):
    return list(each(http, path, headers))


def mails_in(folder):
    found = []
    for file in sorted(pathlib.Path(folder).glob("*.eml")):
        mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        found.append({"to": str(mail["To"]), "subject": str(mail["Subject"]), "id": str(mail["Message-ID"]),
                      "at": file.stat().st_mtime, "file": file.name})  # fmt: skip
    return found


def observe(http, base, staff, admin, webhook, outbox, journal):
    """The State of the store at `base` (a path), read by its staff and the platform's admin."""

    def one(path):
        answer = http.get(base + path, headers=staff)
        return answer.json() if answer.status_code == 200 else {"status": f"HTTP {answer.status_code}"}

    def quoted(sku):
        return urllib.parse.quote(sku, safe="")

    imported = [sku for w in journal.of("import") for sku in w["asked"]["stock"]]
    abandoned = {w["asked"]["cart"] for w in journal.of("abandon")}
    return State(
        orders=pages(http, f"{base}/orders", staff),
        stock={sku: one(f"/inventory/{quoted(sku)}") for sku in [*journal.initial, *imported]},
        adjustments={sku: pages(http, f"{base}/inventory/{quoted(sku)}/adjustments", staff) for sku in journal.initial},
        carts={cart: one(f"/carts/{cart}") for cart in abandoned},
        imports={w["answer"]["id"]: one(f"/imports/{w['answer']['id']}") for w in journal.of("import")},
        deliveries=pages(http, f"{base}/webhooks/{webhook}/deliveries", staff),
        notifications=pages(http, f"{base}/notifications", staff),
        dead_letters=pages(http, "/v1/admin/dead-letters", admin),
        mails=mails_in(outbox),
    )


# The checks: each takes (journal, state) and yields what is wrong.


def answers(journal, state):
    """Every write was answered, and as a shop may answer."""
    for odd in journal.oddities:
        yield odd
    for w in journal.writes:
        if w["status"] is None:
            yield f"{w['kind']} {w['key']} was never answered"


def orders_once(journal, state):
    """An acknowledged order is there with what was in its cart, one for its key, and there are no others."""
    by_email = collections.defaultdict(list)
    for order in state.orders:
        by_email[order["email"]].append(order)
    asked = {w["asked"]["email"]: w for w in journal.writes if w["kind"] == "order"}
    for address, w in asked.items():
        there = by_email.get(address, [])
        acknowledged = w["status"] and w["status"] < 300
        if acknowledged and [o["id"] for o in there] != [w["answer"]["id"]]:
            yield f"order {w['answer']['id']} of key {w['key']}: there are {[o['id'] for o in there]}"
        elif not acknowledged and w["status"] and there:
            yield f"key {w['key']} was refused with {w['status']}, yet there is {there[0]['id']}"
        for order in there:
            has = {line["sku"]: line["quantity"] for line in order["lines"]}
            if has != w["asked"]["items"]:
                yield f"order {order['id']} holds {has}, its cart held {w['asked']['items']}"
            if acknowledged and order["number"] != w["answer"]["number"]:
                yield f"order {order['id']} changed its number"
    for address in by_email.keys() - asked.keys():
        yield f"orders of {address}, who never asked: {[o['id'] for o in by_email[address]]}"
    for number, count in collections.Counter(o["number"] for o in state.orders).items():
        if count > 1:
            yield f"{count} orders have the number {number}"


def other_writes(journal, state):
    """Acknowledged cancellations, refunds, fulfilments, adjustments, carts and imports are there, once."""
    orders = {o["id"]: o for o in state.orders}
    for w in journal.of("cancel"):
        order = orders.get(w["asked"]["order"], {})
        if (order.get("status"), order.get("cancel_reason")) != ("cancelled", w["key"]):
            yield f"the cancellation {w['key']} of {w['asked']['order']} is lost"
    for w in journal.of("refund"):
        count = sum(r["reason"] == w["key"] for r in orders.get(w["asked"]["order"], {}).get("refunds", []))
        if count != 1:
            yield f"the refund {w['key']} of {w['asked']['order']} is there {count} times"
    for w in journal.of("fulfilment"):
        sent = orders.get(w["asked"]["order"], {}).get("fulfilments", [])
        count = sum(f["tracking"]["number"] == w["key"] for f in sent)
        if count != 1:
            yield f"the fulfilment {w['key']} of {w['asked']['order']} is there {count} times"
    history = collections.Counter((sku, a["reason"]) for sku, items in state.adjustments.items() for a in items)
    for w in journal.of("adjustment"):
        if history[w["asked"]["sku"], w["key"]] != 1:
            yield f"the adjustment {w['key']} is in the history {history[w['asked']['sku'], w['key']]} times"
    for w in journal.of("abandon"):
        has = {i["sku"]: i["quantity"] for i in state.carts.get(w["asked"]["cart"], {}).get("items", [])}
        if has != w["asked"]["items"]:
            yield f"cart {w['asked']['cart']} holds {has}, not {w['asked']['items']}"
    for w in journal.of("import"):
        done = state.imports.get(w["answer"]["id"], {})
        made = done.get("status"), done.get("products_created"), done.get("errors")
        if made != ("completed", len(w["asked"]["stock"]), []):
            yield f"import {w['answer']['id']} ended as {made}"


def nothing_else(journal, state):
    """The shop has no cancellation, refund, fulfilment or adjustment but those asked for and not refused, each once."""
    written = {
        (w["kind"], w["asked"]["sku" if w["kind"] == "adjustment" else "order"], w["key"]): w
        for w in journal.writes
        if w["kind"] in ("cancel", "refund", "fulfilment", "adjustment")
    }
    there = collections.Counter(("adjustment", sku, a["reason"]) for sku, items in state.adjustments.items() for a in items)
    for order in state.orders:
        if order["cancel_reason"] and order["cancel_reason"] not in unpaid_reasons:
            there["cancel", order["id"], order["cancel_reason"]] += 1
        there.update(("refund", order["id"], refund["reason"]) for refund in order["refunds"])
        there.update(("fulfilment", order["id"], sent["tracking"]["number"]) for sent in order["fulfilments"])
    # What the shop does by itself: stock opens with the product, and a cancellation gives back what was taken.
    there -= collections.Counter(("adjustment", sku, "") for sku in journal.initial)
    there -= collections.Counter(("refund", o["id"], "order_cancelled") for o in state.orders if o["status"] == "cancelled")
    for (kind, where, key), count in there.items():
        w = written.get((kind, where, key))
        if w is None:
            yield f"nobody asked for the {kind} {key!r} of {where}"
        elif w["status"] and w["status"] >= 300:
            yield f"the {kind} {key} of {where} was refused with {w['status']}, yet it is there"
        elif count > 1:
            yield f"the {kind} {key} of {where} is there {count} times"
    for sku, items in state.adjustments.items():
        for item in items:
            if not item["reason"] and item["delta"] != journal.initial[sku]:
                yield f"{sku} opened with {item['delta']}, wanted {journal.initial[sku]}"
            w = written.get(("adjustment", sku, item["reason"]))
            if w and item["delta"] != w["asked"]["delta"]:
                yield f"the adjustment {w['key']} of {sku} is one by {item['delta']}, asked was {w['asked']['delta']}"


def sold(order):
    """SKU -> pieces that left the shelf for good."""
    pieces = collections.Counter()
    if order["status"] in ("confirmed", "completed"):
        skus = {line["id"]: line["sku"] for line in order["lines"]}
        for line in order["lines"]:
            pieces[line["sku"]] += line["quantity"]
        for refund in order["refunds"]:
            for part in refund["restock"] if refund["status"] == "done" else []:
                pieces[skus[part["line_id"]]] -= part["quantity"]
    return pieces


def stock(journal, state):
    """Initial stock + adjustments = on hand + sold; nothing is reserved."""
    wanted = collections.Counter(journal.initial)
    for w in journal.of("adjustment"):
        wanted[w["asked"]["sku"]] += w["asked"]["delta"]
    for w in journal.of("import"):
        wanted.update(w["asked"]["stock"])
    for order in state.orders:
        wanted.subtract(sold(order))
    for sku, quantity in wanted.items():
        now = state.stock.get(sku, {})
        if now.get("stock_on_hand") != quantity:
            yield f"{sku}: {now.get('stock_on_hand')} on hand, the journal and the orders say {quantity}"
        if now.get("stock_reserved") != 0:
            yield f"{sku}: {now.get('stock_reserved')} reserved after all has settled"
        if now.get("available") != now.get("stock_on_hand") or (now.get("available") or 0) < 0:
            yield f"{sku}: {now.get('available')} available of {now.get('stock_on_hand')}"


def counters(journal, state):
    """At every moment: no SKU is below zero anywhere, and what is on hand is available or reserved."""
    for sku, item in state.stock.items():
        on_hand, reserved, available = (item.get(name, -1) for name in ("stock_on_hand", "stock_reserved", "available"))
        if min(on_hand, reserved, available) < 0 or on_hand != reserved + available:
            yield f"{sku}: {on_hand} on hand, {reserved} reserved, {available} available"


def steps(journal, state):
    """At every moment: no order is what it cannot have become since it was acknowledged, or seen, as something else."""
    orders = {order["id"]: order for order in state.orders}
    for w in journal.writes:
        answer = w["answer"] or {}
        order = orders.get(answer.get("id"))
        if order and order["status"] not in follows.get(answer["status"], ()):
            yield f"order {order['id']} is {order['status']!r} after it was {answer['status']!r} ({w['kind']} {w['key']})"


def order_states(journal, state):
    """Every order is in one final, legal state."""
    for order in state.orders:
        if order["status"] not in final:
            yield f"order {order['id']} is {order['status']!r} for good"
        if (order["status"] == "completed") != (order["fulfilment_status"] == "fulfilled"):
            yield f"order {order['id']} is {order['status']} and {order['fulfilment_status']}"
    yield from order_halves(journal, state)


def order_halves(journal, state):
    """At every moment: what one commit says of an order fits together."""
    declined = {w["asked"]["email"] for w in journal.writes if w["kind"] == "order" and w["asked"]["method"] != "manual"}
    for order in state.orders:
        name, status = order["id"], order["status"]
        if (status == "cancelled") != bool(order["cancel_reason"]):
            yield f"order {name} is {status} with the reason {order['cancel_reason']}"
        if status in ("confirmed", "completed") and order["email"] in declined:
            yield f"order {name} is {status} though its payment was declined"
        if status == "cancelled" and order["fulfilments"]:
            yield f"order {name} is cancelled and was sent"


def refunded(order):
    return sum(r["amount"]["amount"] for r in order["refunds"] if r["status"] == "done")


def payments(journal, state):
    """Money stands as the order does."""
    for order in state.orders:
        name, status, paid = order["id"], order["status"], order["payment"]["status"]
        total, back = order["totals"]["total"]["amount"], refunded(order)
        if order["payment"]["amount"] != order["totals"]["total"]:
            yield f"order {name}: the payment is of {order['payment']['amount']}, the total {total}"
        if status == "cancelled":
            legal = {"declined"} if order["cancel_reason"] == "payment_declined" else {"none", "voided", "refunded"}
        elif back:
            legal = {"refunded" if back == total else "partially_refunded"}
        else:
            legal = {"captured"} if status == "completed" else {"authorised", "captured"}
        if status in final and paid not in legal:
            yield f"order {name} is {status} ({order['cancel_reason']}) with a payment {paid}, {back} of {total} refunded"


def standing(row):
    """A payment's status by the provider's row."""
    back = sum(refund["amount"] for refund in row["refunds"])
    if back:
        return "refunded" if back == row["amount"] else "partially_refunded"
    return "voided" if row["cancelled"] and row["status"] in ("none", "authorised", "pending") else row["status"]


def provider(journal, state):
    """The provider's own books stand as the orders do: one payment each, of its total, with its refunds."""
    if state.provider is None:
        yield "the provider was not asked"
        return
    for name in state.provider.keys() - {order["id"] for order in state.orders}:
        if state.provider[name]:
            yield f"the provider has {len(state.provider[name])} payments of {name}, which is not there"
    references = collections.Counter()
    for order in state.orders:
        name, paid, rows = order["id"], order["payment"]["status"], state.provider.get(order["id"], [])
        if len(rows) != 1:
            yield f"order {name} ({order['status']}): the provider has {len(rows)} payments of it"
            continue
        row, total = rows[0], order["totals"]["total"]
        references[row["reference"]] += bool(row["reference"])
        # Of a cancelled order that never knew of its payment, the provider may: it was told to forget it.
        if standing(row) not in ({"voided", "declined"} if paid == "none" else {paid}):
            yield f"order {name} is {order['status']}, its payment {paid}, with the provider {standing(row)}"
        if row["status"] != "none" and (row["amount"], row["currency"]) != (total["amount"], total["currency"]):
            yield f"order {name}: the provider's payment is of {row['amount']} {row['currency']}, the total {total}"
        there = sorted((r["key"], r["amount"]) for r in row["refunds"])
        if there != sorted((r["id"], r["amount"]["amount"]) for r in order["refunds"] if r["status"] == "done"):
            yield f"order {name} has the refunds {order['refunds']}, the provider {there}"
    for reference, count in references.items():
        if count > 1:
            yield f"{count} orders have the payment {reference}"


def ever_named(journal, state):
    """The ids of all orders that anyone ever heard of: the provider can only be asked by order."""
    named = {order["id"] for order in state.orders} | {hook["subject"] for hook in journal.hooks}
    named |= {text for w in journal.writes for text in ((w["answer"] or {}).get("id"), (w["asked"] or {}).get("order"))}
    return sorted(name for name in named if name and name.startswith("order_"))


def refunds(journal, state):
    """Refunds end, and never exceed what was paid."""
    for order in state.orders:
        if refunded(order) > order["totals"]["total"]["amount"]:
            yield f"order {order['id']}: {refunded(order)} refunded of {order['totals']['total']['amount']}"
        for refund in order["refunds"]:
            if refund["status"] != "done" and order["status"] != "cancelled":
                yield f"order {order['id']}: the refund {refund['id']} is {refund['status']}"


def shown(journal, state):
    """All that is wrong with what the shop shows, each led by the name of its check."""
    import announcements  # It needs this module.

    checks = [answers, orders_once, other_writes, nothing_else, stock, counters, steps, order_states, payments, refunds]
    checks += [announcements.mails, announcements.webhooks, announcements.dead_letters]
    return [f"{check.__name__}: {wrong}" for check in checks for wrong in check(journal, state)]


def complaints(journal, state):
    """All that is wrong, with the provider's books too."""
    return shown(journal, state) + [f"provider: {wrong}" for wrong in provider(journal, state)]
