"""The packaged templates of all services, and what their intrinsic functions come to in an account of our own choosing."""

import functools
import json
import os
import pathlib
import re
import shutil
import subprocess

import peer_install

root = pathlib.Path(__file__).resolve().parent.parent.parent
source = root / "deploy/aws"
services = ("stores", "users", "products", "carts", "orders", "notifications")
account, region = "123456789012", "eu-west-1"
pseudo = {"AWS::AccountId": account, "AWS::Region": region, "AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com"}

# What Ref and GetAtt Arn of a named resource are made of: type -> (property that names it, pattern of its ARN).
arns = {
    "AWS::DynamoDB::Table": ("TableName", "arn:aws:dynamodb:{region}:{account}:table/{name}"),
    "AWS::SQS::Queue": ("QueueName", "arn:aws:sqs:{region}:{account}:{name}"),
    "AWS::SNS::Topic": ("TopicName", "arn:aws:sns:{region}:{account}:{name}"),
    "AWS::Lambda::Function": ("FunctionName", "arn:aws:lambda:{region}:{account}:function:{name}"),
    "AWS::Logs::LogGroup": ("LogGroupName", "arn:aws:logs:{region}:{account}:log-group:{name}:*"),
    "AWS::S3::Bucket": ("BucketName", "arn:aws:s3:::{name}"),
    "AWS::SecretsManager::Secret": ("Name", "arn:aws:secretsmanager:{region}:{account}:secret:{name}-a1b2c3"),
    "AWS::Cognito::UserPool": ("UserPoolName", "arn:aws:cognito-idp:{region}:{account}:userpool/{region}_pool"),
}
ref_is_arn = {"AWS::SNS::Topic", "AWS::SecretsManager::Secret"}


