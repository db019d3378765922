"""Database instances."""

from typing import Any

import pytest

from offline.aws.handler import AwsError, AwsInputError
from tests.offline.aws.rds.groups import SUBNETS, make_group

INSTANCE = "aws:rds/instance:Instance"
AS_GIVEN = (
    "engine", "engineVersion", "engineLifecycleSupport", "publiclyAccessible", "storageType", "allocatedStorage",
    "maxAllocatedStorage", "storageEncrypted", "backupRetentionPeriod", "copyTagsToSnapshot", "deletionProtection",
    "autoMinorVersionUpgrade", "enabledCloudwatchLogsExports", "performanceInsightsEnabled",
    "performanceInsightsRetentionPeriod", "monitoringInterval", "monitoringRoleArn", "databaseInsightsMode", "networkType",
)  # fmt: skip
"""What RDS calls by the name of the property, with a capital."""


@pytest.fixture
def instance_inputs(cloud: Any, vpc_id: str, subnet_ids: list[str]) -> dict[str, Any]:
    """An instance with all that the platform sets, and the groups it needs."""
    security = cloud.make("aws:ec2/securityGroup:SecurityGroup", "db", name="db", description="d", vpcId=vpc_id).id
    cloud.make(SUBNETS, "db", name="dev-db", subnetIds=subnet_ids)
    make_group(cloud)
    cloud.leave()  # deletionProtection
    return {
        "identifier": "dev-db",
        "engine": "mysql",
        "engineVersion": "8.4",
        "engineLifecycleSupport": "open-source-rds-extended-support-disabled",
        "instanceClass": "db.t4g.micro",
        "dbName": "item",
        "port": 3306,
        "username": "admin",
        "manageMasterUserPassword": True,
        "parameterGroupName": "dev-db-mysql8-4",
        "dbSubnetGroupName": "dev-db",
        "vpcSecurityGroupIds": [security],
        "publiclyAccessible": False,
        "multiAz": True,
        "storageType": "gp3",
        "allocatedStorage": 20,
        "maxAllocatedStorage": 100,
        "storageEncrypted": True,
        "backupRetentionPeriod": 7,
        "backupWindow": "17:00-18:00",
        "maintenanceWindow": "sat:18:30-sat:19:30",
        "copyTagsToSnapshot": True,
        "deletionProtection": True,
        "skipFinalSnapshot": False,
        "finalSnapshotIdentifier": "dev-db-final",
        "autoMinorVersionUpgrade": True,
        "applyImmediately": True,
        "enabledCloudwatchLogsExports": ["error", "slowquery"],
        "caCertIdentifier": "rds-ca-rsa2048-g1",
        "performanceInsightsEnabled": True,
        "performanceInsightsRetentionPeriod": 7,
        "monitoringInterval": 60,
        "monitoringRoleArn": "arn:aws:iam::123456789012:role/dev-db-monitoring",
        "iamDatabaseAuthenticationEnabled": True,
        "databaseInsightsMode": "standard",
        "networkType": "IPV4",
        "tags": {"budget:reserve": "5"},
    }


def _described(cloud: Any, identifier: str = "dev-db") -> dict[str, Any]:
    (instance,) = cloud.ask("rds", "describe_db_instances", DBInstanceIdentifier=identifier)["DBInstances"]
    return instance


def test_instance(cloud: Any, instance_inputs: dict[str, Any]) -> None:
    made = cloud.make(INSTANCE, "db", **instance_inputs)
    assert made.id == made.outputs["resourceId"]
    assert len(made.id) == len("db-") + 26
    assert made.outputs["endpoint"] == f"{made.outputs['address']}:3306"
    assert made.outputs["masterUserSecrets"][0]["secretArn"].startswith(
        "arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:rds!db-"
    )
    instance = _described(cloud)
    expected = {
        **{f"{name[0].upper()}{name[1:]}": instance_inputs[name] for name in AS_GIVEN},
        "DBInstanceIdentifier": "dev-db",
        "DBInstanceArn": made.outputs["arn"],
        "DBInstanceClass": "db.t4g.micro",
        "DBName": "item",
        "MasterUsername": "admin",
        "MultiAZ": True,
        "PreferredBackupWindow": "17:00-18:00",
        "PreferredMaintenanceWindow": "sat:18:30-sat:19:30",
        "CACertificateIdentifier": "rds-ca-rsa2048-g1",
        "IAMDatabaseAuthenticationEnabled": True,
        "TagList": [{"Key": "budget:reserve", "Value": "5"}],
    }
    assert {name: instance.get(name) for name in expected} == expected
    assert instance["DBParameterGroups"][0]["DBParameterGroupName"] == "dev-db-mysql8-4"
    assert instance["DBSubnetGroup"]["DBSubnetGroupName"] == "dev-db"
    assert [group["VpcSecurityGroupId"] for group in instance["VpcSecurityGroups"]] == instance_inputs[
        "vpcSecurityGroupIds"
    ]


