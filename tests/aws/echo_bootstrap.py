"""Stands in for the Lambda binary where the wiring between functions is tried, not what they do. Speaks the Runtime API;
tells of every invocation in the file SOUK_ECHO_LOG. Uses AWS with its role's credentials, as the binary would.

    *.http         answers with its handler, the route and the claims
    *.reactions    fails messages whose body contains "fail"
    *.sweep        reads the installation's secret
    platform.relay publishes the events of outbox rows
"""

import json
import os
import urllib.request

import boto3

api = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation"
handler = os.environ["_HANDLER"]


def tell(**what):
    with open(os.environ["SOUK_ECHO_LOG"], "a") as log:
        log.write(json.dumps({"handler": handler} | what) + "\n")


def http(event):
    context = event["requestContext"]
    said = {"handler": handler, "route": event["routeKey"]}
    said |= {"claims": context.get("authorizer", {}).get("jwt", {}).get("claims")}
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": json.dumps(said)}


def reactions(event):
    failed = []
    for record in event["Records"]:
        tell(queue=record["eventSourceARN"].rsplit(":", 1)[1], body=record["body"])
        if "fail" in record["body"]:
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def relay(event):
    for record in event["Records"]:
        body = record["dynamodb"]["NewImage"]["e"]["S"]
        kind = {"DataType": "String", "StringValue": json.loads(body)["type"]}
        boto3.client("sns").publish(
            TopicArn=os.environ["SOUK_TOPIC_ARN"], Message=body, MessageAttributes={"type": kind}
        )
        tell(row=record["dynamodb"]["Keys"]["pk"]["S"])
    return {"batchItemFailures": []}


def sweep(event):
    secret = boto3.client("secretsmanager").get_secret_value(SecretId=os.environ["SOUK_SECRET_ARN"])
    tell(secret_bytes=len(bytes.fromhex(secret["SecretString"])))
    return {}


does = {"http": http, "reactions": reactions, "relay": relay, "sweep": sweep}[handler.split(".")[1]]
while True:
    with urllib.request.urlopen(f"{api}/next") as invocation:
        identity = invocation.headers["Lambda-Runtime-Aws-Request-Id"]
        event = json.load(invocation)
    try:
        path, answer = "response", does(event)
    except Exception as problem:  # An invocation's failure is its own.
        tell(problem=repr(problem))
        path, answer = "error", {"errorType": type(problem).__name__, "errorMessage": str(problem)}
    post = urllib.request.Request(f"{api}/{identity}/{path}", json.dumps(answer).encode(), method="POST")
    urllib.request.urlopen(post).close()
