"""The deployed topology is the code's, both ways, and as careful as it should be. (Packaging, the `packaged` fixture,
runs without network and credentials.)"""

import json
import re
import subprocess

import pytest
import yaml

import declared
import peer_install
import stacks
from stacks import as_list, functions, queues

routes_max = 300  # Source: API Gateway quotas, routes of an HTTP API.
resources_max = 500  # Source: CloudFormation quotas.
template_max = 1_000_000
variables_max = 4096  # Source: Lambda quotas, all environment variables together.
timeout_max = 30  # Source: API Gateway quotas, integration timeout.
read_only = {"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"}


def lint(*paths):
    peer_install.install_python()
    tool = peer_install.peers / "python/bin/cfn-lint"
    return subprocess.run([tool, *map(str, paths)], capture_output=True, text=True, check=False)


def test_every_service_is_packaged(packaged):
    assert set(packaged.templates) == {"platform", *stacks.services}


def test_cfn_lint_finds_nothing(packaged):
    done = lint(*packaged.paths.values())
    assert done.returncode == 0, done.stdout


def test_a_stage_without_settings_is_packaged_too(tmp_path, lambda_zip):
    folder = stacks.copied(tmp_path)
    environment = stacks.offline_environment(SOUK_LAMBDA_ZIP=str(lambda_zip))
    for service in ("platform", "notifications"):
        stacks.osls(folder / service, "package", "--stage", "dev", environment=environment)
    dev = stacks.Stacks(folder, "dev")
    done = lint(*dev.paths.values())
    assert done.returncode == 0, done.stdout
    assert "ApiDomain" not in dev.templates["platform"]["Resources"]
    (_, _, table), = dev.of_type("AWS::DynamoDB::Table")
    assert table["DeletionProtectionEnabled"] is False


def test_cfn_lint_sees_a_mistake(packaged, tmp_path):
    template = json.loads(packaged.paths["carts"].read_text())
    template["Resources"]["CartsTable"]["Properties"]["BillingMode"] = "FREE"
    (tmp_path / "broken.json").write_text(json.dumps(template))
    assert lint(tmp_path / "broken.json").returncode != 0


def test_stacks_keep_within_the_quotas(packaged):
    for service, template in packaged.templates.items():
        assert len(template["Resources"]) < resources_max, service
        assert packaged.paths[service].stat().st_size < template_max, service
    assert len(list(packaged.of_type("AWS::ApiGatewayV2::Route"))) < routes_max
    for service, logical, properties in functions(packaged):
        variables = packaged.value(service, properties["Environment"]["Variables"])
        assert sum(len(name) + len(str(value)) for name, value in variables.items()) < variables_max, logical


def test_what_services_import_the_platform_exports(packaged):
    offered = {name for name, (owner, _) in packaged.exports.items() if owner == "platform"}
    used = set()
    for template in packaged.templates.values():
        used |= set(re.findall(r'"Fn::ImportValue": "([^"]+)"', json.dumps(template)))
    # People look it up, and it changes when a domain comes: what a stack imports may not change.
    looked_up = {"souk-prod-PublicUrl"}
    assert used | looked_up == {name for name in offered if not name.startswith("sls-")}
    assert not used & looked_up


def test_no_account_and_no_credential_is_written_down(packaged):
    given = {"arn:aws:acm:eu-west-1:123456789012"}
    for service, template in packaged.templates.items():
        text = json.dumps(template)
        for known in given:
            text = text.replace(known, "")
        assert not re.search(r"(?<!\d)\d{12}(?!\d)", re.sub(r"serverless/[^\"]*", "", text)), service
        assert not re.search(r"AKIA[A-Z0-9]{16}|aws_secret", text), service


# Routes.


def deployed_routes(packaged):
    """Key -> (service, properties) of every route."""
    return {
        properties["RouteKey"]: (service, properties)
        for service, _, properties in packaged.of_type("AWS::ApiGatewayV2::Route")
    }


