"""RDS database instance; replicas and restores from snapshots are not made offline."""

from __future__ import annotations

from typing import Any

from offline.aws.api import Aws
from offline.aws.handler import Applied, AwsInputError, Handler, Recorded
from offline.aws.mapping import Shape, joined, member_changes, pascal, tags_upper
from offline.aws.tagging import Tagging

_OFFLINE_ZONE = "ZOFFLINERDS"
"""Stands for the hosted zone of RDS endpoints, which moto does not have."""

_INSTANCE = "aws:rds/instance:Instance"
_TAGGING = Tagging(
    service="rds", tag="add_tags_to_resource", untag="remove_tags_from_resource", resource="ResourceName"
)

# ModifyDBInstance has these under the same names as CreateDBInstance.
_MODIFIED = pascal(
    "allocatedStorage autoMinorVersionUpgrade backupRetentionPeriod copyTagsToSnapshot databaseInsightsMode "
    "dedicatedLogVolume deletionProtection domain domainAuthSecretArn domainDnsIps domainFqdn domainOu engineVersion "
    "engineLifecycleSupport iops licenseModel manageMasterUserPassword masterUserSecretKmsKeyId maxAllocatedStorage "
    "monitoringInterval monitoringRoleArn networkType optionGroupName performanceInsightsRetentionPeriod "
    "publiclyAccessible storageThroughput storageType vpcSecurityGroupIds",
    backupWindow="PreferredBackupWindow",
    caCertIdentifier="CACertificateIdentifier",
    customerOwnedIpEnabled="EnableCustomerOwnedIp",
    dbSubnetGroupName="DBSubnetGroupName",
    domainIamRoleName="DomainIAMRoleName",
    iamDatabaseAuthenticationEnabled="EnableIAMDatabaseAuthentication",
    instanceClass="DBInstanceClass",
    maintenanceWindow="PreferredMaintenanceWindow",
    multiAz="MultiAZ",
    parameterGroupName="DBParameterGroupName",
    password="MasterUserPassword",
    passwordWo="MasterUserPassword",
    performanceInsightsEnabled="EnablePerformanceInsights",
    performanceInsightsKmsKeyId="PerformanceInsightsKMSKeyId",
)
# A change of one of these makes a new instance, as Terraform's AWS provider has it.
_CREATED_ONLY = pascal(
    "availabilityZone backupTarget characterSetName customIamInstanceProfile engine kmsKeyId ncharCharacterSetName "
    "storageEncrypted timezone",
    dbName="DBName",
    username="MasterUsername",
)
# Modified under other names than created.
_RENAMED_CREATE = pascal(
    "port", identifier="DBInstanceIdentifier", enabledCloudwatchLogsExports="EnableCloudwatchLogsExports"
)
_RENAMED_MODIFY = pascal(identifier="NewDBInstanceIdentifier", port="DBPortNumber")
_TAGS = pascal(tags=tags_upper)
# What the provider does, or sends with the change or the deletion.
_BEHAVIOUR = pascal(
    "allowMajorVersionUpgrade applyImmediately deleteAutomatedBackups finalSnapshotIdentifier passwordWoVersion "
    "skipFinalSnapshot"
)
# ModifyDBInstance keeps what a request leaves out: a property that a program takes away is set to AWS's default.
_RESET: dict[str, Any] = {
    "BackupRetentionPeriod": 1,
    "CopyTagsToSnapshot": False,
    "DeletionProtection": False,
    "EnableIAMDatabaseAuthentication": False,
    "EnablePerformanceInsights": False,
    "ManageMasterUserPassword": False,
    "MonitoringInterval": 0,
    "MultiAZ": False,
    "PubliclyAccessible": False,
}


def _create(aws: Aws, inputs: dict[str, Any]) -> Applied:
    _check(inputs)
    shape = joined(_MODIFIED, _CREATED_ONLY, _RENAMED_CREATE, _TAGS)
    request = _with_password(shape, inputs)
    request["DBInstanceIdentifier"] = request["DBInstanceIdentifier"].lower()
    return _applied(aws.call("rds", "create_db_instance", **request)["DBInstance"], inputs)


def _check(inputs: dict[str, Any]) -> None:
    if inputs.get("manageMasterUserPassword") and (inputs.get("password") or inputs.get("passwordWo")):
        raise AwsInputError([f"{_INSTANCE}: manageMasterUserPassword conflicts with a password; give one of the two."])


