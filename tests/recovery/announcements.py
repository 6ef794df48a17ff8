"""The checker's other half: mails and webhooks, compared with the orders they speak of. No Souk code."""

import collections
import itertools

from checker import subjects, unpaid_reasons

# What is under way when a kill comes, between "the receiver has it" and its record: a mail in each reaction worker; a webhook
# in each, too, and one in the sweep. How long before and after the receiver noted it that may be, in seconds: a process that
# wrote a mail records it at once; a webhook's answer may take as long as an attempt. Runs showed up to 0.1 and 1 s.
mails_under_way = {"at_once": 4, "before": 1, "after": 5}
webhooks_under_way = {"at_once": 4 + 1, "before": 5, "after": 15}
# What a kill cut short is claimed again when its lease of 30 s ends, and had come within the 15 s of an attempt.
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
    """Each order mailed what happened to it, once. A repeat has the first one's Message-ID, whose record a kill cut short."""
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
    times = {name: [mail["at"] for mail in same] for name, same in copies.items()}
    for again in repeated_unasked(journal.kills, times, **mails_under_way):
        yield f"{copies[again][0]['file']} was sent again though no kill cut its record short, or too many like it"
    for sent in state.notifications:
        if sent["status"] != "sent":
            yield f"the mail {sent.get('id')} to {sent.get('to')} is {sent['status']}"


def repeated_unasked(kills, came, at_once, before, after):
    """Of `came`, names with their times, each that came again though no kill can have cut short the record of its coming
    before. A kill excuses no more than were under way at it."""
    left = dict.fromkeys(sorted(kills), at_once)
    pairs = ((first, again, name) for name, times in came.items() for first, again in itertools.pairwise(sorted(times)))
    windows = sorted((min(first + after, again), first - before, name) for first, again, name in pairs)
    for end, start, name in windows:  # That which ends first takes the first kill it can: so most find one.
        kill = next((kill for kill, room in left.items() if room and start <= kill <= end), None)
        if kill is None:
            yield name
        else:
            left[kill] -= 1


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
    for event in repeated_unasked(journal.kills, times, **webhooks_under_way):
        yield f"the event {event} came again though no kill cut its record short, or too many like it"
    for event, came in times.items():
        if any(again - first < apart_min_s for first, again in zip(sorted(came), sorted(came)[1:])):
            yield f"the event {event} came again within its delivery's lease"
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
