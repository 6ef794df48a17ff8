"""The checker's other half: mails and webhooks, compared with the orders they speak of. No Souk code."""

import collections

from checker import subjects, unpaid_reasons

under_way_max = 4  # Mails between "the server has it" and its record when a kill comes: one for each reaction worker.
# Webhooks likewise: each reaction worker attempts one at a time, and so does the sweep. What a kill cut short is claimed again
# when its lease of 30 s ends, and had come within the 15 s of an attempt.
deliveries_under_way_max = under_way_max + 1
apart_min_s = 30 - 15


def expected_of(order, was_confirmed):
    status, done = order["status"], sum(r["status"] == "done" for r in order["refunds"])
    cancelled = int(status == "cancelled")
    if was_confirmed or status in ("confirmed", "completed"):
        confirmed = (1, 1)
    else:  # A cancellation may have come before or after it.
        confirmed = (0, 0 if order["cancel_reason"] in unpaid_reasons else 1)
    sent = len(order["fulfilments"])
    return {"confirmed": confirmed, "cancelled": (cancelled, cancelled), "fulfilled": (sent, sent), "refunded": (done, done)}


def wanted(journal, state):
    """Order id -> what it must have announced."""
    confirmed = {w["answer"]["id"] for w in journal.of("order") if w["answer"]["status"] == "confirmed"}
    return {order["id"]: expected_of(order, order["id"] in confirmed) for order in state.orders}


def kind_of(mail):
    """(kind, order number) of an order's mail, else None."""
    for kind, pattern in subjects.items():
        if found := pattern.match(mail["subject"]):
            return kind, int(found[1])
    return None


def mails(journal, state):
    """Each order mailed what happened to it, once. A repeat has a kill before it and the first one's Message-ID."""
    orders = {o["number"]: o for o in state.orders}
    seen = collections.defaultdict(set)
    copies = collections.defaultdict(list)
    for mail in state.mails:
        if not (spoken := kind_of(mail)):
            continue
        kind, number = spoken
        order = orders.get(number)
        if not order or order["email"] not in mail["to"]:
            yield f"{mail['file']} to {mail['to']} speaks of order {number}, which is not theirs or not there"
            continue
        seen[order["id"], kind].add(mail["id"])
        copies[mail["id"]].append(mail)
    for order, kinds in wanted(journal, state).items():
        for kind, (least, most) in kinds.items():
            count = len(seen[order, kind])
            if not least <= count <= most:
                yield f"order {order}: {count} mails '{kind}', wanted {least} to {most}"
    for same in copies.values():
        if repeated_unasked(journal, [mail["at"] for mail in same]):
            yield f"{same[0]['file']} was sent again without a kill that cut short its record"
    if repeats(state) > under_way_max * len(journal.kills):
        yield f"{repeats(state)} mails were repeated after {len(journal.kills)} kills, each of which may cut short {under_way_max}"
    for sent in state.notifications:
        if sent["status"] != "sent":
            yield f"the mail {sent.get('id')} to {sent.get('to')} is {sent['status']}"


def repeated_unasked(journal, times, recorded=5, late=1):
    """Whether something came again though no kill can have cut short the record of its coming: that is written within
    `recorded` seconds, and the coming itself was noted up to `late` seconds after it came."""
    times = sorted(times)
    return any(
        not any(first - late <= kill <= min(first + recorded, again) for kill in journal.kills)
        for first, again in zip(times, times[1:])
    )


def repeats(state):
    """Mails beyond the first of their Message-ID: the documented at-least-once."""
    ids = [mail["id"] for mail in state.mails]
    return len(ids) - len(set(ids))


def webhooks(journal, state):
    """Every event reached the receiver, there is one for each thing that happened, and none of what did not."""
    known = {o["id"] for o in state.orders}
    events = collections.defaultdict(set)
    times = collections.defaultdict(list)
    for hook in journal.hooks:
        times[hook["id"]].append(hook["at"])
        if hook["id"] != hook["header_id"]:
            yield f"the webhook {hook['header_id']} carries the event {hook['id']}"
        kind = hook["type"].removeprefix("souk.").removesuffix(".v1")
        if (kind.startswith("order.") or hook["subject"].startswith("order_")) and hook["subject"] not in known:
            yield f"the event {hook['id']} {hook['type']} speaks of {hook['subject']}, which is not there"
        events[hook["subject"], kind].add(hook["id"])
    for event, came in times.items():
        if repeated_unasked(journal, came, recorded=15, late=5):  # The receiver waits for its turn among the shoppers.
            yield f"the event {event} came again without a kill that cut short its record"
        if any(again - first < apart_min_s for first, again in zip(sorted(came), sorted(came)[1:])):
            yield f"the event {event} came again within its delivery's lease"
    again, allowed = len(journal.hooks) - len(times), deliveries_under_way_max * len(journal.kills)
    if again > allowed:
        yield f"{again} webhooks were repeated after {len(journal.kills)} kills, which may cut short {allowed}"
    for order, kinds in wanted(journal, state).items():
        for kind, (least, most) in ({"placed": (1, 1)} | kinds).items():
            count = len(events[order, f"order.{kind}"])
            if not least <= count <= most:
                yield f"order {order}: {count} events order.{kind}, wanted {least} to {most}"
    got = {hook["id"] for hook in journal.hooks}
    for delivery in state.deliveries:
        if delivery["status"] != "delivered":
            told = [delivery.get(name) for name in ("attempts", "reason", "next_attempt_at")]
            yield f"the delivery {delivery['id']} of {delivery['event_id']} is {delivery['status']}, attempts, reason, next: {told}"
        elif delivery["event_id"] not in got:
            yield f"the event {delivery['event_id']} is told to be delivered and never came"
    listed = collections.Counter(d["event_id"] for d in state.deliveries)
    for event, count in listed.items():
        if count > 1:
            yield f"the event {event} has {count} deliveries"
    for event in got - listed.keys():
        yield f"the event {event} came and no delivery tells of it"


def dead_letters(journal, state):
    """No queue gave up on anything."""
    for letter in state.dead_letters:
        yield f"dead letter in {letter.get('queue')}: {letter.get('event_type')} {letter.get('reason')}"
