"""A webhook goes to the public Internet or nowhere, whatever its URL, its name server and its receiver say.

The server runs on a network of its own (island.py), on which the forbidden addresses answer: were one called, it would be seen.
"""

import dataclasses
import datetime

import pytest

import island
from certificates import write_server_files
from shop import Souk, key, next_name, wait_for

pytestmark = pytest.mark.skipif(not island.is_allowed(), reason="this machine allows no network namespaces")

public, public_six = "198.41.0.4", "2606:4700:4700::1111"
answering = [
    "10.1.2.3", "172.16.5.5", "192.168.7.7", "169.254.169.254", "100.64.1.1", "198.18.0.9", "fd00::5", "64:ff9b::7f00:1", "2002:7f00:1::",
]  # fmt: skip
not_public = "The URL's host has an address that is not on the public Internet."
names_that_lead_inside = {
    "loopback": ["127.0.0.1"], "loopback-too": ["127.8.8.8"], "loopback-six": ["::1"], "metadata": ["169.254.169.254"],
    "ten": ["10.1.2.3"], "seventeen": ["172.16.5.5"], "nineteen": ["192.168.7.7"], "carrier": ["100.64.1.1"],
    "benchmark": ["198.18.0.9"], "local-six": ["fd00::5"], "link-six": ["fe80::5"], "mapped": ["::ffff:127.0.0.1"],
    "mapped-metadata": ["::ffff:169.254.169.254"], "compatible": ["::127.0.0.1"], "nat": ["64:ff9b::7f00:1"],
    "nat-local": ["64:ff9b:1::7f00:1"], "tunnel": ["2002:7f00:1::"], "teredo": ["2001:0:7f00:1::"], "nothing": ["0.0.0.0"],
    "nothing-six": ["::"], "many": ["224.0.0.1"], "many-six": ["ff02::1"], "all": ["255.255.255.255"],
    "mixed": [public, "127.0.0.1"], "mixed-first": ["127.0.0.1", public], "mixed-families": [public, "::1"],
    "mixed-six": [public_six, "10.1.2.3"], "last-of-many": [public] * 20 + ["10.1.2.3"], "alias": ["inner.hooks.test", "127.0.0.1"],
}  # fmt: skip
seen_by_the_catcher = {
    name for name, answer in names_that_lead_inside.items() if len(answer) == 1 and {*answer} & {*answering, "127.0.0.1", "::1"}
}


def is_settled(delivery):
    """Whether no attempt is under way: that has a lease of a minute, the first retry comes after five seconds."""
    if delivery["status"] == "delivered":
        return True
    last, due = (datetime.datetime.fromisoformat(delivery[at]) for at in ("last_attempt_at", "next_attempt_at"))
    return bool(delivery["reason"]) and due - last < datetime.timedelta(seconds=30)


@dataclasses.dataclass
class World:
    souk: Souk
    names: island.Names
    secure: island.Catcher  # Port 443, with a certificate for *.hooks.test.
    plain: island.Catcher  # Port 8080.
    folder: object
    made: list = dataclasses.field(default_factory=list)

    def connections(self):
        return self.secure.taken() + self.plain.taken()

    def hooks(self, urls):
        """A webhook for each URL: in as many stores as that takes."""
        made, store = [], None
        for i, url in enumerate(urls):
            store = store if i % 20 else self.souk.new_store()
            body = {"url": url, "events": ["souk.product.published.v1"]}
            answer = store.call("POST", "/webhooks", 201, json=body, headers=store.owner | key())
            made.append((store, answer.json()["id"]))
        self.made += made
        return made

    def forget(self):
        """Takes the webhooks away, before what failed is tried again in the middle of another test."""
        for store, hook in self.made:
            store.call("DELETE", f"/webhooks/{hook}", 204, headers=store.owner)
        self.made.clear()
        self.connections()

    def attempted(self, hooks, before=0):
        """The newest delivery of each once it was attempted more than `before` times."""

        def settled():
            lists = [store.get(f"/webhooks/{hook}/deliveries", headers=store.owner)["items"] for store, hook in hooks]
            newest = [deliveries[0] for deliveries in lists if deliveries]  # An event's come a little after it.
            done = len(newest) == len(hooks) and all(d["attempts"] > before and is_settled(d) for d in newest)
            return newest if done else None

        return wait_for(settled, 30, 0.1)

    def tested(self, urls):
        hooks = self.hooks(urls)
        for store, hook in hooks:
            store.call("POST", f"/webhooks/{hook}/test", 202, headers=store.owner)
        return self.attempted(hooks)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("island")
    write_server_files(folder, "*.hooks.test", public)
    with island.own_network([public, public_six, *answering]):
        context = island.server_context(folder / "server.pem", folder / "server.key")
        names, secure, plain = island.Names(), island.Catcher(443, context), island.Catcher(8080)
        names.say("good.hooks.test", [public])
        for name, answer in names_that_lead_inside.items():
            names.say(f"{name}.hooks.test", answer)
        with started(folder / "souk") as souk:
            yield World(souk, names, secure, plain, folder)
        for each in (names, secure, plain):
            each.close()


