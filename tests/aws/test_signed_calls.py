"""Our calls against moto in auth mode, which computes every signature again and asks the caller's policy.

SOUK_MAKE_CALLS names the built tests/adapters/aws_client/make_calls.cc.
"""

import json
import os
import subprocess

import peers
import pytest

boto3 = pytest.importorskip("boto3")
pytest.importorskip("moto.server")

driver = os.environ.get("SOUK_MAKE_CALLS")
pytestmark = pytest.mark.skipif(not driver, reason="SOUK_MAKE_CALLS does not name the built make_calls")

region = "eu-west-1"
setup_actions = 3  # What the fixture asks for before moto begins to check.
policy = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": [
                "dynamodb:ListTables", "sqs:ListQueues", "sns:ListTopics", "s3:*", "cognito-idp:ListUserPools",
                "ses:CreateEmailIdentity", "secretsmanager:ListSecrets", "events:ListEventBuses",
            ],
            "Resource": "*",
        }
    ],
}  # fmt: skip


def json_call(service: str, version: str, target: str, body: str = "{}") -> dict:
    headers = [("X-Amz-Target", target), ("Content-Type", f"application/x-amz-json-{version}")]
    return {"service": service, "headers": headers, "body": body}


def list_tables() -> dict:
    return json_call("dynamodb", "1.0", "DynamoDB_20120810.ListTables")


def form_call(service: str, body: str) -> dict:
    return {"service": service, "headers": [("Content-Type", "application/x-www-form-urlencoded")], "body": body}


class Moto:
    """A server whose every action must be signed and allowed, and one user's keys."""

    def __init__(self, url: str):
        self.url = url
        iam = boto3.client(
            "iam", endpoint_url=self.url, region_name=region, aws_access_key_id="x", aws_secret_access_key="x"
        )
        iam.create_user(UserName="shop")
        key = iam.create_access_key(UserName="shop")["AccessKey"]
        iam.put_user_policy(UserName="shop", PolicyName="shop", PolicyDocument=json.dumps(policy))
        self.keys = key["AccessKeyId"], key["SecretAccessKey"]

    def call(self, *orders: dict, keys: tuple[str, str] | None = None) -> list[dict]:
        key, secret = keys or self.keys
        environment = {
            "PATH": os.environ["PATH"], "AWS_REGION": region, "AWS_ENDPOINT_URL": self.url, "AWS_ACCESS_KEY_ID": key,
            "AWS_SECRET_ACCESS_KEY": secret, "AWS_EC2_METADATA_DISABLED": "true",
        }  # fmt: skip
        lines = "".join(json.dumps(order) + "\n" for order in orders)
        run = subprocess.run([driver], input=lines, env=environment, stdout=subprocess.PIPE, text=True, check=True)
        return [json.loads(line) for line in run.stdout.splitlines()]


@pytest.fixture(scope="module")
def moto():
    # Not one that other tests share: they would have used up its free calls.
    with peers.moto(free_calls=setup_actions) as server:
        yield Moto(server.url)


@pytest.mark.parametrize(
    "order",
    [
        list_tables(),
        json_call("sqs", "1.0", "AmazonSQS.ListQueues"),
        form_call("sns", "Action=ListTopics&Version=2010-03-31"),
        json_call("cognito-idp", "1.1", "AWSCognitoIdentityProviderService.ListUserPools", '{"MaxResults":1}'),
        json_call("secretsmanager", "1.1", "secretsmanager.ListSecrets"),
        json_call("events", "1.1", "AWSEvents.ListEventBuses"),
        {
            "service": "email", "signing_name": "ses", "path": "/v2/email/identities",
            "body": '{"EmailIdentity":"shop@example.com"}',
        },
    ],
    ids=lambda order: order["service"],
)  # fmt: skip
def test_every_protocol_is_signed_as_the_service_expects(moto, order):
    (answer,) = moto.call(order)
    assert (answer.get("status"), answer.get("code")) == (200, ""), answer


def test_objects_of_any_name_can_be_written_and_read(moto):
    (made,) = moto.call({
        "service": "s3", "method": "PUT", "path": "/bucket",
        "body": f"<CreateBucketConfiguration><LocationConstraint>{region}</LocationConstraint>"
                "</CreateBucketConfiguration>",
    })  # fmt: skip
    assert made["status"] == 200, made
    for name in ("plain.txt", "a b+c%20d.txt", "ä/中/😀.jpg", "a=b&c;d@e,f:g!(h)'i*.txt", "~tilde-._"):
        path = f"/bucket/{name}"
        written, read, missing = moto.call(
            {"service": "s3", "method": "PUT", "path": path, "body": "content of " + name},
            {"service": "s3", "method": "GET", "path": path},
            {"service": "s3", "method": "HEAD", "path": path + "-not"},
        )
        assert written["status"] == 200, (name, written)
        assert (read["status"], read["body"]) == (200, "content of " + name)
        assert (missing["status"], missing["code"]) == (404, "404")
    query = [("prefix", "ä/中"), ("list-type", "2"), ("delimiter", "& =")]
    (found,) = moto.call({"service": "s3", "method": "GET", "path": "/bucket", "query": query})
    assert found["status"] == 200 and "<Key>ä/中/😀.jpg</Key>" in found["body"], found


def test_a_wrong_secret_is_refused_and_said_to_be(moto):
    (answer,) = moto.call(list_tables(), keys=(moto.keys[0], "not the secret"))
    assert (answer["status"], answer["code"]) == (403, "SignatureDoesNotMatch"), answer
    assert answer["message"]


def test_an_unknown_key_is_refused_and_said_to_be(moto):
    (answer,) = moto.call(list_tables(), keys=("AKIAUNKNOWN", "x"))
    assert (answer["status"], answer["code"]) == (403, "InvalidClientTokenId"), answer


def test_what_the_policy_does_not_name_is_denied_and_said_to_be(moto):
    delete = json_call("dynamodb", "1.0", "DynamoDB_20120810.DeleteTable", '{"TableName":"stores"}')
    (answer,) = moto.call(delete)
    assert answer["status"] in (400, 403), answer
    assert answer["code"] in ("AccessDenied", "AccessDeniedException"), answer
    assert "dynamodb:DeleteTable" in answer["message"]