def test_every_route_is_deployed_and_no_other(packaged):
    deployed = deployed_routes(packaged)
    wanted = {key for key in declared.routes() if key not in declared.elsewhere}
    assert set(deployed) - {"$default"} == wanted
    assert set(declared.elsewhere) <= set(declared.routes()), "an exception that excepts nothing"
    assert deployed["$default"][0] == declared.operator_service


def test_every_route_leads_to_its_service(packaged):
    deployed = deployed_routes(packaged)
    for key, (service, _) in declared.routes().items():
        if key in declared.elsewhere:
            continue
        assert deployed[key][0] == service, key
        target = deployed[key][1]["Target"]["Fn::Join"][1][1]["Ref"]
        uri = packaged.value(service, packaged.resource(service, target)["Properties"]["IntegrationUri"])
        assert uri.endswith(f":function:souk-prod-{service}-http:live"), key


def test_the_authorizer_guards_what_only_tokens_open(packaged):
    deployed = deployed_routes(packaged)
    for key, (_, audiences) in declared.routes().items():
        if key in declared.elsewhere:
            continue
        guarded = deployed[key][1].get("AuthorizationType") == "JWT"
        assert guarded == (audiences <= declared.by_token_alone), key
        if guarded:
            assert deployed[key][1]["AuthorizationScopes"] == ["aws.cognito.signin.user.admin"]
            assert deployed[key][1]["AuthorizerId"] == {"Fn::ImportValue": "souk-prod-AuthorizerId"}
    guarded = {key for key, (_, properties) in deployed.items() if "AuthorizerId" in properties}
    assert len(guarded) == 12
    assert not [key for key in guarded if "/v1/stores/{store}" in key], "a browser cannot read its 401"


def test_functions_answer_before_the_api_gives_up(packaged):
    for service, logical, properties in functions(packaged):
        if logical == "HttpLambdaFunction":
            assert properties["Timeout"] < timeout_max, service


# Queues.


def test_subscriptions_and_filter_policies_are_the_same(packaged):
    deployed = {}
    for service, _, properties in packaged.of_type("AWS::SNS::Subscription"):
        if properties["Protocol"] != "sqs":
            continue
        name = packaged.value(service, properties["Endpoint"]).rsplit(":", 1)[1].removeprefix(packaged.prefix)
        assert properties["RawMessageDelivery"] is True
        assert set(properties["FilterPolicy"]) == {"type"}
        dead = packaged.value(service, properties["RedrivePolicy"]["deadLetterTargetArn"])
        assert dead.endswith(f":souk-prod-{name}-dead")
        deployed[name] = (service, set(properties["FilterPolicy"]["type"]))
    assert deployed == declared.subscriptions()
    assert len(deployed) >= 7


def test_every_type_that_is_listened_to_is_announced():
    known = set(yaml.safe_load((stacks.root / "docs/api/events.yaml").read_text())["types"])
    listened = set().union(*(types for _, types in declared.subscriptions().values()))
    assert listened <= known


def test_every_queue_has_one_careful_consumer(packaged):
    every = queues(packaged)
    fed = {}
    for service, _, properties in packaged.of_type("AWS::Lambda::EventSourceMapping"):
        source = packaged.value(service, properties["EventSourceArn"])
        if ":sqs:" in source:
            name = source.rsplit(":", 1)[1].removeprefix(packaged.prefix)
            assert name not in fed
            fed[name] = (service, properties)
    assert set(fed) == set(declared.subscriptions())
    for name, (service, mapping) in fed.items():
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert mapping["ScalingConfig"]["MaximumConcurrency"] == (2 if name == "notifications-mails" else 20)
        function = packaged.resource(service, "ReactionsLambdaFunction")["Properties"]
        _, _, queue = every[name]
        window = mapping.get("MaximumBatchingWindowInSeconds", 0)
        assert queue["VisibilityTimeout"] >= 6 * function["Timeout"] + window, name
        assert queue["RedrivePolicy"]["maxReceiveCount"] == 5
        _, _, dead = every[f"{name}-dead"]
        assert packaged.value(service, queue["RedrivePolicy"]["deadLetterTargetArn"]).endswith(f"{name}-dead")
        assert dead["MessageRetentionPeriod"] > queue["MessageRetentionPeriod"]
    for name, (_, _, properties) in every.items():
        assert properties["SqsManagedSseEnabled"] is True, name