def offline_environment(**settings: str) -> dict[str, str]:
    """No credentials, no profile, nobody to ask for them."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SOUK_"))}
    tools = f"{peer_install.peers}/node/node_modules/.bin"
    path = {"PATH": f"{tools}:{peer_install.node_environment()['PATH']}"}
    return kept | path | {"AWS_EC2_METADATA_DISABLED": "true", "HOME": str(peer_install.peers / "home")} | settings


def without_network() -> list[str]:
    """A prefix that runs a command in a network namespace without interfaces, where the kernel permits that."""
    prefix = ["unshare", "--map-root-user", "--net"]
    try:
        allowed = subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0
    except OSError:
        allowed = False
    return prefix if allowed else []


def copied(folder: pathlib.Path) -> pathlib.Path:
    """deploy/aws in a folder where osls may leave things."""
    target = folder / "aws"
    shutil.copytree(source, target, ignore=shutil.ignore_patterns(".serverless", ".osls", "build"))
    return target


def osls(folder: pathlib.Path, *words: str, environment: dict[str, str], prefix: list[str] | None = None) -> str:
    """Runs osls (osls-compose in the top folder) and returns what it says; asserts that it succeeds."""
    tool = "osls-compose" if (folder / "serverless-compose.yml").exists() else "osls"
    done = subprocess.run(
        [*(prefix or []), tool, *words], cwd=folder, env=environment, capture_output=True, text=True, timeout=600,
        check=False,
    )  # fmt: skip
    said = done.stdout + done.stderr
    assert done.returncode == 0, f"{tool} {' '.join(words)}:\n{said[-3000:]}"
    return said


class Stacks:
    """The templates below a folder that was packaged, by the names of their services."""

    def __init__(self, folder: pathlib.Path, stage: str):
        self.stage = stage
        self.prefix = f"souk-{stage}-"
        self.paths = {
            file.parent.parent.name: file
            for file in sorted(folder.glob("*/.serverless/cloudformation-template-update-stack.json"))
        }
        self.templates = {name: json.loads(path.read_text()) for name, path in self.paths.items()}
        self.exports = {
            output["Export"]["Name"]: (name, output["Value"])
            for name, template in self.templates.items()
            for output in template.get("Outputs", {}).values()
            if "Export" in output
        }

    def of_type(self, kind: str, service: str | None = None):
        """(service, logical id, properties) of every resource of the type."""
        for name, template in self.templates.items():
            for logical, resource in template["Resources"].items():
                if resource["Type"] == kind and service in (None, name):
                    yield name, logical, resource.get("Properties", {})

    def resource(self, service: str, logical: str) -> dict:
        return self.templates[service]["Resources"][logical]

    def value(self, service: str, expression):
        """What an expression of a service's template comes to."""
        if isinstance(expression, list):
            return [self.value(service, one) for one in expression]
        if not isinstance(expression, dict):
            return expression
        if len(expression) == 1:
            (name, argument), = expression.items()
            if name in self.functions:
                return self.functions[name](service, argument)
        return {key: self.value(service, one) for key, one in expression.items()}

    @functools.cached_property
    def functions(self):
        return {
            "Ref": self.ref, "Fn::GetAtt": self.attribute, "Fn::Sub": self.sub, "Fn::Join": self.join,
            "Fn::ImportValue": self.imported,
        }  # fmt: skip

    def ref(self, service: str, name: str):
        if name in pseudo:
            return pseudo[name]
        resource = self.resource(service, name)
        if resource["Type"] in ref_is_arn:
            return self.attribute(service, [name, "Arn"])
        if resource["Type"] in arns:
            return self.value(service, resource["Properties"][arns[resource["Type"]][0]])
        return f"<{service}.{name}>"

    def attribute(self, service: str, path) -> str:
        name, attribute = path if isinstance(path, list) else path.split(".", 1)
        resource = self.resource(service, name)
        if resource["Type"] in arns and attribute in ("Arn", "StreamArn", "Id"):
            member, pattern = arns[resource["Type"]]
            own = self.value(service, resource["Properties"][member])
            arn = pattern.format(region=region, account=account, name=own)
            return f"{arn}/stream/2026-01-01T00:00:00.000" if attribute == "StreamArn" else arn
        return f"<{service}.{name}.{attribute}>"

    def sub(self, service: str, argument) -> str:
        text, names = argument if isinstance(argument, list) else (argument, {})

        def put(match: re.Match) -> str:
            name = match[1]
            if name in names:
                return str(self.value(service, names[name]))
            return str(self.attribute(service, name) if "." in name else self.ref(service, name))

        return re.sub(r"\$\{([\w:.]+)\}", put, text)

    def join(self, service: str, argument) -> str:
        separator, parts = argument
        return separator.join(str(self.value(service, part)) for part in parts)

    def imported(self, service: str, name) -> str:
        owner, value = self.exports[self.value(service, name)]
        return self.value(owner, value)

    def policies(self):
        """(service, function's name in the service, its role's statements with every resource spelled out)."""
        for service, logical, properties in self.of_type("AWS::Lambda::Function"):
            role = self.resource(service, properties["Role"]["Fn::GetAtt"][0])["Properties"]
            statements = [
                self.value(service, statement)
                for policy in role["Policies"]
                for statement in policy["PolicyDocument"]["Statement"]
            ]
            yield service, logical.removesuffix("LambdaFunction").lower(), statements


def as_list(value) -> list:
    return value if isinstance(value, list) else [value]


def functions(packaged: Stacks) -> list:
    """(service, logical id, properties) of all functions."""
    found = list(packaged.of_type("AWS::Lambda::Function"))
    assert len(found) >= 20
    return found


def queues(packaged: Stacks) -> dict[str, tuple]:
    """Name without prefix -> (service, logical id, properties), dead-letter queues among them."""
    return {
        properties["QueueName"].removeprefix(packaged.prefix): (service, logical, properties)
        for service, logical, properties in packaged.of_type("AWS::SQS::Queue")
    }
