"""What is watched, by which alarms, and which of them take a new version back."""

import json
import re

import yaml

import declared
import stacks
from stacks import functions, queues


# Functions that work as long as they may while there is something to do, or wait for others' servers.
takes_its_time = {f"{service}-sweep" for service in declared.chores()} | {"notifications-reactions", "products-reactions"}


def alarms(packaged):
    return {
        properties["AlarmName"].removeprefix(packaged.prefix): (service, properties)
        for service, _, properties in packaged.of_type("AWS::CloudWatch::Alarm")
    }


def test_every_alarm_tells_somebody(packaged):
    topic = packaged.value("platform", {"Ref": "AlarmTopic"})
    for name, (service, properties) in alarms(packaged).items():
        assert packaged.value(service, properties["AlarmActions"]) == [topic], name
        heartbeat = name.endswith("-silent")
        assert properties["TreatMissingData"] == ("breaching" if heartbeat else "notBreaching"), name


def test_a_function_is_slow_before_it_is_cut_off(packaged):
    known = alarms(packaged)
    for service, logical, properties in functions(packaged):
        about = f"{service}-{logical.removesuffix('LambdaFunction').lower()}"
        share = 0.95 if about in takes_its_time else 0.5
        assert known[f"{about}-slow"][1]["Threshold"] == properties["Timeout"] * 1000 * share, about


def test_nothing_worth_an_alarm_is_without(packaged):
    known = set(alarms(packaged))
    wanted = {"api-failing", "api-slow", "concurrency", "topic-failing", "mail-bouncing", "accounts-throttled"}
    wanted |= {"metrics-unreadable", "metrics-invalid", "orders-unusual", "orders-failing", "relays-failing"}
    wanted |= {"orders-stuck", "user-pool-failing"}
    for service, logical, _ in functions(packaged):
        name = f"{service}-{logical.removesuffix('LambdaFunction').lower()}"
        wanted |= {f"{name}-{what}" for what in ("error-rate", "slow", "throttled")}
        wanted |= {f"{name}-failing"} if name.endswith("-reactions") else set()
        wanted |= {f"{name}-behind"} if name.endswith("-relay") else set()
        wanted |= {f"{name}-silent"} if name.endswith("-sweep") else set()
    for name in queues(packaged):
        wanted |= {f"{name}-filled"} if name.endswith("-dead") else {f"{name}-old"}
    for name in declared.tables():
        wanted |= {f"table-{name}-{what}" for what in ("throttled", "failing", "contended")}
    assert known == wanted


def our_dimensions():
    """Metric -> the names of its dimensions, as the functions write them."""
    telemetry = declared.sources("src/adapters/telemetry_cloudwatch")
    common, kept = re.search(r"metrics_\(options\.metric_namespace, \{(\{.*?\})\},\s*\{(.*?)\}\)", telemetry, re.S).groups()
    ours = "\n".join(map(declared.sources, ("src/adapters/bus_sns_sqs", "src/adapters/identity_cognito", "src/domain/orders")))
    counted = re.findall(r'count\("(souk_\w+)"(?:, \d+,\s*\{(.*?)\})?\);', ours, re.S)
    names = set(re.findall(r'\{"(\w+)"', common))
    return {
        metric: names | set(re.findall(r'\{"(\w+)"', labels)) & set(re.findall(r'"(\w+)"', kept)) for metric, labels in counted
    }


def watched(properties):
    """The metrics of an alarm or of a detector: (namespace, name, dimensions)."""
    single = [properties.get("SingleMetricAnomalyDetector", properties)]
    several = [one["MetricStat"]["Metric"] for one in properties.get("Metrics", []) if "MetricStat" in one]
    for one in several if "Metrics" in properties else single:
        yield one["Namespace"], one["MetricName"], {each["Name"]: each["Value"] for each in one.get("Dimensions", [])}


def test_our_metrics_are_watched_by_the_dimensions_that_they_have(packaged):
    known = our_dimensions()
    # Service is the first word of the handler: one for all relays.
    services = {handler["Handler"].split(".")[0] for _, _, handler in functions(packaged)}
    seen = set()
    for kind in ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::AnomalyDetector"):
        for service, _, properties in packaged.of_type(kind):
            for namespace, name, dimensions in watched(properties):
                if namespace == "Souk":
                    seen.add(name)
                    assert set(dimensions) == known[name], name
                    assert dimensions["Stage"] == "prod" and dimensions["Service"] == service in services, name
    assert seen == {
        "souk_events_total", "souk_reactions_total", "souk_relay_failures_total", "souk_orders_stuck_total",
        "souk_identity_pool_failures_total",
    }  # fmt: skip


def test_the_account_is_watched_as_the_stage_says(packaged):
    setting = yaml.safe_load((stacks.source / "stages/prod.yml").read_text())["concurrency_alarm"]
    assert alarms(packaged)["concurrency"][1]["Threshold"] == setting


def test_accounts_are_watched_as_cognito_counts_them(packaged):
    """Every five minutes; and people who are made with AdminCreateUser as those of the client Admin."""
    _, alarm = alarms(packaged)["accounts-throttled"]
    counted = [one["MetricStat"] for one in alarm["Metrics"] if "MetricStat" in one]
    assert {one["Period"] for one in counted} == {300} and alarm["EvaluationPeriods"] == 1
    clients = {name: dimensions["UserPoolClient"] for _, name, dimensions in watched(alarm)}
    own = {"Ref": "UserPoolClient"}
    assert clients == {"SignInThrottles": own, "TokenRefreshThrottles": own, "SignUpThrottles": "Admin"}