def test_topics_write_no_traces_of_their_own(packaged):
    """X-Ray would refuse SNS's segments, as long as no resource policy of the account admits them."""
    for _, logical, properties in packaged.of_type("AWS::SNS::Topic"):
        assert "TracingConfig" not in properties, logical


def test_only_the_topic_may_send_to_queues(packaged):
    topic = packaged.value("platform", {"Ref": "Topic"})
    guarded = set()
    for service, _, properties in packaged.of_type("AWS::SQS::QueuePolicy"):
        (statement,) = properties["PolicyDocument"]["Statement"]
        assert packaged.value(service, statement["Condition"]) == {"ArnEquals": {"aws:SourceArn": topic}}
        guarded |= {packaged.value(service, one).rsplit(":", 1)[1] for one in statement["Resource"]}
    assert guarded == {packaged.prefix + name + end for name in declared.subscriptions() for end in ("", "-dead")}


# Tables.


def test_tables_are_the_ledgers(packaged):
    deployed = {
        properties["TableName"].removeprefix(packaged.prefix): logical
        for _, logical, properties in packaged.of_type("AWS::DynamoDB::Table")
    }
    assert set(deployed) == declared.tables()


def test_tables_have_the_keys_that_the_ledger_writes(packaged):
    names = declared.item_attributes()

    def key(hash_name, range_name):
        return [
            {"AttributeName": hash_name, "KeyType": "HASH"},
            {"AttributeName": range_name, "KeyType": "RANGE"},
        ]

    for service, logical, table in packaged.of_type("AWS::DynamoDB::Table"):
        assert table["KeySchema"] == key(names["partition"], names["sort"])
        indexes = {index["IndexName"]: index for index in table["GlobalSecondaryIndexes"]}
        assert set(indexes) == {"index_1", "index_2"}
        for at, name in enumerate(("index_1", "index_2")):
            assert indexes[name]["KeySchema"] == key(names["index_partition"][at], names["index_sort"][at])
            assert indexes[name]["Projection"] == {"ProjectionType": "ALL"}
        assert table["TimeToLiveSpecification"] == {"AttributeName": names["time_to_live"], "Enabled": True}
        assert table["StreamSpecification"] == {"StreamViewType": "NEW_IMAGE"}
        assert table["BillingMode"] == "PAY_PER_REQUEST"
        assert "SSESpecification" not in table, "its key would be charged for"


def test_what_holds_state_survives_mistakes(packaged):
    kept = {"AWS::DynamoDB::Table", "AWS::Cognito::UserPool", "AWS::S3::Bucket", "AWS::SecretsManager::Secret"}
    for service, template in packaged.templates.items():
        for logical, resource in template["Resources"].items():
            if resource["Type"] in kept and logical != "ServerlessDeploymentBucket":
                # A first deployment that fails must leave nothing behind that is in the next one's way.
                assert resource["DeletionPolicy"] == "RetainExceptOnCreate", f"{service}.{logical}"
                assert resource["UpdateReplacePolicy"] == "Retain", f"{service}.{logical}"
    for _, logical, table in packaged.of_type("AWS::DynamoDB::Table"):
        assert table["DeletionProtectionEnabled"] is True
        assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    (_, _, pool), = packaged.of_type("AWS::Cognito::UserPool")
    assert pool["DeletionProtection"] == "ACTIVE"


def test_browsers_may_send_what_an_upload_address_signs(packaged):
    media, = (bucket for _, logical, bucket in packaged.of_type("AWS::S3::Bucket") if logical == "Media")
    rule, = media["CorsConfiguration"]["CorsRules"]
    assert set(rule["AllowedHeaders"]) == {"content-type", "content-length", "if-none-match"}
    assert rule["AllowedMethods"] == ["PUT"]


