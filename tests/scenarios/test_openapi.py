"""The OpenAPI document: the committed one is the served one, and schemathesis finds the binary true to it."""

import os
import pathlib
import subprocess
import sys

import yaml

from shop import Souk, wait_for

root = pathlib.Path(__file__).resolve().parent.parent.parent


def test_the_committed_document_is_the_served_one(souk):
    committed = yaml.safe_load((root / "docs/api/openapi.yaml").read_text())
    assert committed == souk.http.get("/openapi.json").json(), "run tools/openapi.py BINARY"


def test_every_operation_names_an_audience(souk):
    paths = souk.http.get("/openapi.json").json()["paths"]
    operations = [op for path in paths.values() for op in path.values()]
    assert len(operations) > 80
    assert all(op["x-audience"] for op in operations)
    assert len({op["operationId"] for op in operations}) == len(operations)


def test_answers_name_the_headers_that_they_carry(souk):
    document = souk.http.get("/openapi.json").json()
    answers = document["paths"]["/v1/stores/{store}/orders"]["post"]["responses"]
    assert {"ETag", "Idempotent-Replayed", "Location"} <= answers["201"]["headers"].keys()
    assert answers["429"]["headers"].keys() == {"RateLimit", "RateLimit-Policy", "Retry-After"}
    assert "ETag" in document["paths"]["/v1/stores/{store}/carts/{cart}"]["get"]["responses"]["304"]["headers"]
    for path in document["paths"].values():
        for operation in path.values():
            for answer in operation["responses"].values():
                for header in answer.get("headers", {}).values():
                    assert header["$ref"].removeprefix("#/components/headers/") in document["components"]["headers"]


def test_schemathesis_finds_no_fault(tmp_path):
    with Souk(tmp_path) as souk:
        store = souk.new_store(slug="shop")
        sku = store.product(stock=100)
        order = store.buy(sku)
        hooks = f"""
import schemathesis

known = {{
    "store": "shop", "sku": "{sku}", "order": "{order['id']}", "product": "{store.product_id(sku)}",
}}


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    # Half of the cases reach something that exists.
    if path_parameters and len(str(path_parameters)) % 2 == 0:
        return {{name: known.get(name, value) for name, value in path_parameters.items()}}
    if path_parameters and "store" in path_parameters:
        return path_parameters | {{"store": "shop"}}
    return path_parameters
"""
        (tmp_path / "hooks.py").write_text(hooks)
        # Every refusal counts as one, those of the HTTP server itself (413, 414, 431) among them.
        (tmp_path / "schemathesis.toml").write_text(
            '[checks]\nnegative_data_rejection.expected-statuses = ["4xx"]\n'
        )
        tool = pathlib.Path(sys.executable).parent / "schemathesis"
        checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,negative_data_rejection"
        # One worker: with more, Python 3.11's parser now and then loses count of its recursion ("AST constructor …").
        done = subprocess.run(
            [
                tool, "run", f"{souk.url}/openapi.json", "--phases", "examples,coverage,fuzzing", "--checks", checks,
                "--max-examples", "10", "--seed", "1",
                "--header", f"Authorization: {store.owner['Authorization']}", "--request-timeout", "30",
            ],
            env=os.environ | {"SCHEMATHESIS_HOOKS": "hooks"}, cwd=tmp_path, capture_output=True, text=True, timeout=550,
        )  # fmt: skip
        assert done.returncode == 0, "\n".join(line[:300] for line in (done.stdout + done.stderr).splitlines()[-150:])
        assert wait_for(souk.ready)