def _with_password(shape: Shape, inputs: dict[str, Any]) -> dict[str, Any]:
    """`shape` with only the password property that was given: both have one member in AWS's request."""
    unused = "passwordWo" if inputs.get("password") else "password"
    return shape.of(_INSTANCE, inputs, leave_out=frozenset({unused}))


def _applied(instance: dict[str, Any], inputs: dict[str, Any]) -> Applied:
    endpoint = instance["Endpoint"]
    secret = instance.get("MasterUserSecret")
    seen = {
        "allocatedStorage": instance["AllocatedStorage"],
        "availabilityZone": instance["AvailabilityZone"],
        "backupRetentionPeriod": instance["BackupRetentionPeriod"],
        "backupWindow": instance["PreferredBackupWindow"],
        "caCertIdentifier": instance["CACertificateIdentifier"],
        "engineVersion": instance["EngineVersion"],
        "maintenanceWindow": instance["PreferredMaintenanceWindow"],
        "storageType": instance["StorageType"],
    }
    computed = {
        "address": endpoint["Address"],
        "arn": instance["DBInstanceArn"],
        "endpoint": f"{endpoint['Address']}:{endpoint['Port']}",
        "engineVersionActual": instance["EngineVersion"],
        "hostedZoneId": endpoint.get("HostedZoneId", _OFFLINE_ZONE),
        "identifier": instance["DBInstanceIdentifier"],
        "masterUserSecrets": [
            {"kmsKeyId": secret["KmsKeyId"], "secretArn": secret["SecretArn"], "secretStatus": secret["SecretStatus"]}
        ]
        if secret
        else [],
        "port": endpoint["Port"],
        "resourceId": instance["DbiResourceId"],
        "status": instance["DBInstanceStatus"],
    }
    return Applied(id=instance["DbiResourceId"], outputs={**seen, **inputs, **computed})


def _update(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> Applied:
    _check(inputs)
    request = _changes(old.inputs, inputs)
    identifier = old.outputs["identifier"]
    if request:
        if inputs.get("allowMajorVersionUpgrade"):
            request["AllowMajorVersionUpgrade"] = True
        apply_now = bool(inputs.get("applyImmediately"))
        aws.call("rds", "modify_db_instance", DBInstanceIdentifier=identifier, ApplyImmediately=apply_now, **request)
        identifier = request.get("NewDBInstanceIdentifier", identifier)
    (instance,) = aws.call("rds", "describe_db_instances", DBInstanceIdentifier=identifier)["DBInstances"]
    return _applied(instance, inputs)


def _changes(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    shape = joined(_MODIFIED, _RENAMED_MODIFY)
    request = member_changes(_with_password(shape, old), _with_password(shape, new), _RESET)
    if old.get("passwordWoVersion") != new.get("passwordWoVersion") and new.get("passwordWo"):
        request["MasterUserPassword"] = new["passwordWo"]
    exports, wanted = set(old.get("enabledCloudwatchLogsExports", [])), set(new.get("enabledCloudwatchLogsExports", []))
    if exports != wanted:
        request["CloudwatchLogsExportConfiguration"] = {
            "EnableLogTypes": sorted(wanted - exports),
            "DisableLogTypes": sorted(exports - wanted),
        }
    return request


def _delete(aws: Aws, old: Recorded) -> None:
    skip, snapshot = bool(old.inputs.get("skipFinalSnapshot")), old.inputs.get("finalSnapshotIdentifier")
    if not skip and not snapshot:
        raise AwsInputError([f"{_INSTANCE}: deletion needs finalSnapshotIdentifier, or skipFinalSnapshot: true."])
    aws.call(
        "rds",
        "delete_db_instance",
        DBInstanceIdentifier=old.outputs["identifier"],
        SkipFinalSnapshot=skip,
        DeleteAutomatedBackups=old.inputs.get("deleteAutomatedBackups", True),
        **({} if skip else {"FinalDBSnapshotIdentifier": snapshot}),
    )


HANDLERS = (
    Handler(
        type_token=_INSTANCE,
        inputs=joined(_MODIFIED, _CREATED_ONLY, _RENAMED_CREATE, _TAGS, _BEHAVIOUR).names,
        required=frozenset({"instanceClass", "engine"}),
        create=_create,
        update=_update,
        delete=_delete,
        replace_on=_CREATED_ONLY.names,
        name_property="identifier",
        defaults={
            "autoMinorVersionUpgrade": True,
            "multiAz": False,
            "networkType": "IPV4",
            "publiclyAccessible": False,
            "replicas": [],
            "storageEncrypted": False,
        },
        retag=_TAGGING.change,
        # Two instances of one identifier cannot exist.
        delete_before_replace=True,
    ),
)
