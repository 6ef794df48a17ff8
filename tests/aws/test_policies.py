"""Every function's role, with its policy as it is packaged: what the function needs is allowed, all else is refused.

MiniStack (AUTH=true) holds each call to the resources that a statement names. moto computes every signature again, but
looks at resources for SQS and S3 alone: there, statements of other services are widened to all resources, and of what
must be refused only calls are made whose action the role does not have at all."""

import functools
import json

import boto3
import botocore.config
import botocore.exceptions
import pytest

import abilities
import declared
import peers
import stacks

trust = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
        ],
    }
)
refusals = {"AccessDenied", "AccessDeniedException", "403", "AuthorizationError", "AuthorizationErrorException"}
beyond_moto = {"dynamodb:TransactWriteItems"}  # It takes it for an action of IAM.
free_calls = 3  # What makes moto's operator.
# Both take calls that move several things at once for actions of their own, and know no ses:FromAddress.
several = {
    "sqs:SendMessage": "sqs:SendMessageBatch",
    "sqs:ChangeMessageVisibility": "sqs:ChangeMessageVisibilityBatch",
    "sns:Publish": "sns:PublishBatch",
}
# Of these, neither sees the resource.
unlocated = {"ses:SendEmail", "dynamodb:DescribeStream"}


def clients(url, key, secret, token=None):
    """A maker of clients with these credentials."""
    settings = botocore.config.Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"})

    @functools.cache
    def client(service):
        return boto3.client(
            service, endpoint_url=url, region_name=peers.region, config=settings, aws_access_key_id=key,
            aws_secret_access_key=secret, aws_session_token=token,
        )  # fmt: skip

    return client


def outcome(call, aws, world):
    """ "allowed" or "refused". A call that is let in and then finds nothing to do was allowed."""
    try:
        call.run(aws, world)
    except botocore.exceptions.ClientError as problem:
        error = problem.response
        if error["Error"]["Code"] in refusals or error["ResponseMetadata"]["HTTPStatusCode"] == 403:
            return "refused"
        assert error["ResponseMetadata"]["HTTPStatusCode"] < 500, problem
    return "allowed"