@pytest.fixture(autouse=True)
def clean(world):
    world.connections()
    yield
    world.forget()


def started(folder, **settings):
    """A souk as a shop would run it: webhooks to the public Internet alone."""
    folder.mkdir()
    settings = {"SOUK_WEBHOOKS_ALLOW_PRIVATE": "false", "SOUK_WEBHOOKS_CA_FILE": folder.parent / "ca.pem"} | settings
    made = Souk(folder, **settings)
    made.launcher = island.launcher(folder)
    return made


def urls_of(names):
    return [f"https://{name}.hooks.test/hook" for name in names]


def test_what_would_be_called_would_be_seen(world):
    """With the operator's leave the forbidden addresses are called: the refusals below prove something."""
    reachable = sorted(seen_by_the_catcher)
    with started(world.folder / "open", SOUK_WEBHOOKS_ALLOW_PRIVATE="true") as souk:
        done = dataclasses.replace(world, souk=souk, made=[]).tested(urls_of(reachable))
    assert [d["status"] for d in done] == ["delivered"] * len(reachable)
    assert sorted(world.connections()) == sorted(names_that_lead_inside[name][0] for name in reachable)


def test_a_public_name_is_called_at_the_address_that_was_looked_up_once(world):
    world.names.say("once.hooks.test", [public])
    world.names.say("six.hooks.test", [public_six])
    done = world.tested(urls_of(["once", "six"]))
    assert [d["status"] for d in done] == ["delivered", "delivered"]
    assert sorted(world.connections()) == sorted([public, public_six])
    assert world.names.questions("once.hooks.test") == 1


def test_a_name_that_leads_inside_is_not_called(world):
    world.names.asked.clear()
    done = world.tested(urls_of(names_that_lead_inside))
    told = {name: (d["status"], d["reason"]) for name, d in zip(names_that_lead_inside, done, strict=True)}
    assert told == {name: ("pending", not_public) for name in names_that_lead_inside}
    assert world.connections() == []
    assert {name for name in names_that_lead_inside if not world.names.questions(f"{name}.hooks.test")} == set()


def redelivered(world, store, hook, delivery):
    store.call("POST", f"/webhooks/{hook}/deliveries/{delivery['id']}/redeliver", 202, headers=store.owner)
    return world.attempted([(store, hook)], delivery["attempts"])[0]


@pytest.mark.parametrize("inside", ["169.254.169.254", "::1"])
def test_a_name_that_changes_between_check_and_connect_gains_nothing(world, inside):
    """The first answer is public, every later one is not: had the name been asked twice in an attempt, the second would count."""
    name = next_name("turning") + ".hooks.test"
    world.names.say(name, [public], [inside])
    (store, hook), = world.hooks([f"https://{name}/"])
    assert world.names.questions(name) == 0, "adding a webhook asks no name server"
    store.call("POST", f"/webhooks/{hook}/test", 202, headers=store.owner)
    first = world.attempted([(store, hook)])[0]
    assert first["status"] == "delivered" and world.connections() == [public]
    assert world.names.questions(name, island.a_record) == world.names.questions(name, island.aaaa_record) == 1
    second = redelivered(world, store, hook, first)
    assert second["reason"] == not_public and world.connections() == []
    world.names.say(name, [public])
    assert redelivered(world, store, hook, second)["status"] == "delivered"
    assert world.connections() == [public]