def test_a_first_deployment_may_be_unprotected(tmp_path, lambda_zip):
    folder = stacks.copied(tmp_path)
    environment = stacks.offline_environment(SOUK_LAMBDA_ZIP=str(lambda_zip), SOUK_PROTECT="false")
    for service in ("platform", "carts"):
        stacks.osls(folder / service, "package", "--stage", "prod", environment=environment)
    first = stacks.Stacks(folder, "prod")
    (_, _, table), = first.of_type("AWS::DynamoDB::Table")
    (_, _, pool), = first.of_type("AWS::Cognito::UserPool")
    assert (table["DeletionProtectionEnabled"], pool["DeletionProtection"]) == (False, "INACTIVE")


def test_every_tables_outbox_is_relayed(packaged):
    event = declared.item_attributes()["event"]
    relayed = set()
    for service, _, mapping in packaged.of_type("AWS::Lambda::EventSourceMapping"):
        source = packaged.value(service, mapping["EventSourceArn"])
        if ":dynamodb:" not in source:
            continue
        relayed.add(source.split("/")[1].removeprefix(packaged.prefix))
        (pattern,) = (json.loads(one["Pattern"]) for one in mapping["FilterCriteria"]["Filters"])
        assert pattern == {"eventName": ["INSERT"], "dynamodb": {"NewImage": {event: {"S": [{"exists": True}]}}}}
        # The age alone decides: a number of attempts is used up within minutes.
        assert mapping["MaximumRetryAttempts"] == -1 and 0 < mapping["MaximumRecordAgeInSeconds"] < 24 * 3600
        assert mapping["BisectBatchOnFunctionError"] is True
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert mapping["StartingPosition"] == "TRIM_HORIZON"
        dead = packaged.value(service, mapping["DestinationConfig"]["OnFailure"]["Destination"])
        assert dead.endswith(f":souk-prod-{service}-relay-dead")
    assert relayed == declared.tables()


# Functions.


def test_functions_are_the_binarys(packaged):
    handlers = {}
    for service, logical, properties in functions(packaged):
        handlers.setdefault(service, set()).add(properties["Handler"])
        assert properties["Runtime"] == "provided.al2023"
        assert properties["Architectures"] == ["arm64"]
        assert properties["TracingConfig"] == {"Mode": "Active"}
        assert properties["LoggingConfig"]["LogFormat"] == "JSON"
        assert properties["LoggingConfig"]["ApplicationLogLevel"] in ("INFO", "DEBUG", "TRACE"), "metrics would be dropped"
    reacting = {service for service, _ in declared.subscriptions().values()}
    for service in stacks.services:
        wanted = {f"{service}.http", "platform.relay"}
        wanted |= {f"{service}.reactions"} if service in reacting else set()
        wanted |= {f"{service}.sweep"} if service in declared.chores() else set()
        assert handlers[service] == wanted


def test_functions_are_given_what_they_read(packaged):
    settings = dict(re.findall(r'\{"(SOUK_\w+)", &AwsSettings::\w+, Need::(\w+)\}', declared.apps()))
    for service, logical, properties in functions(packaged):
        given = set(properties["Environment"]["Variables"])
        assert {name for name, need in settings.items() if need == "required"} <= given <= set(settings), f"{service}.{logical}"


def test_sweeps_run_every_minute(packaged):
    for service in declared.chores():
        rules = [properties for _, _, properties in packaged.of_type("AWS::Events::Rule", service)]
        assert [rule["ScheduleExpression"] for rule in rules] == ["rate(1 minute)"]


def test_every_function_has_a_log_group_that_forgets(packaged):
    groups = {p["LogGroupName"]: p for _, _, p in packaged.of_type("AWS::Logs::LogGroup")}
    for _, logical, properties in functions(packaged):
        assert groups[f"/aws/lambda/{properties['FunctionName']}"]["RetentionInDays"] == 90


