"""What functions can be able to do, as real calls: each ability is a list of calls that its adapter makes."""

import dataclasses
import json
from collections.abc import Callable

import declared

row = {"pk": {"S": "store_1#a"}, "sk": {"S": "b"}}
one_more = {"UpdateExpression": "ADD c_n :one", "ExpressionAttributeValues": {":one": {"N": "1"}}}
sender = "shop@shop.example"
message = "From: Shop <shop@shop.example>\r\nTo: a@b.example\r\nSubject: Hello\r\n\r\nHello\r\n"


@dataclasses.dataclass
class Call:
    """`run` takes a maker of clients ("sqs" -> client) and the world (names -> ARNs and addresses)."""

    action: str  # As IAM calls it.
    run: Callable


def condition(table: str) -> dict:
    return {"TableName": table, "Key": row, "ConditionExpression": "attribute_not_exists(pk)"}


def transaction(table: str) -> list[dict]:
    keys = [{"pk": {"S": f"store_1#{at}"}, "sk": {"S": "b"}} for at in range(3)]
    return [
        {"Put": {"TableName": table, "Item": keys[0]}},
        {"Update": {"TableName": table, "Key": keys[1]} | one_more},
        {"Delete": {"TableName": table, "Key": keys[2]}},
        {"ConditionCheck": condition(table)},
    ]  # fmt: skip


def query(table: str, index: str | None = None) -> Callable:
    hash_name = {"index_1": "g1pk", "index_2": "g2pk", None: "pk"}[index]
    where = {"IndexName": index} if index else {"ConsistentRead": True}
    return lambda aws, world: aws("dynamodb").query(
        TableName=table, KeyConditionExpression=f"{hash_name} = :p", ExpressionAttributeValues={":p": {"S": "a"}}, **where
    )


def read(table: str) -> list[Call]:
    return [
        Call("dynamodb:GetItem", lambda aws, world: aws("dynamodb").get_item(TableName=table, Key=row)),
        Call("dynamodb:BatchGetItem", lambda aws, world: aws("dynamodb").batch_get_item(RequestItems={table: {"Keys": [row]}})),
        Call("dynamodb:Query", query(table)),
    ]  # fmt: skip


def write(table: str) -> list[Call]:
    return [
        Call("dynamodb:TransactWriteItems", lambda aws, world: aws("dynamodb").transact_write_items(TransactItems=transaction(table))),
        Call("dynamodb:PutItem", lambda aws, world: aws("dynamodb").put_item(TableName=table, Item=row)),
        Call("dynamodb:UpdateItem", lambda aws, world: aws("dynamodb").update_item(TableName=table, Key=row, **one_more)),
        Call("dynamodb:DeleteItem", lambda aws, world: aws("dynamodb").delete_item(TableName=table, Key=row)),
    ]  # fmt: skip


def check(table: str) -> list[Call]:
    return [
        Call(
            "dynamodb:TransactWriteItems",
            lambda aws, world: aws("dynamodb").transact_write_items(TransactItems=[{"ConditionCheck": condition(table)}]),
        )
    ]


def indexes(table: str) -> list[Call]:
    return [Call("dynamodb:Query", query(table, index)) for index in ("index_1", "index_2")]


def follow(table: str) -> list[Call]:
    """What Lambda does on the relay's behalf."""
    return [
        Call("dynamodb:DescribeStream", lambda aws, world: aws("dynamodbstreams").describe_stream(StreamArn=world["streams"][table])),
    ]  # fmt: skip


def receive(queue: str) -> list[Call]:
    def attributes(aws, world):
        return aws("sqs").get_queue_attributes(QueueUrl=world["queues"][queue], AttributeNames=["ApproximateNumberOfMessages"])

    def release(aws, world):
        """The handle names nothing: who may call is told so, who may not is refused."""
        entry = {"Id": "0", "ReceiptHandle": "nothing", "VisibilityTimeout": 1}
        return aws("sqs").change_message_visibility_batch(QueueUrl=world["queues"][queue], Entries=[entry])

    return [
        Call("sqs:ReceiveMessage", lambda aws, world: aws("sqs").receive_message(QueueUrl=world["queues"][queue])),
        Call("sqs:GetQueueAttributes", attributes),
        Call("sqs:ChangeMessageVisibility", release),
    ]