def test_an_event_goes_the_same_way_as_a_test(world):
    name = next_name("event") + ".hooks.test"
    world.names.say(name, [public], [public, "127.0.0.1"])
    (store, hook), = world.hooks([f"https://{name}/"])
    store.product()
    assert world.attempted([(store, hook)])[0]["status"] == "delivered"
    assert world.connections() == [public]
    store.product()
    deliveries = wait_for(lambda: two(store.get(f"/webhooks/{hook}/deliveries", headers=store.owner)["items"]))
    assert {d["reason"] for d in deliveries} == {None, not_public}
    assert world.connections() == []


def two(deliveries):
    return deliveries if len(deliveries) == 2 and all(is_settled(d) for d in deliveries) else None


def redirect(status, location):
    told = f"Location: {location}\r\nRefresh: 0; url={location}\r\n"
    return f"HTTP/1.1 {status} X\r\n{told}Content-Length: 12\r\n\r\ninner secret".encode()


def test_redirects_are_not_followed_and_their_words_not_shown(world):
    """Inside, outside or to the same host: none, so that no second address has to be checked."""
    places = ("http://127.0.0.1:8080/", "https://169.254.169.254/latest/", "https://[::1]/", "//10.1.2.3/", "https://good.hooks.test/")
    answers = {
        f"/{status}/{i}": redirect(status, place) for status in (301, 302, 303, 307, 308) for i, place in enumerate(places)
    }
    world.secure.answers = answers
    done = world.tested([f"https://good.hooks.test{path}" for path in answers])
    expected = [f"The endpoint answered {path[1:4]}; redirects are not followed." for path in answers]
    assert [d["reason"] for d in done] == expected
    assert world.connections() == [public] * len(answers)
    assert "inner secret" not in str(done) and "169.254" not in str(done)


def test_a_receiver_that_cannot_prove_its_name_is_told_nothing(world):
    world.names.say("other.example.test", [public])
    done = world.tested(["https://other.example.test/"])
    assert done[0]["status"] == "pending" and "TLS" in done[0]["reason"]
    assert world.secure.requests == [] and world.connections() == [public]


def test_a_name_server_without_a_good_answer_ends_the_attempt(world):
    world.names.say("silent.hooks.test", None)
    world.names.say("empty.hooks.test", [])
    done = world.tested(urls_of(["silent", "empty", "missing"]))
    assert [d["reason"].split(" named ")[0] for d in done] == ["There is no host"] * 3
    assert world.connections() == []


def test_the_machines_own_name_services_have_no_say(tmp_path, world):
    """A static program must not load them: those of another libc could do anything."""
    souk = Souk(tmp_path, SOUK_WEBHOOKS_ALLOW_PRIVATE="false", SOUK_WEBHOOKS_CA_FILE=world.folder / "ca.pem")
    souk.launcher = island.launcher(tmp_path, "no_such_service [!UNAVAIL=return UNAVAIL=return] files dns")
    with souk:
        done = dataclasses.replace(world, souk=souk, made=[]).tested(urls_of(["good"]))
    assert done[0]["status"] == "delivered", done