def test_every_function_has_a_role_of_its_own(packaged):
    roles = [(service, properties["Role"]["Fn::GetAtt"][0]) for service, _, properties in functions(packaged)]
    assert len(set(roles)) == len(roles)


def test_no_role_reaches_beyond_what_it_names(packaged):
    # X-Ray has no resources. A stream's name ends with when it was made; objects of a bucket are by prefix; mails go to
    # whomever, but come from one address.
    whole = re.compile(
        r"arn:aws:(dynamodb:.*:table/souk-prod-\w+/stream/\*|logs:.*:log-group:[\w/-]+:\*|s3:::[\w-]+/(store_|private/)\*"
        r"|ses:.*:identity/\*)"
    )
    for service, function, statements in packaged.policies():
        for statement in statements:
            assert statement["Effect"] == "Allow"
            assert not any("*" in action for action in as_list(statement["Action"])), f"{service}.{function}"
            for resource in as_list(statement["Resource"]):
                if resource == "*":
                    assert {one.split(":")[0] for one in as_list(statement["Action"])} == {"xray"}, f"{service}.{function}"
                else:
                    assert "*" not in resource or whole.fullmatch(resource), f"{service}.{function}: {resource}"
                    if ":identity/" in resource:
                        assert "ses:FromAddress" in statement["Condition"]["StringEquals"], f"{service}.{function}"


def test_a_siblings_table_is_only_read_or_checked(packaged):
    """Checked, in a commit of one's own: docs/decisions/0021."""
    checked = {"carts.http": "orders", "orders.http": "carts"}
    owned = {}
    for service, _, properties in packaged.of_type("AWS::DynamoDB::Table"):
        owned.setdefault(service, set()).add(properties["TableName"])
    for service, function, statements in packaged.policies():
        for statement in statements:
            for resource in as_list(statement["Resource"]):
                table = re.match(r"arn:aws:dynamodb:[^/]*:table/([\w-]+)", resource)
                if table and table[1] not in owned[service]:
                    name = f"{service}.{function}"
                    check = {"dynamodb:ConditionCheckItem"} if table[1] == f"souk-prod-{checked.get(name)}" else set()
                    assert set(as_list(statement["Action"])) <= read_only | check, name


def test_the_relay_alone_publishes(packaged):
    for service, function, statements in packaged.policies():
        actions = {action for statement in statements for action in as_list(statement["Action"])}
        assert ("sns:Publish" in actions) == (function == "relay"), f"{service}.{function}"


def test_dead_letters_of_all_queues_can_be_redriven(packaged):
    (statements,) = (s for service, function, s in packaged.policies() if (service, function) == ("notifications", "http"))
    reached = {
        resource.rsplit(":", 1)[1].removeprefix(packaged.prefix)
        for statement in statements
        for resource in as_list(statement["Resource"])
        if ":sqs:" in resource
    }
    assert reached == {name + end for name in declared.subscriptions() for end in ("", "-dead")}


def test_nothing_calls_a_function_past_its_alias(packaged):
    called = 0
    for service, template in packaged.templates.items():
        for logical, resource in template["Resources"].items():
            properties = resource.get("Properties", {})
            targets = {
                "AWS::Lambda::EventSourceMapping": lambda p: [p["FunctionName"]],
                "AWS::Lambda::Permission": lambda p: [p["FunctionName"]],
                "AWS::ApiGatewayV2::Integration": lambda p: [p["IntegrationUri"]],
                "AWS::Events::Rule": lambda p: [one["Arn"] for one in p["Targets"]],
            }.get(resource["Type"], lambda p: [])(properties)
            for target in targets:
                called += 1
                assert packaged.value(service, target).endswith(":live"), f"{service}.{logical}"
    assert called >= 35


# Stages.