def make_world(aws, prefix):
    """Tables, queues, topic, bucket, pool and secret, as the templates name them."""
    definition = {
        "AttributeDefinitions": [{"AttributeName": n, "AttributeType": "S"} for n in ("pk", "sk", "g1pk", "g1sk", "g2pk", "g2sk")],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        "GlobalSecondaryIndexes": [
            {
                "IndexName": f"index_{at}",
                "KeySchema": [
                    {"AttributeName": f"g{at}pk", "KeyType": "HASH"},
                    {"AttributeName": f"g{at}sk", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
            for at in (1, 2)
        ],
        "BillingMode": "PAY_PER_REQUEST",
        "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    }
    world = {"prefix": prefix, "streams": {}, "queues": {}}
    for table in declared.tables():
        made = aws("dynamodb").create_table(TableName=prefix + table, **definition)
        world["streams"][prefix + table] = made["TableDescription"]["LatestStreamArn"]
    for queue in declared.subscriptions():
        for name in (queue, f"{queue}-dead"):
            world["queues"][name] = aws("sqs").create_queue(QueueName=prefix + name)["QueueUrl"]
    world["topic"] = aws("sns").create_topic(Name=f"{prefix}events")["TopicArn"]
    world["bucket"] = f"{prefix}media-{stacks.account}-{stacks.region}"
    aws("s3").create_bucket(Bucket=world["bucket"], CreateBucketConfiguration={"LocationConstraint": stacks.region})
    pool = aws("cognito-idp").create_user_pool(PoolName="souk")["UserPool"]
    world |= {"pool": pool["Id"], "pool_arn": pool["Arn"]}
    client = aws("cognito-idp").create_user_pool_client(
        UserPoolId=pool["Id"], ClientName="souk", ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"]
    )
    world["client"] = client["UserPoolClient"]["ClientId"]
    world["secret"] = aws("secretsmanager").create_secret(Name=f"{prefix}installation", SecretString="0")["ARN"]
    aws("sesv2").create_email_identity(EmailIdentity=abilities.sender)
    return world


def located(text, world):
    """The statements with the ARNs that this peer gave, where AWS chooses a part of them."""
    text = text.replace(f"arn:aws:cognito-idp:{stacks.region}:{stacks.account}:userpool/{stacks.region}_pool", world["pool_arn"])
    text = text.replace(f"{world['prefix']}installation-a1b2c3", world["secret"].rsplit(":", 1)[1])
    for table, stream in world["streams"].items():
        text = text.replace(f"table/{table}/stream/2026-01-01T00:00:00.000", stream.split(":", 5)[5])
    return text


def assume(operator, url, name, policy):
    """A maker of clients in a role with this policy."""
    operator("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)
    operator("iam").put_role_policy(RoleName=name, PolicyName="access", PolicyDocument=policy)
    given = operator("sts").assume_role(RoleArn=f"arn:aws:iam::{stacks.account}:role/{name}", RoleSessionName="test")
    keys = given["Credentials"]
    return clients(url, keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])


def policies(packaged):
    return {(service, function): statements for service, function, statements in packaged.policies()}


def judged(statements):
    """Statements that both peers can judge."""

    def one(statement):
        given = stacks.as_list(statement["Action"])
        plain = {key: value for key, value in statement.items() if key != "Condition"}
        plain |= {"Resource": "*"} if set(given) & unlocated else {}
        return plain | {"Action": given + [several[action] for action in given if action in several]}

    return [one(statement) for statement in statements]


@pytest.fixture(scope="module")
def ministack(peer, packaged):
    running = peer("ministack", AUTH="true", MINISTACK_ACCOUNT_ID=stacks.account)
    operator = clients(running.url, "test", "test")
    return running, operator, make_world(operator, packaged.prefix)


def test_every_function_is_looked_at(packaged):
    assert set(policies(packaged)) == set(abilities.needed)
    assert set().union(*abilities.needed.values()) <= set(abilities.every(packaged.prefix))


@pytest.mark.parametrize("service,function", abilities.needed)
def test_a_function_may_do_what_it_needs_and_nothing_else(packaged, ministack, service, function):
    running, operator, world = ministack
    statements = judged(policies(packaged)[service, function])
    aws = assume(operator, running.url, f"{service}-{function}", located(abilities.statements_text(statements), world))
    needed = abilities.needed[service, function]
    wrong = []
    for ability, calls in abilities.every(packaged.prefix).items():
        wanted = "allowed" if ability in needed else "refused"
        for call in calls:
            if wanted == "refused" and call.action in unlocated & actions(statements):
                continue  # test_templates.py looks at these resources.
            if outcome(call, aws, world) != wanted:
                wrong.append(f"{ability}: {call.action} is not {wanted}")
    assert wrong == []


# moto.


def widened(statements):
    """Statements that moto can judge, which looks at resources for SQS and S3 alone."""

    def one(statement):
        services = {action.split(":")[0] for action in statement["Action"]}
        return statement if services <= {"sqs", "s3"} else statement | {"Resource": "*"}

    return [one(statement) for statement in statements]


def actions(statements):
    return {action for statement in statements for action in stacks.as_list(statement["Action"])}


@pytest.fixture(scope="module")
def moto(peer, packaged):
    running = peer("moto", free_calls=free_calls)
    anybody = clients(running.url, "test", "test")
    anybody("iam").create_user(UserName="operator")
    anybody("iam").put_user_policy(
        UserName="operator", PolicyName="all",
        PolicyDocument=abilities.statements_text([{"Effect": "Allow", "Action": "*", "Resource": "*"}]),
    )  # fmt: skip
    key = anybody("iam").create_access_key(UserName="operator")["AccessKey"]
    operator = clients(running.url, key["AccessKeyId"], key["SecretAccessKey"])
    return running, operator, make_world(operator, packaged.prefix)


def test_moto_checks_signatures(moto):
    running, operator, _ = moto
    key = operator("sqs")._request_signer._credentials.access_key
    forger = clients(running.url, key, "not-the-secret")
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        forger("sqs").list_queues()
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


@pytest.mark.parametrize("service,function", abilities.needed)
def test_moto_agrees(packaged, moto, service, function):
    running, operator, world = moto
    statements = widened(judged(policies(packaged)[service, function]))
    policy = located(abilities.statements_text(statements), world)
    aws = assume(operator, running.url, f"{service}-{function}", policy)
    needed = abilities.needed[service, function]
    wrong, seen = [], {"allowed": 0, "refused": 0}
    for ability, calls in abilities.every(packaged.prefix).items():
        for call in calls:
            precise = call.action.split(":")[0] in ("sqs", "s3")
            wanted = "allowed" if ability in needed else "refused"
            if call.action in beyond_moto or (wanted == "refused" and not precise and call.action in actions(statements)):
                continue
            seen[wanted] += 1
            if outcome(call, aws, world) != wanted:
                wrong.append(f"{ability}: {call.action} is not {wanted}")
    assert wrong == []
    assert seen["refused"] > 20
