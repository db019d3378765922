"""A Multi-AZ DB cluster is judged as an instance is; an Aurora cluster leaves to its instances what they say."""

from typing import Any

import pytest

from policies.facts.facts import Facts
from policies.resources.tokens import CLUSTER_PARAMETER_GROUP, DB_CLUSTER, DB_CLUSTER_INSTANCE
from policies.rules.budget.class_memory import buffer_pool_fits_class
from policies.rules.database.parameters import database_parameter_family, database_tls_required
from policies.rules.database.protection import database_not_public
from policies.rules.database.storage import database_storage_grows
from policies.rules.database.upkeep import (
    database_certificate_authority,
    database_class_current,
    database_minor_upgrades,
    database_monitoring,
)
from policies.rules.rule import Rule, Stack

CLUSTER = {
    "engine": "mysql",
    "engineVersion": "8.4.5",
    "dbClusterInstanceClass": "db.m6gd.large",
    "storageType": "io1",
    "allocatedStorage": 100,
    "iops": 3000,
    "monitoringInterval": 60,
    "monitoringRoleArn": "arn:aws:iam::123456789012:role/monitoring",
    "performanceInsightsEnabled": True,
    "dbClusterParameterGroupName": "g",
}
PARAMETERS = {"require_secure_transport": "1"}
GIB = 1024**3
FAULTS: list[tuple[Rule, dict[str, Any], dict[str, str], str]] = [
    (database_not_public, {"publiclyAccessible": True}, {}, "publiclyAccessible is true"),
    (database_certificate_authority, {"caCertificateIdentifier": "rds-ca-2019"}, {}, "caCertificateIdentifier is"),
    (database_class_current, {"dbClusterInstanceClass": "db.r4.large"}, {}, "dbClusterInstanceClass is of r4"),
    (database_minor_upgrades, {"autoMinorVersionUpgrade": False}, {}, "autoMinorVersionUpgrade is false"),
    (database_monitoring, {"monitoringInterval": 0}, {}, "monitoringInterval is 0"),
    (database_monitoring, {"performanceInsightsEnabled": None}, {}, "performanceInsightsEnabled is not set"),
    (database_storage_grows, {"iops": None}, {}, "storageType is io1, and iops is not set"),
    (database_parameter_family, {"engineVersion": "8.0.40"}, {}, 'of the family "mysql8.4"'),
    (database_tls_required, {}, {"require_secure_transport": "OFF"}, "require_secure_transport is OFF"),
    (buffer_pool_fits_class, {}, {"innodb_buffer_pool_size": str(8 * GIB)}, "innodb_buffer_pool_size is 8.0 GiB"),
]
RULES = list({rule.spec.name: rule for rule, *_ in FAULTS}.values())


def found(stack: Any, rule: Rule, urn: str) -> list[str]:
    judged = rule.judge(Stack(facts=Facts(stack.graph()), stage="prd", spec=rule.spec))
    return [finding.parts.found for finding in judged if finding.urn == urn and finding.parts]


def cluster(stack: Any, props: dict[str, Any], parameters: dict[str, str]) -> str:
    listed = [{"name": name, "value": value} for name, value in {**PARAMETERS, **parameters}.items()]
    stack.add(CLUSTER_PARAMETER_GROUP, "g", {"name": "g", "family": "mysql8.4", "parameters": listed})
    return stack.add(DB_CLUSTER, "c", {key: value for key, value in {**CLUSTER, **props}.items() if value is not None})


@pytest.mark.parametrize(("rule", "props", "parameters", "text"), FAULTS)
def test_a_fault_of_a_cluster_that_makes_its_instances_itself(
    stack: Any, rule: Rule, props: dict[str, Any], parameters: dict[str, str], text: str
) -> None:
    [problem] = found(stack, rule, cluster(stack, props, parameters))
    assert text in problem


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.spec.name)
def test_such_a_cluster_in_order(stack: Any, rule: Rule) -> None:
    assert found(stack, rule, cluster(stack, {}, {})) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.spec.name)
def test_of_an_aurora_cluster_nothing_is_asked_that_its_instances_have(stack: Any, rule: Rule) -> None:
    aurora = stack.add(DB_CLUSTER, "c", {"engine": "aurora-mysql", "engineVersion": "8.0.mysql_aurora.3.08.0"})
    assert found(stack, rule, aurora) == []


@pytest.mark.parametrize(
    ("of_cluster", "of_instance", "problems"),
    [
        (("monitoringInterval", "monitoringRoleArn", "performanceInsightsEnabled"), {}, 0),
        (("monitoringInterval", "monitoringRoleArn", "performanceInsightsEnabled"), {"monitoringInterval": 0}, 0),
        (("performanceInsightsEnabled",), {}, 1),
        (("performanceInsightsEnabled",), {"performanceInsightsEnabled": False}, 2),
        ((), {}, 2),
    ],
)
def test_an_instance_of_aurora_is_monitored_as_its_cluster_says(
    stack: Any, of_cluster: tuple[str, ...], of_instance: dict[str, Any], problems: int
) -> None:
    held = stack.add(DB_CLUSTER, "c", {"engine": "aurora-mysql", **{key: CLUSTER[key] for key in of_cluster}})
    member = stack.add(DB_CLUSTER_INSTANCE, "m", {"clusterIdentifier": "c", **of_instance}, clusterIdentifier=(held,))
    assert len(found(stack, database_monitoring, member)) == problems


def test_a_member_whose_engine_is_its_clusters_output_has_that_engine(stack: Any, unknown: str) -> None:
    held = stack.add(DB_CLUSTER, "c", {"engine": "aurora-mysql", "dbClusterParameterGroupName": "elsewhere"})
    props = {"clusterIdentifier": "c", "engine": unknown}
    member = stack.add(DB_CLUSTER_INSTANCE, "m", props, clusterIdentifier=(held,), engine=(held,))
    judged = database_tls_required.judge(
        Stack(facts=Facts(stack.graph()), stage="prd", spec=database_tls_required.spec)
    )
    [message] = [finding.message for finding in judged if finding.urn == member]
    assert (
        f'undecided: dbClusterParameterGroupName of {held} is "elsewhere", which is no group of this stack' in message
    )
