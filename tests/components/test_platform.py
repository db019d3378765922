"""The platform of the real stages, as the engine is asked for it."""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from offline.aws.planned import output_schema
from offline.engine.outcome import Outcome
from offline.engine.state import ResourceRecord
from offline.engine.urn import name_of
from tests.project import PROJECT

Preview = Callable[..., Outcome]


def of_type(outcome: Outcome, ending: str) -> dict[str, ResourceRecord]:
    return {resource.name: resource for resource in outcome.resources if resource.type.endswith(f":{ending}")}


def container(definition: ResourceRecord) -> dict[str, Any]:
    """The application's container: the essential one."""
    [only] = (entry for entry in json.loads(definition.inputs["containerDefinitions"]) if entry["essential"])
    return only


def environment(definition: ResourceRecord) -> dict[str, str]:
    return {entry["name"]: entry["value"] for entry in container(definition)["environment"]}


@pytest.fixture
def dev(preview: Preview) -> Outcome:
    return preview("dev")


@pytest.fixture
def prd(preview: Preview) -> Outcome:
    return preview("prd")


def test_services_have_their_names_ports_and_addresses(dev: Outcome) -> None:
    services = of_type(dev, "Service")
    found = {
        name: (
            service.inputs["name"],
            service.inputs["cluster"],
            service.inputs["serviceConnectConfiguration"]["namespace"],
            service.inputs["serviceConnectConfiguration"]["services"][0]["portName"],
            service.inputs["serviceConnectConfiguration"]["services"][0]["clientAlias"],
        )
        for name, service in services.items()
        if service.custom and name != "api-docs"
    }
    assert found == {
        name: (
            f"dev-{name}",
            "dev-item",
            "dev-itemscout-ns",
            "server-3000-tcp",
            [{"dnsName": f"{name}.dev-itemscout-ns", "port": 3000}],
        )
        for name in ("datalab-api", "gateway", "legacy-api", "tracking-api")
    }


def test_applications_listen_on_3000_and_none_claims_a_host_port(dev: Outcome) -> None:
    definitions = of_type(dev, "TaskDefinition")
    mappings = {name: container(definition)["portMappings"] for name, definition in definitions.items()}
    listens = [{"appProtocol": "http", "containerPort": 3000, "name": "server-3000-tcp", "protocol": "tcp"}]
    assert mappings == {
        "api-docs": listens,
        "category-batch": [],
        "datalab-api": listens,
        "gateway": listens,
        "legacy-api": listens,
        "ranking-batch": [],
        "tracking-api": listens,
    }


@pytest.mark.parametrize(
    ("stage", "limits"),
    [
        ("dev", {"category-batch": "2", "datalab-api": "5", "legacy-api": "5", "ranking-batch": "2", "tracking-api": "10"}),
        ("prd", dict.fromkeys(("category-batch", "datalab-api", "legacy-api", "ranking-batch", "tracking-api"), "32")),
    ],
)  # fmt: skip
def test_every_database_client_and_no_other_has_its_limit(preview: Preview, stage: str, limits: dict[str, str]) -> None:
    definitions = of_type(preview(stage), "TaskDefinition")
    found = {name: environment(definition).get("DB_CONN_LIMIT") for name, definition in definitions.items()}
    assert found == limits | {"gateway": None} | ({"api-docs": None} if stage == "dev" else {})


def test_the_database_is_reached_by_its_chosen_name_and_its_password_by_reference(dev: Outcome) -> None:
    definition = of_type(dev, "TaskDefinition")["tracking-api"]
    told = {name: value for name, value in environment(definition).items() if not name.startswith("OTEL_")}
    assert told == {
        "DB_CONN_LIMIT": "10",
        "DB_HOST": "db.dev.itemscout.internal",
        "DB_NAME": "itemscout",
        "DB_POOL_IDLE_MS": "30000",
        "DB_PORT": "3306",
        "DB_SSL_MODE": "VERIFY_CA",
        "DB_USER": "tracking_api",
        "ENVIRONMENT": "development",
        "KEEP_ALIVE_TIMEOUT_MS": "65000",
        "LOG_LEVEL": "debug",
        "PORT": "3000",
        "SERVICE": "tracking-api",
        "STAGE": "dev",
    }
    # A placeholder gets no secret; its first image gets those that the label names.
    assert container(definition)["secrets"] == []
    assert json.loads(container(definition)["dockerLabels"]["placeholder-secrets"]) == {
        "DB_PASSWORD": "arn:aws:ssm:ap-northeast-2:123456789012:parameter/dev/tracking-api/DB_PASSWORD"
    }