refused = [
    "https://127.0.0.1/", "https://127.0.0.1:8443/", "https://127.1/", "https://127.0.1/", "https://2130706433/", "https://0x7f000001/",
    "https://0x7f.0.0.1/", "https://0X7F.1/", "https://0177.0.0.1/", "https://017700000001/", "https://127.0.0.01/", "https://0/",
    "https://0.0.0.0/", "https://0.0.0.0.:8443/", "https://169.254.169.254/latest/meta-data/", "https://2852039166/",
    "https://0xa9fea9fe/", "https://0251.0376.0251.0376/", "https://10.0.0.1/", "https://172.16.0.1/", "https://172.31.255.255/",
    "https://192.168.0.1/", "https://100.64.0.1/", "https://198.18.0.1/", "https://192.0.2.1/", "https://224.0.0.1/",
    "https://240.0.0.1/", "https://255.255.255.255/", "https://256.0.0.1/", "https://1.2.3/", "https://4294967296/",
    "https://[::]/", "https://[::1]/", "https://[0:0:0:0:0:0:0:1]/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/",
    "https://[::ffff:169.254.169.254]/", "https://[::127.0.0.1]/", "https://[::ffff:0:127.0.0.1]/", "https://[64:ff9b::127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/", "https://[64:ff9b:1::7f00:1]/", "https://[2002:7f00:1::]/", "https://[2002:a9fe:a9fe::]/",
    "https://[2001:0:7f00:1::]/", "https://[2001:db8::1]/", "https://[fe80::1]/", "https://[fe80::1%25lo]/", "https://[fe80::1%lo]/",
    "https://[fc00::1]/", "https://[fd00::1]/", "https://[fdff:ffff::1]/", "https://[fec0::1]/", "https://[ff02::1]/", "https://[100::1]/",
    "https://localhost/", "https://LOCALHOST./", "https://x.localhost/", "https://intranet/", "https://metadata.google.internal/",
    "https://printer.local/", "https://nas.home.arpa/", "https://router.lan/",
    "https://good.hooks.test@127.0.0.1/", "https://127.0.0.1@good.hooks.test/", "https://a:b@good.hooks.test/",
    "https://good.hooks.test:443@127.0.0.1/", "https://good.hooks.test\\@127.0.0.1/", "https://good.hooks.test%40127.0.0.1/",
    "https://@good.hooks.test/", "https://:@good.hooks.test/",
    "https://good.hooks.test:22/", "https://good.hooks.test:25/", "https://good.hooks.test:1023/", "https://good.hooks.test:0/",
    "https://good.hooks.test:65979/", "https://good.hooks.test:443x/", "https://good.hooks.test:+443/", "https://good.hooks.test: 443/",
    "https://good.hooks.test:/", "https://good.hooks.test:443:22/",
    "https://①②⑦.⓪.⓪.①/", "https://127。0。0。1/", "https://%31%32%37.0.0.1/", "https://127.0.0.1%00.hooks.test/",
    "https://127.0.0.1%2f.hooks.test/", "https://good.hooks.test\r\nX: y/", "https://good.hooks.test\t/", "https://good.hooks.test\0/",
    "https://127.0.0.1 .hooks.test/", "https://[::1].hooks.test/", "https://[::1", "https://::1/", "https://[127.0.0.1]/",
    "https:127.0.0.1", "https:/127.0.0.1/", "https:///127.0.0.1/", "https://", "//127.0.0.1/", "127.0.0.1", "",
    "http://good.hooks.test/", "ftp://good.hooks.test/", "file:///etc/passwd", "gopher://127.0.0.1:6379/_INFO", "javascript:alert(1)",
    "unix:///run/souk", "https+unix://x/", " https://good.hooks.test/",
]  # fmt: skip


def test_a_url_that_leads_inside_is_not_taken(world):
    (store, hook), = world.hooks(["https://good.hooks.test/"])
    before = store.get("/webhooks", headers=store.owner)
    taken = []
    for url in refused:
        for method, path in (("POST", "/webhooks"), ("PATCH", f"/webhooks/{hook}")):
            answer = store.call(method, path, json={"url": url}, headers=store.owner | key())
            if answer.status_code != 422 or {e["pointer"] for e in answer.json()["errors"]} != {"/url"}:
                taken.append((method, url, answer.text))
    assert taken == []
    assert store.get("/webhooks", headers=store.owner) == before


def test_a_public_url_is_taken_however_it_is_spelled(world):
    world.hooks(
        [
            "https://good.hooks.test", "HTTPS://Good.Hooks.Test./x?y#z", "https://good.hooks.test:8443/", "https://8.8.8.8/",
            "https://[2606:4700:4700::1111]:8443/", "https://[::ffff:8.8.8.8]/", "https://good.hooks.test/@127.0.0.1/",
            "https://good.hooks.test/?u=http://127.0.0.1/", "https://good.hooks.test#@127.0.0.1/",
        ]
    )  # fmt: skip


def test_nothing_else_that_strangers_write_makes_the_server_call_anyone(world):
    """Images in an import, addresses of a store: kept, never fetched."""
    store = world.souk.new_store(domains=["domain.hooks.test"])
    rows = "Handle,Title,Variant SKU,Variant Price,Image Src\n" + "h,H,H-1,1.00,https://image.hooks.test/a.png\n"
    started = store.call("POST", "/imports", 202, content=rows, headers=store.owner | {"Content-Type": "text/csv"}).json()
    done = wait_for(lambda: ended(store.get(f"/imports/{started['id']}", headers=store.owner)))
    assert done["products_created"] == 1, done
    assert "https://image.hooks.test/a.png" in store.call("GET", "/products/h", 200, headers=store.owner).text
    assert not [name for name, _ in world.names.asked if name.startswith(("image.", "domain."))]
    assert world.connections() == []


def ended(import_):
    return import_ if import_["status"] in ("completed", "failed") else None
