"""What the webhooks of one store do to those of another: nothing that anybody would notice."""

from shop import wait_for
from test_webhooks import Receiver, hook, receiver  # noqa: F401 (a fixture)


def hanging(souk, count, seconds):
    """A store with endpoints that take so long to answer, and what to close."""
    store = souk.new_store()
    receivers = [Receiver() for _ in range(count)]
    for receiver in receivers:
        receiver.patience = seconds
        receiver.gate.clear()
    return store, receivers


def let_go(receivers):
    for receiver in receivers:
        receiver.gate.set()
        receiver.close()


def test_endpoints_that_hang_hold_up_no_other_store(own_souk, receiver):
    theirs, receivers = hanging(own_souk, 3, 20)
    try:
        mine = own_souk.new_store()
        made = hook(mine, receiver, ["souk.product.published.v1"])
        receiver.status = 500
        mine.product()
        wait_for(lambda: receiver.got)
        receiver.status = 200
        for one in [hook(theirs, one, ["souk.order.placed.v1"]) for one in receivers] * 2:
            theirs.call("POST", f"/webhooks/{one['id']}/test", 202, headers=theirs.owner)
        wait_for(lambda: sum(len(one.got) for one in receivers) >= 3)
        mine.call("POST", f"/webhooks/{made['id']}/test", 202, headers=mine.owner)
        # It had been half a minute.
        wait_for(lambda: "souk.webhook.test.v1" in receiver.events(), 10)
        wait_for(lambda: receiver.events().count("souk.product.published.v1") == 2, 15)
    finally:
        let_go(receivers)


def test_an_endpoint_that_takes_its_time_holds_up_no_other_store(own_souk, receiver):
    theirs, receivers = hanging(own_souk, 1, 10)
    try:
        mine = own_souk.new_store()
        hook(mine, receiver, ["souk.product.published.v1"])
        hook(theirs, receivers[0], ["souk.product.published.v1"])
        for _ in range(12):
            theirs.product()
        mine.product()
        wait_for(lambda: receiver.got, 6)  # It had been nine seconds and a half.
    finally:
        let_go(receivers)