def test_the_database_opens_to_exactly_the_workloads_that_declare_it(dev: Outcome) -> None:
    [group] = [g for g in of_type(dev, "SecurityGroup").values() if g.inputs["name"] == "dev-db"]
    sources = {
        name_of(rule.property_dependencies["referencedSecurityGroupId"][0])
        for rule in dev.resources
        if rule.type == "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
        and rule.property_dependencies["securityGroupId"] == (group.urn,)
    }
    assert sources == {"database-clients"}
    worn = ("aws:ecs/service:Service", "aws:scheduler/schedule:Schedule")
    clients = {
        resource.name
        for resource in dev.resources
        if resource.type in worn
        and any(
            name_of(urn) == "database-clients"
            for urns in resource.property_dependencies.values()
            for urn in urns
            if urn.rpartition("::")[0].endswith("aws:ec2/securityGroup:SecurityGroup")
        )
    }
    assert clients == {"category-batch", "datalab-api", "legacy-api", "ranking-batch", "tracking-api"}


@pytest.mark.parametrize(
    ("stage", "size", "connections"), [("dev", "db.t4g.micro", "60"), ("prd", "db.r5.xlarge", "2540")]
)
def test_the_database_has_literal_limits_and_short_timeouts(
    preview: Preview, stage: str, size: str, connections: str
) -> None:
    outcome = preview(stage)
    [instance] = of_type(outcome, "Instance").values()
    [group] = of_type(outcome, "ParameterGroup").values()
    assert (instance.inputs["instanceClass"], instance.inputs["engineVersion"]) == (size, "8.4")
    assert instance.inputs["parameterGroupName"] == group.inputs["name"]
    assert {p["name"]: p["value"] for p in group.inputs["parameters"]} == {
        "interactive_timeout": "60",
        "log_output": "FILE",
        "max_connections": connections,
        "require_secure_transport": "1",
        "slow_query_log": "1",
        "wait_timeout": "60",
    }
    assert instance.protect is (stage == "prd")


def test_batch_jobs_run_on_schedules_without_a_service(dev: Outcome) -> None:
    schedules = {
        name: (
            schedule.inputs["scheduleExpression"],
            schedule.inputs["scheduleExpressionTimezone"],
            schedule.inputs["flexibleTimeWindow"],
            schedule.inputs["target"]["retryPolicy"]["maximumRetryAttempts"],
            schedule.inputs["target"]["ecsParameters"]["taskDefinitionArn"],
        )
        for name, schedule in of_type(dev, "Schedule").items()
    }
    family = "arn:aws:ecs:ap-northeast-2:123456789012:task-definition"
    assert schedules == {
        "category-batch": ("cron(0 * * * ? *)", "Asia/Seoul", {"mode": "OFF"}, 0, f"{family}/dev-category-batch"),
        "ranking-batch": ("cron(0 2 * * ? *)", "Asia/Seoul", {"mode": "OFF"}, 0, f"{family}/dev-ranking-batch"),
    }
    assert not {"category-batch", "ranking-batch"} & set(of_type(dev, "Service"))


def test_autoscaling_has_the_bounds_of_the_real_input(prd: Outcome) -> None:
    targets = of_type(prd, "Target")
    assert {name: (t.inputs["minCapacity"], t.inputs["maxCapacity"]) for name, t in targets.items()} == {
        "datalab-api": (2, 6),
        "legacy-api": (2, 4),
        "tracking-api": (2, 6),
    }
    assert sorted(p.inputs["name"] for p in of_type(prd, "Policy").values()) == [
        "prd-datalab-api-cpu",
        "prd-datalab-api-requests",
        "prd-legacy-api-cpu",
        "prd-legacy-api-requests",
        "prd-tracking-api-cpu",
        "prd-tracking-api-requests",
    ]


