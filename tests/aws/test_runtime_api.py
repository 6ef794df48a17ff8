"""Our runtime loop under AWS's Runtime Interface Emulator.

SOUK_ECHO_BOOTSTRAP names the built tests/adapters/lambda_runtime/echo_bootstrap.cc, which does as its event says.
"""

import json
import os
import pathlib
import sys
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import rie  # noqa: E402

bootstrap = os.environ.get("SOUK_ECHO_BOOTSTRAP")
pytestmark = pytest.mark.skipif(not bootstrap, reason="SOUK_ECHO_BOOTSTRAP does not name the built echo_bootstrap")

payload_max = 6 * 1024 * 1024


@pytest.fixture(scope="module")
def echo():
    with rie.function(bootstrap) as running:
        yield running


def eventually(found):
    """What `found` returns once that is something; the emulator passes the function's output on when it likes."""
    end = time.monotonic() + 30
    while not (value := found()) and time.monotonic() < end:
        time.sleep(0.02)
    assert value
    return value


def http_event(**members) -> dict:
    return {
        "version": "2.0",
        "routeKey": "POST /v1/stores/{store}/carts",
        "rawPath": "/v1/stores/a/b/carts",
        "rawQueryString": "x=%2F",
        "headers": {"content-type": "application/x-www-form-urlencoded"},
        "requestContext": {"http": {"method": "POST", "sourceIp": "203.0.113.7"}, "stage": "$default"},
        "pathParameters": {"store": "a/b"},
        "body": "YT0x",
        "isBase64Encoded": True,
    } | members


def test_echoes_an_event(echo):
    event = {"do": "echo", "text": "Tee für 2 €\n😀", "list": [1, None, True]}
    assert echo.invoke(event) == event


def test_serves_one_invocation_after_the_other(echo):
    for number in range(20):
        assert echo.invoke({"number": number}) == {"number": number}


def test_tells_a_handler_of_its_invocation(echo):
    before = time.time() * 1000
    said = echo.invoke({"do": "context"}, X_Amzn_RequestId="my-own-id")
    assert said["id"] == "my-own-id"
    assert said["arn"].startswith("arn:aws:lambda:")
    # The emulator traces nothing (its tracer is NoOpTracer), whatever X-Amzn-Trace-Id it was sent.
    assert [said["trace"], said["trace_of_calls"], said["trace_variable"]] == ["", "", ""]
    # Without a setting the emulator gives 300 seconds; half a second of them is kept back.
    assert before + 250_000 < said["deadline_ms"] < before + 350_000
    assert said["work_until_ms"] == said["deadline_ms"] - 500


def test_reports_what_a_handler_refuses_and_goes_on(echo):
    assert echo.invoke({"do": "fail"}) == {
        "errorMessage": "It was told to fail.",
        "errorType": "Function.EchoRefused",
        "stackTrace": [],
    }
    assert echo.invoke({"still": "here"}) == {"still": "here"}


def test_reports_what_a_handler_throws_and_goes_on(echo):
    assert echo.invoke({"do": "throw"})["errorMessage"] == "It was told to throw."
    assert echo.invoke({"still": "here"}) == {"still": "here"}


def test_serves_an_http_api(echo):
    result = echo.invoke(http_event())
    assert result["statusCode"] == 200
    assert result["headers"]["Content-Type"] == "application/json"
    assert result["isBase64Encoded"] is False
    assert json.loads(result["body"]) == {
        "method": "POST",
        "path": "/v1/stores/a%2Fb/carts",
        "query": "x=%2F",
        "peer": "203.0.113.7",
        "body": "a=1",
    }


def test_gives_the_largest_answer_that_lambda_takes(echo):
    assert len(echo.raw(json.dumps({"do": "answer", "bytes": payload_max}).encode())) == payload_max


def test_turns_a_larger_answer_into_an_error_and_goes_on(echo):
    said = echo.invoke({"do": "answer", "bytes": payload_max + 1})
    assert said["errorType"] == "Function.ResponseSizeTooLarge"
    assert echo.invoke({"still": "here"}) == {"still": "here"}


def test_turns_a_larger_http_answer_into_413(echo):
    # Each quote of the body becomes six characters: escaped by the mirror, and again in the result.
    result = echo.invoke(http_event(body='"' * (payload_max // 3), isBase64Encoded=False))
    assert result["statusCode"] == 413


def test_takes_the_largest_event(echo):
    event = json.dumps({"text": "x" * (payload_max - 12)}, separators=(",", ":")).encode()
    assert len(event) > payload_max - 4
    assert echo.raw(event) == event


def test_writes_json_lines_and_metrics_of_each_invocation(echo):
    echo.invoke({"do": "fail"}, X_Amzn_RequestId="logged-one")

    def logged():
        return [line for line in echo.lines if line.get("requestId") == "logged-one"]

    line = eventually(logged)[0]
    assert line["level"] == "ERROR"
    assert line["message"] == "invocation failed"
    assert line["service"] == "echo"
    metrics = [line for line in echo.lines if "_aws" in line]
    assert metrics[0]["souk_echoes_total"] == 1
    assert metrics[0]["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Souk"


def test_is_stopped_at_its_deadline_and_starts_again():
    with rie.function(bootstrap, AWS_LAMBDA_FUNCTION_TIMEOUT="1") as function:
        assert function.invoke({"first": 1}) == {"first": 1}
        said = function.raw(json.dumps({"do": "sleep", "ms": 30_000}).encode())
        assert said == b"Task timed out after 1.00 seconds"
        assert function.invoke({"then": 2}) == {"then": 2}


def test_is_told_before_it_is_stopped_when_it_is_its_own_extension():
    with rie.function(bootstrap, AWS_LAMBDA_FUNCTION_TIMEOUT="1", SOUK_ECHO_EXTENSION="on") as function:
        assert function.invoke({"first": 1}) == {"first": 1}
        function.raw(json.dumps({"do": "sleep", "ms": 30_000}).encode())
        eventually(lambda: [line for line in function.lines if line.get("message") == "stopping"])


def test_reports_why_it_cannot_start():
    with rie.function(bootstrap, SOUK_ECHO_START="fail") as function:
        said = function.invoke({})
        assert said["errorType"] == "Function.EchoRefused"
        assert said["errorMessage"] == "It was told not to start."


def test_ends_when_the_runtime_api_is_gone():
    with rie.function(bootstrap) as function:
        function.invoke({})
        children = pathlib.Path(f"/proc/{function.peer.process.pid}/task/{function.peer.process.pid}/children")
        started = [int(pid) for task in children.parents[1].iterdir() for pid in (task / "children").read_text().split()]
        assert started
        function.peer.process.kill()
        eventually(lambda: not any(pathlib.Path(f"/proc/{pid}").exists() for pid in started))