def test_a_senders_domain_may_be_there_already(tmp_path, lambda_zip):
    folder = stacks.copied(tmp_path)
    settings = {"SOUK_MAIL_FROM": "shop@shop.example", "SOUK_MAIL_IDENTITY": "existing"}
    environment = stacks.offline_environment(SOUK_LAMBDA_ZIP=str(lambda_zip), **settings)
    stacks.osls(folder / "platform", "package", "--stage", "dev", environment=environment)
    kinds = {resource["Type"] for resource in stacks.Stacks(folder, "dev").templates["platform"]["Resources"].values()}
    assert "AWS::SES::EmailIdentity" not in kinds and "AWS::SES::ConfigurationSet" in kinds


def test_a_version_that_mends_what_fails_is_let_in(tmp_path, lambda_zip):
    """An alarm that is on keeps every version out, also the one that ends it: SOUK_ROLLOUT=now asks none."""
    folder = stacks.copied(tmp_path)
    environment = stacks.offline_environment(SOUK_LAMBDA_ZIP=str(lambda_zip), SOUK_ROLLOUT="now")
    stacks.osls(folder / "carts", "package", "--stage", "prod", environment=environment)
    groups = list(stacks.Stacks(folder, "prod").of_type("AWS::CodeDeploy::DeploymentGroup"))
    assert groups
    for _, _, group in groups:
        assert group["AlarmConfiguration"]["Enabled"] is False
        assert group["DeploymentConfigName"] == "CodeDeployDefault.LambdaAllAtOnce"


@pytest.mark.parametrize(("domain", "closed"), [("api.shop.example", True), ("", None)])
def test_amazons_address_is_closed_only_where_there_is_another(tmp_path, lambda_zip, domain, closed):
    folder = stacks.copied(tmp_path)
    environment = stacks.offline_environment(
        SOUK_LAMBDA_ZIP=str(lambda_zip), SOUK_CLOSE_AMAZON_ADDRESS="true", SOUK_DOMAIN=domain,
        SOUK_CERTIFICATE="arn:aws:acm:eu-west-1:123456789012:certificate/1",
    )  # fmt: skip
    if closed is None:
        with pytest.raises(AssertionError, match="would leave no way in"):
            stacks.osls(folder / "platform", "package", "--stage", "prod", environment=environment)
        return
    stacks.osls(folder / "platform", "package", "--stage", "prod", environment=environment)
    (_, _, api), = stacks.Stacks(folder, "prod").of_type("AWS::ApiGatewayV2::Api")
    assert api["DisableExecuteApiEndpoint"] is closed


@pytest.mark.parametrize(
    ("service", "variable", "why"),
    [("carts", "SOUK_ROLLOUT", 'is "watched" or "now", not "soon"'), ("platform", "SOUK_CLOSE_AMAZON_ADDRESS", "is true or false, not soon")],
)
def test_a_setting_that_is_neither_is_refused(tmp_path, lambda_zip, service, variable, why):
    folder = stacks.copied(tmp_path)
    environment = stacks.offline_environment(SOUK_LAMBDA_ZIP=str(lambda_zip), **{variable: "soon"})
    with pytest.raises(AssertionError, match=re.escape(why)):
        stacks.osls(folder / service, "package", "--stage", "prod", environment=environment)


def test_a_consumer_knows_a_type_before_it_comes(packaged):
    """A wider filter waits for the version that can read what it lets through."""
    for service, template in packaged.templates.items():
        for logical, resource in template["Resources"].items():
            if resource["Type"] == "AWS::SNS::Subscription" and resource["Properties"]["Protocol"] == "sqs":
                assert "ReactionsLiveAlias" in resource["DependsOn"], f"{service}.{logical}"


def test_no_two_stacks_change_the_api_at_once():
    services = yaml.safe_load((stacks.source / "serverless-compose.yml").read_text())["services"]
    assert set(services) == {"platform", *stacks.services}
    order = list(services)
    assert [services[name].get("dependsOn") for name in order] == [None, *order[:-1]]


@pytest.mark.parametrize("stage", ["dev", "stage", "prod"])
def test_stages_have_the_same_settings(stage):
    one, every = (yaml.safe_load((stacks.source / f"stages/{name}.yml").read_text()) for name in (stage, "prod"))
    assert list(one) == list(every)
