"""Every route x every principal x another store's ids: 401, 403 or 404 as the table says, and nothing written."""

import contextlib
import copy
import pathlib
import re

import httpx
import pytest
import yaml

import matrix
from shop import key
from world import as_png, at_rest, ids_of_nothing, journal, nothing_written, png, told

committed = yaml.safe_load((pathlib.Path(__file__).resolve().parents[2] / "docs/api/openapi.yaml").read_text())


@pytest.fixture
def quiet(world, request):
    """Whatever the test asks is refused, so that not one byte may be written."""
    case = getattr(request.node, "callspec", None) and request.node.callspec.params.get("case")
    with contextlib.nullcontext() if case and case.writes else nothing_written(world.souk):
        yield
    if case and case.writes:
        at_rest(world.souk, 0.2)


every_case = pytest.mark.parametrize("case", matrix.cases, ids=lambda case: case.operation)


def test_the_matrix_has_every_route_as_the_documents_say(souk):
    assert matrix.differences(committed) == []
    assert matrix.differences(souk.http.get("/openapi.json").json()) == []
    assert len(matrix.cases) == len(matrix.by_operation)
    assert matrix.references(committed) == matrix.bodies.keys()


def test_a_route_that_the_matrix_lacks_or_knows_otherwise_fails_it():
    """The guard's own fixtures."""
    document = copy.deepcopy(committed)
    paths = document["paths"]
    paths["/v1/new"] = {"post": {"x-audience": "staff", "parameters": []}}
    assert matrix.differences(document) == ["not attacked: POST /v1/new"]
    del paths["/v1/new"], paths["/v1/me"]
    assert matrix.differences(document) == ["no longer there: GET /v1/me"]
    document = copy.deepcopy(committed)
    document["paths"]["/v1/stores/{store}"]["patch"]["x-audience"] = "customer staff"
    assert len(matrix.differences(document)) == 1
    document = copy.deepcopy(committed)
    document["paths"]["/v1/stores/{store}"]["patch"]["x-permission"] = "store:read"
    assert len(matrix.differences(document)) == 1