def send(queue: str) -> list[Call]:
    entries = [{"Id": "0", "MessageBody": "{}"}]
    return [Call("sqs:SendMessage", lambda aws, world: aws("sqs").send_message_batch(QueueUrl=world["queues"][queue], Entries=entries))]


def publish() -> list[Call]:
    entry = {"Id": "0", "Message": "{}", "MessageAttributes": {"type": {"DataType": "String", "StringValue": "souk.x.v1"}}}
    return [
        Call(
            "sns:Publish",
            lambda aws, world: aws("sns").publish_batch(TopicArn=world["topic"], PublishBatchRequestEntries=[entry]),
        )
    ]


def secret() -> list[Call]:
    return [Call("secretsmanager:GetSecretValue", lambda aws, world: aws("secretsmanager").get_secret_value(SecretId=world["secret"]))]


def accounts() -> list[Call]:
    def call(name, **more):
        return lambda aws, world: getattr(aws("cognito-idp"), name)(UserPoolId=world["pool"], **more)

    def sign_in(aws, world):
        return aws("cognito-idp").admin_initiate_auth(
            UserPoolId=world["pool"], ClientId=world["client"], AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "somebody", "PASSWORD": "correct horse"},
        )  # fmt: skip

    return [
        Call("cognito-idp:AdminCreateUser", call("admin_create_user", Username="somebody", MessageAction="SUPPRESS")),
        Call(
            "cognito-idp:AdminSetUserPassword",
            call("admin_set_user_password", Username="somebody", Password="correct horse", Permanent=True),
        ),
        Call("cognito-idp:AdminInitiateAuth", sign_in),
        Call("cognito-idp:AdminUserGlobalSignOut", call("admin_user_global_sign_out", Username="somebody")),
        Call("cognito-idp:AdminDeleteUser", call("admin_delete_user", Username="somebody")),
    ]


def media() -> list[Call]:
    def put(key):
        return lambda aws, world: aws("s3").put_object(Bucket=world["bucket"], Key=key, Body=b"x")

    def absent(aws, world):
        """404 to whom may list, 403 to whom may not."""
        return aws("s3").head_object(Bucket=world["bucket"], Key="store_1/absent")

    return [
        Call("s3:PutObject", put("store_1/med_1")),
        Call("s3:PutObject", put("private/imports/store_1/imp_1.csv")),
        Call("s3:GetObject", lambda aws, world: aws("s3").get_object(Bucket=world["bucket"], Key="store_1/med_1")),
        Call("s3:GetObject", absent),
        Call("s3:DeleteObject", lambda aws, world: aws("s3").delete_object(Bucket=world["bucket"], Key="store_1/med_1")),
    ]


def mail() -> list[Call]:
    return [Call("ses:SendEmail", lambda aws, world: aws("sesv2").send_email(
        FromEmailAddress=sender, Destination={"ToAddresses": ["a@b.example"]},
        Content={"Raw": {"Data": message.encode()}},
    ))]  # fmt: skip


def administer() -> list[Call]:
    """What no function may do."""
    return [
        Call("iam:CreateUser", lambda aws, world: aws("iam").create_user(UserName="intruder")),
        Call("dynamodb:Scan", lambda aws, world: aws("dynamodb").scan(TableName=f"{world['prefix']}orders")),
        Call("dynamodb:DeleteTable", lambda aws, world: aws("dynamodb").delete_table(TableName=f"{world['prefix']}orders")),
        Call("sqs:PurgeQueue", lambda aws, world: aws("sqs").purge_queue(QueueUrl=world["queues"]["orders-stock"])),
        Call("s3:ListAllMyBuckets", lambda aws, world: aws("s3").list_buckets()),
        Call("cognito-idp:AdminAddUserToGroup", lambda aws, world: aws("cognito-idp").admin_add_user_to_group(
            UserPoolId=world["pool"], Username="x", GroupName="platform-admin")),
        Call("secretsmanager:PutSecretValue", lambda aws, world: aws("secretsmanager").put_secret_value(
            SecretId=world["secret"], SecretString="x")),
        Call("lambda:ListFunctions", lambda aws, world: aws("lambda").list_functions()),
    ]  # fmt: skip