def test_metrics_that_are_lost_are_seen_in_every_log_group(packaged):
    """AWS/Logs has these metrics by log group alone, and a metric without its dimensions is another, of which there is none."""
    asked = {
        one["Expression"]
        for _, properties in alarms(packaged).values()
        for one in properties.get("Metrics", [])
        if "AWS/Logs" in one.get("Expression", "")
    }
    names = ("EMFParsingErrors", "EMFValidationErrors")
    assert asked == {f'SELECT SUM({name}) FROM SCHEMA("AWS/Logs", LogGroupName)' for name in names}
    plain = {namespace for _, properties in alarms(packaged).values() for namespace, _, _ in watched(properties)}
    assert "AWS/Logs" not in plain


def test_mails_that_come_back_are_told_to_whom_alarms_are(packaged):
    (_, _, events), = packaged.of_type("AWS::SES::ConfigurationSetEventDestination")
    destination = events["EventDestination"]
    assert destination["Enabled"] is True and set(destination["MatchingEventTypes"]) == {"BOUNCE", "COMPLAINT", "REJECT"}
    topic = {"Ref": "AlarmTopic"}
    assert destination["SnsDestination"] == {"TopicARN": topic}
    (_, _, identity), = packaged.of_type("AWS::SES::EmailIdentity")
    assert identity["ConfigurationSetAttributes"] == {"ConfigurationSetName": events["ConfigurationSetName"]}
    # An identity that was there before has another set, so each mail names this one.
    (_, _, settings), = packaged.of_type("AWS::SES::ConfigurationSet")
    for _, _, function in packaged.of_type("AWS::Lambda::Function"):
        assert function["Environment"]["Variables"]["SOUK_MAIL_CONFIGURATION_SET"] == settings["Name"]
    (_, _, policy), = packaged.of_type("AWS::SNS::TopicPolicy")
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert policy["Topics"] == [topic] and statement["Resource"] == topic
    assert set(statement["Principal"]["Service"]) == {"cloudwatch.amazonaws.com", "ses.amazonaws.com"}
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def test_the_cost_table_counts_what_watches(packaged):
    """A query is charged for what it finds, which is nothing while all is well."""
    text = (stacks.root / "docs/aws.md").read_text()
    count = sum(len(list(watched(properties))) for _, properties in alarms(packaged).values())
    assert f"| alarms ({count} metrics − 10 free) × 0.10 |" in text
    assert "| the dashboard, because it shows more than 50 metrics | 3 | 3 | 3 |" in text


def dashboard(packaged):
    (_, _, properties), = packaged.of_type("AWS::CloudWatch::Dashboard")
    return json.loads(packaged.value("platform", properties["DashboardBody"]))["widgets"]


def test_the_dashboard_is_json(packaged):
    assert len(dashboard(packaged)) >= 10


def test_the_dashboard_finds_what_is_deployed(packaged):
    """A value in quotes is sought whole, one without by its words: nine graphs were empty because of that."""
    deployed = {
        "FunctionName": {one["FunctionName"] for _, _, one in packaged.of_type("AWS::Lambda::Function")},
        "QueueName": {one["QueueName"] for _, _, one in packaged.of_type("AWS::SQS::Queue")},
        "TableName": {one["TableName"] for _, _, one in packaged.of_type("AWS::DynamoDB::Table")},
    }
    sought = set()
    for widget in dashboard(packaged):
        for metric in widget["properties"]["metrics"]:
            for dimension, value in re.findall(r'(\w+)=("[^"]*"|[^\s\']+)', str(metric[0].get("expression") if isinstance(metric[0], dict) else "")):
                if dimension in deployed:
                    sought.add(dimension)
                    words = value.strip('"')
                    whole = value.startswith('"')
                    found = [name for name in deployed[dimension] if name == words or not whole and name.startswith(words)]
                    assert len(found) == len(deployed[dimension]), (dimension, value)
    assert sought == set(deployed)


def test_new_versions_come_by_and_by_and_go_on_alarm(packaged):
    for service, logical, properties in functions(packaged):
        name = logical.removesuffix("LambdaFunction")
        alias = packaged.resource(service, f"{name}LiveAlias")
        group_id = alias["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]["DeploymentGroupName"]["Ref"]
        group = packaged.resource(service, group_id)["Properties"]
        assert group["DeploymentConfigName"] == "CodeDeployDefault.LambdaCanary10Percent5Minutes"
        assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]
        assert group["AlarmConfiguration"]["Enabled"] is True
        watched = {
            packaged.resource(service, one["Name"]["Ref"])["Properties"]["AlarmName"] if "Ref" in one["Name"] else one["Name"]
            for one in group["AlarmConfiguration"]["Alarms"]
        }
        about = f"{service}-{name.lower()}"
        # What answers 5xx, or gives messages back, has not failed to Lambda.
        own = {"Http": {"api-failing"}, "Reactions": {f"{about}-failing"}, "Relay": {"relays-failing"}}.get(name, set())
        wanted = {f"{about}-error-rate"} | own | (set() if about in takes_its_time else {f"{about}-slow"})
        assert {one.removeprefix(packaged.prefix) for one in watched} == wanted
        assert wanted <= set(alarms(packaged))