@pytest.mark.parametrize(
    ("pointer", "member"),
    [
        ("/coupon_id", {"coupon_id": {"type": "string"}}), ("/coupon", {"coupon": {"type": "string", "pattern": "^cpn_[0-9]{26}$"}}),
        ("/gifts/*/sku", {"gifts": {"type": "array", "items": {"type": "object", "properties": {"sku": {"type": "string"}}}}}),
    ],
)  # fmt: skip
def test_a_member_that_names_something_and_is_not_attacked_fails_the_matrix(pointer, member):
    document = copy.deepcopy(committed)
    operation = document["paths"]["/v1/stores/{store}/carts/{cart}"]["patch"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema
    schema["properties"] |= member
    operation["parameters"].append({"in": "query", "name": "owner", "schema": {"type": "string"}})
    new = matrix.references(document) - matrix.bodies.keys()
    assert new == {("PATCH /v1/stores/{store}/carts/{cart}", at) for at in (pointer, "?owner")}


def test_a_write_of_any_kind_would_be_seen(world):
    """Else "nothing was written" below would prove nothing."""
    b = world.stores["b"]
    writes = [
        lambda: b.store.call("PATCH", "", 200, json={"name": "Renamed"}, headers=b.store.owner),
        lambda: b.store.call("POST", "/carts", 201, headers=key()),
        lambda: b.store.call("POST", "/auth/forgot-password", 202, json={"email": "nobody@example.com"}),
        lambda: b.store.call("PATCH", "/me", 200, json={"name": "New"}, headers=b.ada),
    ]
    for write in writes:
        at_rest(world.souk, 0.3)
        before = journal(world.souk)
        write()
        assert journal(world.souk) != before
    at_rest(world.souk)


def test_a_mail_and_a_picture_would_be_seen(world):
    """They are in no table."""
    at_rest(world.souk, 0.3)
    for folder, name in (("outbox", "x.eml"), ("media", f"{world.stores['a'].store.id}/x.png")):
        with pytest.raises(AssertionError, match="something was written"), nothing_written(world.souk):
            (world.souk.data / folder / name).touch()
        (world.souk.data / folder / name).unlink()
    assert len(world.souk.mails()) > 5 and world.stores["a"].ids["object"] in str(journal(world.souk).keys())


def test_answers_that_differ_in_anything_but_their_own_are_told_apart():
    def answer(own="1", shared="1", **more):
        headers = {"X-Request-Id": own, "ETag": shared} | more
        return told(httpx.Response(404, headers=headers, json={"request_id": own, "code": "x"}))

    assert answer() == answer(own="2")
    assert len({str(each) for each in (answer(), answer(shared="2"), answer(Location="/"), answer(RateLimit="1"))}) == 4


def test_no_method_is_served_that_the_matrix_lacks(world, quiet):
    methods = {"GET", "POST", "PUT", "PATCH", "DELETE"}
    owner, served = world.principal("owner of b"), []
    for path in committed["paths"]:
        known = {case.method for case in matrix.cases if case.path == path}
        for method in [*methods - known, "TRACE", "CONNECT", "PROPFIND"]:
            answer = world.souk.http.request(method, path.format(**world.ids("b", "b")), headers=world.headers[owner])
            allowed = {name.strip() for name in answer.headers.get("Allow", "").split(",")}
            if answer.status_code != 405 or allowed - {"OPTIONS", "HEAD"} != known:
                served.append((method, path, answer.status_code, allowed))
    assert served == []


@every_case
def test_strangers_at_a_store_find_its_doors_closed(world, quiet, case):
    assert world.attack(case, "a", "a", [who for who in world.headers if not who.at("a")]) == []


@every_case
def test_the_ids_of_another_store_lead_nowhere(world, quiet, case):
    assert world.attack(case, "b", "a", world.headers) == []


@every_case
def test_one_foreign_id_beside_ones_own_leads_nowhere_either(world, quiet, case):
    """Where a path has two, the first one's 404 would hide that the second is looked up in any store."""
    names = [name for name in re.findall(r"\{(\w+)\}", case.path) if name != "store"]
    for foreign in names if len(names) > 1 else ():
        ids = world.ids("b", "b") | {foreign: world.stores["a"].ids[foreign]}
        assert world.attack(case, "b", "a", world.headers, ids) == [], foreign


@every_case
def test_another_customer_of_the_store_is_a_stranger_too(world, quiet, case):
    assert world.attack(case, "a", "a", [world.principal("customer of a")]) == []


@every_case
def test_what_is_elsewhere_and_what_is_nowhere_answer_alike(world, quiet, case):
    if not ("{store}" in case.path and case.names_something):
        return
    for who in world.headers:
        if who.at("b"):
            elsewhere = world.ask(case, who, world.ids("b", "a"))
            nothing = world.ask(case, who, world.ids("b", "a") | ids_of_nothing())
            assert told(elsewhere) == told(nothing), who.name


@every_case
def test_a_suspended_store_serves_only_its_staff_who_read(world, quiet, case):
    if not case.of_store or case.path == "/v1/stores/{store}":
        return
    for who, home in [(w, w.home) for w in world.headers if w.home in ("", "c")]:
        refused = matrix.verdict(case, who, "c")
        if not refused and who.kind == "staff" and not home and case.method == "GET":
            continue  # test_a_suspended_store_is_closed_to_the_staff_of_others
        reads = who.kind in ("staff", "key") and home == "c" and case.method == "GET"
        answer = world.ask(case, who, world.ids("c", "a"))
        want = refused or (matrix.expected(case, who, "c", "a") if reads else 403)
        assert answer.status_code == want, (who.name, answer.text)
        if not refused and not reads:
            assert answer.json()["code"] == "store_suspended", who.name


def test_a_suspended_store_is_closed_to_the_staff_of_others(world, quiet):
    others = [who for who in world.headers if who.kind == "staff" and not who.at("c")]
    ids = world.ids("c", "c")
    wrong = []
    for case in matrix.cases:
        if case.of_store and case.path != "/v1/stores/{store}" and case.method == "GET" and case.audience == "anyone":
            wrong += [(who.name, case.operation) for who in others if world.ask(case, who, ids).status_code != 403]
    assert wrong == []


def asked_with(world, operation, pointer, foreign):
    """The answer when the body or the query names what `foreign` does; the ids in the path are the asker's own."""
    make, status, who = matrix.bodies[operation, pointer]
    method, path = operation.split(" ")
    path, said = path.format(**world.ids("b", "b")), make(foreign)
    # What is answered with a success is kept under its Idempotency-Key, and that is a write.
    headers = world.headers_of(who) | (key() if method == "POST" and status >= 400 else {})
    query = pointer.startswith("?")
    return world.souk.http.request(method, path, headers=headers, **{"params" if query else "json": said})


@pytest.mark.parametrize(("operation", "pointer"), sorted(matrix.bodies))
def test_what_a_body_or_query_names_of_another_store_is_nowhere(world, quiet, operation, pointer):
    status = matrix.bodies[operation, pointer][1]
    elsewhere = asked_with(world, operation, pointer, world.stores["a"].ids)
    assert elsewhere.status_code == status, elsewhere.text
    if status == 200 and "items" in elsewhere.json():
        assert elsewhere.json()["items"] == []
    assert told(elsewhere) == told(asked_with(world, operation, pointer, ids_of_nothing()))


def test_an_upload_address_takes_its_own_picture_and_nothing_else(world, quiet):
    """A real signature of store a: at another of its places, at another store's, and for what it was not made for."""
    a, b = world.stores["a"].ids, world.stores["b"].ids
    at, query = "/media/{store_id}/{object}.png".format(**a), a["upload"]
    others = (("object", ids_of_nothing()), ("object", b), ("store_id", b), ("store_id", {"store_id": a["store"]}))
    places = [at.replace(a[name], ids[name]) for name, ids in others]
    places += ["/media/{store_id}/{object}.png".format(**b), at.replace(".png", ".jpg")]
    queries = [re.sub(f"(?<={name}=)\\d+", lambda n: str(int(n[0]) + 1), query) for name in ("size", "expires")]
    queries += [query.replace("png", "jpeg"), b["upload"], ""]
    wrong = {f"{place}?{query}" for place in places} | {f"{at}?{other}" for other in queries}
    assert len(wrong) == len(places) + len(queries) and f"{at}?{query}" not in wrong
    for who in ({}, world.stores["a"].store.owner, world.stores["b"].store.owner):

        def put(path, content=png, who=who):
            return world.souk.http.put(path, content=content, headers=who | as_png).status_code

        assert {path: put(path) for path in wrong} == dict.fromkeys(wrong, 403)
        # At its own place it is taken again, since the first answer may have been lost, but not for another picture.
        assert put(f"{at}?{query}") == 204
        assert put(f"{at}?{query}", png[:-1] + b"1") == 409
    assert world.souk.http.get(at).content == png


def readers(case, victim):
    """Whose list it is: the headers of someone who may read it in that store."""
    return victim.ada if case.audience == "customer" else victim.store.owner


@pytest.mark.parametrize(
    "case",
    [
        case for case in matrix.cases
        if case.method == "GET" and not case.path.startswith("/v1/admin")
        and any(p["name"] == "cursor" for p in committed["paths"][case.path]["get"]["parameters"])
    ],
    ids=lambda case: case.operation,
)  # fmt: skip
def test_a_cursor_of_another_store_or_person_is_refused(world, quiet, case):
    a, b = world.stores["a"], world.stores["b"]
    theirs = world.souk.http.get(case.path.format(**a.ids) + "?limit=1", headers=readers(case, a))
    cursor = theirs.json()["next_cursor"]
    assert cursor, f"{theirs.text}: this list needs two items to have a cursor"
    mine = world.souk.http.get(case.path.format(**b.ids) + f"?limit=1&cursor={cursor}", headers=readers(case, b))
    assert mine.status_code == 400, mine.text
    if case.audience == "customer":
        other = world.headers[world.principal("customer of a")]
        answer = world.souk.http.get(case.path.format(**a.ids) + f"?limit=1&cursor={cursor}", headers=other)
        assert answer.status_code == 400, answer.text


def test_the_order_token_of_another_order_opens_nothing(world):
    store, other = world.souk.new_store(), world.souk.new_store()
    mine, theirs = store.buy(store.product(stock=1)), other.buy(other.product(stock=1))
    for path in (f"/orders/{theirs['id']}",):
        for shop in (store, other):
            assert shop.call("GET", path, headers={"X-Order-Token": mine["token"]}).status_code == 404
    assert other.call("GET", f"/orders/{theirs['id']}", headers={"X-Order-Token": theirs["token"]}).status_code == 200
    at_rest(world.souk)


def test_after_all_that_the_victim_is_as_it_was(world):
    """Seen from outside as well, by whoever may look."""
    assert world.stores["a"].rows() == world.seen