@pytest.mark.parametrize("stage", ["dev", "prd"])
def test_all_that_takes_tags_has_the_five(preview: Preview, stage: str) -> None:
    taggable = [r for r in preview(stage).resources if r.type.startswith("aws:") and takes_tags(r.type)]
    assert len(taggable) > 50
    wanted = {"Project": "itemscout", "Stage": stage, "Owner": "platform-team", "ManagedBy": "Pulumi"}
    wrong = [r.urn for r in taggable if not wanted.items() <= r.inputs.get("tags", {}).items()]
    assert wrong == []
    assert [r.urn for r in taggable if not r.inputs["tags"].get("Service")] == []


def takes_tags(type_token: str) -> bool:
    schema = output_schema(type_token)
    return "tags" in schema.computed | schema.optional


def test_nat_gateways_and_subnets_follow_the_stage(preview: Preview) -> None:
    counts = {
        stage: {
            kind: count
            for kind, count in Counter(r.type.rsplit(":", 1)[1] for r in preview(stage).resources).items()
            if kind in ("NatGateway", "Subnet", "Listener", "Certificate")
        }
        for stage in ("dev", "prd")
    }
    assert counts == {
        "dev": {"NatGateway": 1, "Subnet": 6, "Listener": 1},
        "prd": {"NatGateway": 3, "Subnet": 9, "Listener": 2, "Certificate": 1},
    }


def test_http_is_redirected_where_https_is_served(prd: Outcome) -> None:
    listeners = of_type(prd, "Listener")
    assert listeners["http"].inputs["defaultActions"][0]["redirect"] == {
        "port": "443",
        "protocol": "HTTPS",
        "statusCode": "HTTP_301",
    }
    assert listeners["https"].inputs["sslPolicy"] == "ELBSecurityPolicy-TLS13-1-2-2021-06"


def test_an_existing_vpc_cluster_and_database_are_used_by_their_names(preview: Preview, stage_values: Any) -> None:
    database = stage_values("dev")[f"{PROJECT}:database"]
    del database["applyImmediately"]  # nobody applies anything to a database of somebody else
    outcome = preview(
        "dev",
        {
            "network": {
                "existing": {
                    "vpcId": "vpc-0a1b2c3d4e5f60718",
                    "publicSubnetIds": ["subnet-0aa1b2c3", "subnet-0ab1b2c3"],
                    "privateSubnetIds": ["subnet-0ba1b2c3", "subnet-0bb1b2c3"],
                    "databaseSubnetIds": ["subnet-0ca1b2c3", "subnet-0cb1b2c3"],
                }
            },
            "cluster": {"name": "shared", "namespace": "shared-ns", "existing": True},
            "database": database
            | {"existing": {"host": "db.example.internal", "securityGroupId": "sg-0a1b2c3d4e5f60718"}},
        },
    )
    assert (outcome.result, outcome.errors) == ("succeeded", ())
    kinds = {resource.type.rsplit(":", 1)[1] for resource in outcome.resources if resource.custom}
    assert not kinds & {"Vpc", "Subnet", "NatGateway", "HttpNamespace", "Instance", "ParameterGroup"}
    service = next(r for r in outcome.resources if r.type == "aws:ecs/service:Service" and r.name == "datalab-api")
    assert service.inputs["cluster"] == "shared"
    assert service.inputs["networkConfiguration"]["subnets"] == ["subnet-0ba1b2c3", "subnet-0bb1b2c3"]
    assert environment(of_type(outcome, "TaskDefinition")["datalab-api"])["DB_HOST"] == "db.example.internal"


def test_a_singleton_is_replaced_and_never_doubled(preview: Preview, stage_values: Any) -> None:
    services = stage_values("prd")["category-analyzer:services"]
    outcome = preview("prd", {"services": services | {"beat": {"singleton": True, "database": True}}})
    assert (outcome.result, outcome.errors) == ("succeeded", ())
    [service] = (r for r in outcome.resources if r.type == "aws:ecs/service:Service" and r.name == "beat")
    assert {
        key: service.inputs[key] for key in service.inputs if key.startswith(("deploymentM", "desired", "avail"))
    } == {
        "availabilityZoneRebalancing": "DISABLED",
        "deploymentMaximumPercent": 100,
        "deploymentMinimumHealthyPercent": 0,
        "desiredCount": 1,
    }
    assert "beat" not in of_type(outcome, "Target")
    assert of_type(outcome, "TaskDefinition")["beat"].inputs["tags"]["budget:singleton"] == "true"
