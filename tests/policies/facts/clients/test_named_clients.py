"""Services that name a database by its address, its identifier or its own outputs are clients of it."""

from typing import Any

import pytest

from policies.resources import tokens
from tests.policies.conftest import UNKNOWN, StackBuilder

HOST = "db.dev.shop.internal"
DECLARE = (
    "what it opens cannot be read: declare the most connections that all of it opens at once in the tag "
    '"budget:connections", 0 for none.'
)


@pytest.fixture
def named(stack: StackBuilder) -> StackBuilder:
    """A database with a private name of its own."""
    database = stack.database()
    stack.add(tokens.DNS_RECORD, "db", {"name": HOST, "records": [UNKNOWN]}, records=(database,))
    return stack


@pytest.mark.parametrize(
    ("kind", "props"),
    [
        ("aws:dms/endpoint:Endpoint", {"serverName": HOST}),
        (
            "aws:glue/connection:Connection",
            {"connectionProperties": {"JDBC_CONNECTION_URL": f"jdbc:mysql://{HOST}:3306/x"}},
        ),
        (
            "aws:appflow/connectorProfile:ConnectorProfile",
            {"connectorProfileConfig": {"a": [{"url": f"https://{HOST}"}]}},
        ),
        ("aws:quicksight/dataSource:DataSource", {"parameters": {"rds": {"instanceId": "db", "database": "x"}}}),
        (
            "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream",
            {"databaseSourceConfiguration": {"endpoint": HOST}},
        ),
        ("aws:mskconnect/connector:Connector", {"connectorConfiguration": {"database.hostname": HOST}}),
        (
            "aws:bedrock/agentKnowledgeBase:AgentKnowledgeBase",
            {"storageConfiguration": {"rdsConfiguration": {"resourceArn": "arn:aws:rds:x:1:db:db"}}},
        ),
        ("aws:new/thing:Thing", {"target": f"mysql://{HOST}/x"}),
    ],
)
def test_what_names_a_database_is_a_client(named: StackBuilder, kind: str, props: dict[str, Any]) -> None:
    urn = named.add(kind, "reader", props)
    assert named.messages() == [
        f"reader: its connections cannot be counted: it names db in {next(iter(props))}, and {DECLARE}"
    ]
    named.change(urn, tags={"budget:connections": "7"})
    assert named.budget().budget.demand == 7
    named.change(urn, tags={"budget:connections": "0"})
    assert named.messages() == []


def test_its_own_output_names_it_too(named: StackBuilder) -> None:
    named.add(
        "aws:dms/endpoint:Endpoint",
        "reader",
        {"serverName": UNKNOWN},
        serverName=(named.urn(tokens.DB_INSTANCE, "db"),),
    )
    assert named.messages() == [f"reader: its connections cannot be counted: it names db in serverName, and {DECLARE}"]


@pytest.mark.parametrize(
    ("kind", "props"),
    [
        ("aws:dms/endpoint:Endpoint", {"serverName": "db.elsewhere.internal", "tags": {"Host": HOST}}),
        ("aws:dms/endpoint:Endpoint", {"serverName": f"x-{HOST}"}),
        ("aws:rds/eventSubscription:EventSubscription", {"sourceIds": ["db"]}),
        ("aws:backup/selection:Selection", {"resources": ["arn:aws:rds:x:1:db:db"]}),
        ("aws:lambda/function:Function", {"environment": {"variables": {"DB_HOST": HOST}}}),
        (tokens.PARAMETER, {"value": HOST}),
        (tokens.ALARM, {"dimensions": {"DBInstanceIdentifier": "db"}}),
        ("aws:new/thing:Thing", {"database": "db"}),
    ],
)
def test_what_only_speaks_of_it_is_none(named: StackBuilder, kind: str, props: dict[str, Any]) -> None:
    named.add(kind, "reader", props)
    assert named.messages() == []


def test_a_service_is_asked_once_where_its_machines_are(named: StackBuilder) -> None:
    named.opens(named.urn(tokens.SECURITY_GROUP, "db"), named.group("dms"))
    tags = {"budget:connections": "9"}
    group = (named.urn(tokens.SECURITY_GROUP, "dms"),)
    named.add(
        "aws:dms/replicationInstance:ReplicationInstance",
        "copy",
        {"vpcSecurityGroupIds": [UNKNOWN], "tags": tags},
        vpcSecurityGroupIds=group,
    )
    named.add("aws:dms/endpoint:Endpoint", "reader", {"serverName": HOST})
    assert named.budget().budget.demand == 9


def test_what_takes_no_tag_counts_as_elsewhere(named: StackBuilder) -> None:
    named.change(named.urn(tokens.DB_INSTANCE, "db"), tags={"budget:reserve": "5", "budget:elsewhere": "8"})
    named.add("aws:appflow/connectorProfile:ConnectorProfile", "reader", {"host": HOST})
    assert named.budget().budget.demand == 8


@pytest.mark.parametrize(("percent", "demand"), [(None, None), (50, 30)])
def test_a_proxy_elsewhere_takes_the_share_that_its_target_group_says(
    named: StackBuilder, percent: int | None, demand: int | None
) -> None:
    named.add(tokens.PROXY_TARGET, "proxy", {"dbProxyName": "shop", "dbInstanceIdentifier": "db"})
    if percent is not None:
        named.add(
            tokens.PROXY_TARGET_GROUP,
            "proxy",
            {"dbProxyName": "shop", "connectionPoolConfig": {"maxConnectionsPercent": percent}},
        )
    if demand is not None:
        assert named.budget().budget.demand == demand
    else:
        assert named.messages() == [
            "shop: its connections cannot be counted: the proxy shop is none of this stack, and no aws.rds.ProxyDefaultTargetGroup here "
            "says what share of max_connections it may take, which is 100 % by default: declare its ProxyDefaultTargetGroup in this "
            "stack, with connectionPoolConfig.maxConnectionsPercent."
        ]