def test_an_update_sends_what_changed(cloud: Any, instance_inputs: dict[str, Any]) -> None:
    cloud.make(INSTANCE, "db", **instance_inputs)
    cloud.change(
        INSTANCE,
        "db",
        port=3307,
        multiAz=None,
        backupRetentionPeriod=14,
        enabledCloudwatchLogsExports=["error", "general"],
        performanceInsightsRetentionPeriod=31,
        iamDatabaseAuthenticationEnabled=None,
    )
    (call,) = cloud.provider.calls_of_last_operation()
    assert call["params"] == {
        "DBInstanceIdentifier": "dev-db",
        "ApplyImmediately": True,
        "BackupRetentionPeriod": 14,
        "DBPortNumber": 3307,
        "EnableIAMDatabaseAuthentication": False,
        "MultiAZ": False,
        "PerformanceInsightsRetentionPeriod": 31,
        "CloudwatchLogsExportConfiguration": {"EnableLogTypes": ["general"], "DisableLogTypes": ["slowquery"]},
    }
    instance = _described(cloud)
    assert (instance["Endpoint"]["Port"], instance["MultiAZ"], instance["BackupRetentionPeriod"]) == (3307, False, 14)
    assert instance["EnabledCloudwatchLogsExports"] == ["error", "general"]
    assert instance["IAMDatabaseAuthenticationEnabled"] is False


def test_a_new_identifier_renames_the_instance(cloud: Any, instance_inputs: dict[str, Any]) -> None:
    made = cloud.make(INSTANCE, "db", **instance_inputs)
    renamed = cloud.change(INSTANCE, "db", identifier="dev-main", multiAz=False)
    assert (renamed.id, renamed.outputs["identifier"]) == (made.id, "dev-main")
    assert _described(cloud, "dev-main")["MultiAZ"] is False
    assert renamed.outputs["address"].startswith("dev-main.")


def test_a_changed_password_is_sent(cloud: Any) -> None:
    plain = {"identifier": "dev-db", "engine": "mysql", "instanceClass": "db.t4g.micro", "skipFinalSnapshot": True}
    cloud.make(INSTANCE, "db", **plain, username="admin", password="first-password")
    cloud.change(INSTANCE, "db", password="second-password")
    (call,) = cloud.provider.calls_of_last_operation()
    assert call["params"]["MasterUserPassword"] == "second-password"
    with pytest.raises(AwsInputError, match="manageMasterUserPassword conflicts with a password; give one of the two"):
        cloud.change(INSTANCE, "db", manageMasterUserPassword=True)


def test_a_protected_instance_stays(cloud: Any, instance_inputs: dict[str, Any]) -> None:
    cloud.make(INSTANCE, "db", **instance_inputs)
    with pytest.raises(AwsError, match="Cannot delete protected DB Instance"):
        cloud.delete(INSTANCE, "db")


def test_deletion_takes_the_final_snapshot(cloud: Any, instance_inputs: dict[str, Any]) -> None:
    cloud.make(INSTANCE, "db", **{**instance_inputs, "deletionProtection": False})
    cloud.delete(INSTANCE, "db")
    snapshots = cloud.ask("rds", "describe_db_snapshots")["DBSnapshots"]
    assert [snapshot["DBSnapshotIdentifier"] for snapshot in snapshots] == ["dev-db-final"]


def test_deletion_needs_a_word_about_the_snapshot(cloud: Any, instance_inputs: dict[str, Any]) -> None:
    cloud.make(INSTANCE, "db", **{**instance_inputs, "deletionProtection": False, "finalSnapshotIdentifier": None})
    with pytest.raises(AwsInputError) as caught:
        cloud.delete(INSTANCE, "db")
    assert str(caught.value) == f"{INSTANCE}: deletion needs finalSnapshotIdentifier, or skipFinalSnapshot: true."


def test_two_instances_have_two_ids(cloud: Any, instance_inputs: dict[str, Any]) -> None:
    first = cloud.make(INSTANCE, "db", **instance_inputs).id
    assert cloud.make(INSTANCE, "other", **{**instance_inputs, "identifier": "dev-other"}).id != first
