"""RDS beside moto: instance settings it drops, one resource id for all, a parameter reset, a subnet group it loses or has twice."""

from __future__ import annotations

import string
from typing import Any

from offline.aws.moto.patching import add, after

# Members of CreateDBInstance and ModifyDBInstance that moto drops, and the attribute that describe_db_instances reads.
_DROPPED = {
    "BackupTarget": "backup_target",
    "DatabaseInsightsMode": "database_insights_mode",
    "DedicatedLogVolume": "dedicated_log_volume",
    "EnableCustomerOwnedIp": "customer_owned_ip_enabled",
    "EnableIAMDatabaseAuthentication": "enable_iam_database_authentication",
    "EnablePerformanceInsights": "performance_insights_enabled",
    "EngineLifecycleSupport": "engine_lifecycle_support",
    "NcharCharacterSetName": "nchar_character_set_name",
    "NetworkType": "network_type",
    "PerformanceInsightsKMSKeyId": "performance_insights_kms_key_id",
    "PerformanceInsightsRetentionPeriod": "performance_insights_retention_period",
    "Timezone": "timezone",
}


def extend() -> None:
    """Complete moto's RDS."""
    from moto.core.responses import ActionResult
    from moto.moto_api._internal import mock_random
    from moto.rds import models
    from moto.rds.exceptions import DBParameterGroupNotFoundError, RDSClientError
    from moto.rds.models import RDSBackend
    from moto.rds.responses import RDSResponse

    def keep(response: Any) -> Any:
        renamed = response.params.get("NewDBInstanceIdentifier")
        instance = response.backend.databases[renamed or response.params.get("DBInstanceIdentifier")]
        for member, attribute in _DROPPED.items():
            value = response.params.get(member)
            if value is not None:
                setattr(instance, attribute, value)
        return instance

    def created(response: Any) -> None:
        letters = string.ascii_uppercase + string.digits
        keep(response).dbi_resource_id = "db-" + "".join(mock_random.choice(letters) for _ in range(26))

    def modified(response: Any) -> None:
        instance, params = keep(response), response.params
        if params.get("DBPortNumber"):
            instance.port = params.get("DBPortNumber")
        if params.get("VpcSecurityGroupIds"):
            instance.vpc_security_group_ids = list(params.get("VpcSecurityGroupIds"))
        if params.get("CACertificateIdentifier"):
            instance.ca_certificate_identifier = params.get("CACertificateIdentifier")

    def reset_db_parameter_group(self: Any) -> Any:
        name = self.params.get("DBParameterGroupName")
        if name not in self.backend.db_parameter_groups:
            raise DBParameterGroupNotFoundError(name)
        group = self.backend.db_parameter_groups[name]
        if self.params.get("ResetAllParameters"):
            group.parameters.clear()
        for parameter in self.params.get("Parameters", []):
            group.parameters.pop(parameter["ParameterName"], None)
        return ActionResult({"DBParameterGroupName": group.name})

    modify = RDSBackend.modify_db_subnet_group

    def modify_db_subnet_group(self: Any, subnet_name: str, description: str, subnets: list[Any]) -> Any:
        # moto takes the group out of its backend and does not put it back.
        group = modify(self, subnet_name, description, subnets)
        self.subnet_groups[subnet_name] = group
        return group

    create_group = RDSBackend.create_subnet_group

    def create_subnet_group(self: Any, subnet_name: str, *arguments: Any) -> Any:
        if subnet_name in self.subnet_groups:
            raise RDSClientError("DBSubnetGroupAlreadyExists", f"The DB subnet group {subnet_name} already exists.")
        return create_group(self, subnet_name, *arguments)

    # The master secret's ARN holds a UUID, which moto draws here from the standard library: unseeded.
    models.uuid = mock_random  # type: ignore[assignment]
    after(RDSResponse, "create_db_instance", created)
    after(RDSResponse, "modify_db_instance", modified)
    add(RDSResponse, reset_db_parameter_group)
    add(RDSBackend, modify_db_subnet_group, create_subnet_group)