def every(prefix: str) -> dict[str, list[Call]]:
    """All abilities: "read orders", "consume orders-stock", "publish" …"""
    found = {"publish": publish(), "secret": secret(), "accounts": accounts(), "media": media(), "mail": mail()}
    for table in sorted(declared.tables()):
        name = prefix + table
        found |= {f"read {table}": read(name), f"write {table}": write(name), f"index {table}": indexes(name)}
        found |= {f"check {table}": check(name), f"follow {table}": follow(name)}
    for queue in sorted(declared.subscriptions()):
        found |= {f"receive {queue}": receive(queue), f"send {queue}": send(queue)}
        found |= {f"receive {queue}-dead": receive(f"{queue}-dead"), f"send {queue}-dead": send(f"{queue}-dead")}
    return found | {"administer": administer()}


def own(*tables: str) -> set[str]:
    return {f"{what} {table}" for table in tables for what in ("read", "write", "check", "index")}


def ask(*tables: str) -> set[str]:
    return {f"read {table}" for table in tables}


def depend(*tables: str) -> set[str]:
    """A condition on a sibling's row, in a commit of its own."""
    return {f"check {table}" for table in tables}


def consume(*queues: str) -> set[str]:
    return {f"receive {queue}" for queue in queues} | {f"send {queue}-dead" for queue in queues}


def redrive(*queues: str) -> set[str]:
    return {ability for queue in queues for ability in (f"receive {queue}-dead", f"send {queue}")}


def relay(*tables: str) -> set[str]:
    return {"publish"} | {f"follow {table}" for table in tables}


# Which function needs what: what the services' READMEs say that each asks, and what the sources of each handler use. Every http
# function asks stores (whose store, role, API key) and identity (whether a token's session stands).
needed = {
    ("stores", "http"): own("stores") | ask("identity") | {"secret"},
    ("stores", "relay"): relay("stores"),
    ("users", "http"): own("users", "identity") | ask("stores") | {"secret", "accounts"},
    ("users", "relay"): relay("users", "identity"),
    ("products", "http"): own("products") | ask("identity", "stores") | {"secret", "media"},
    ("products", "reactions"): own("products") | ask("stores") | consume("products-orders", "products-imports") | {"secret", "media"},
    ("products", "sweep"): own("products") | {"secret"},
    ("products", "relay"): relay("products"),
    ("carts", "http"): own("carts") | ask("identity", "orders", "products", "stores") | depend("orders") | {"secret"},
    ("carts", "reactions"): own("carts") | consume("carts-orders") | {"secret"},
    ("carts", "sweep"): own("carts") | ask("products", "stores") | {"secret"},
    ("carts", "relay"): relay("carts"),
    ("orders", "http"): own("orders", "payments")
    | ask("carts", "identity", "products", "stores")
    | depend("carts")
    | {"secret"},
    ("orders", "reactions"): own("orders", "payments") | consume("orders-stock", "orders-payments") | {"secret"},
    ("orders", "sweep"): own("orders", "payments") | {"secret"},
    ("orders", "relay"): relay("orders", "payments"),
    ("notifications", "http"): own("notifications") | ask("identity", "stores") | redrive(*declared.subscriptions()) | {"secret"},
    ("notifications", "reactions"): own("notifications")
    | ask("stores")
    | consume("notifications-mails", "notifications-webhooks")
    | {"secret", "mail"},
    ("notifications", "sweep"): own("notifications") | redrive("notifications-mails") | {"secret"},
    ("notifications", "relay"): relay("notifications"),
}


def statements_text(statements: list[dict]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})
