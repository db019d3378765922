"""The properties of an ECS service and their places in CreateService and UpdateService."""

from __future__ import annotations

from typing import Any

from offline.aws.handler import AwsInputError
from offline.aws.mapping import camel, decimal, each, enabled, listed, tags_lower, whole, wrapped
from policies.resources.json_text import read_json

SERVICE = "aws:ecs/service:Service"


def _document(where: str, value: Any) -> Any:
    try:
        return read_json(value)
    except ValueError as error:
        raise AwsInputError([f"{where} is not JSON: {error}"]) from None


def _one_rule(where: str, value: Any) -> dict[str, Any]:
    """Pulumi lists test traffic rules, AWS takes one."""
    if len(value) != 1:
        raise AwsInputError([f"{where} must hold one rule; found {len(value)}."])
    return _TEST_RULE(f"{where}[0]", value[0])


_TEST_RULE = camel(header=camel("name", value=camel("exact")))
_SECRETS = each(camel("name valueFrom"))
_CONNECT_SERVICE = camel(
    "portName discoveryName ingressPortOverride",
    clientAlias=("clientAliases", each(camel("port dnsName", testTrafficRules=_one_rule))),
    timeout=camel("idleTimeoutSeconds perRequestTimeoutSeconds"),
    tls=camel("kmsKey roleArn", issuerCertAuthority=("issuerCertificateAuthority", camel("awsPcaAuthorityArn"))),
)
_SERVICE_CONNECT = camel(
    "enabled namespace",
    accessLogConfiguration=camel("format includeQueryParameters"),
    logConfiguration=camel("logDriver options", secretOptions=_SECRETS),
    services=each(_CONNECT_SERVICE),
)
_LOAD_BALANCER = camel(
    "containerName containerPort targetGroupArn",
    elbName="loadBalancerName",
    advancedConfiguration=camel("alternateTargetGroupArn productionListenerRule roleArn testListenerRule"),
)
_EBS_VOLUME = camel(
    "encrypted iops kmsKeyId roleArn snapshotId throughput volumeInitializationRate volumeType",
    fileSystemType="filesystemType",
    sizeInGb="sizeInGiB",
    tagSpecifications=each(camel("resourceType propagateTags", tags=tags_lower)),
)
_HOOK = camel(
    "hookTargetArn lifecycleStages roleArn targetType",
    hookDetails=_document,
    timeoutConfiguration=camel("action", timeoutInMinutes=whole),
)

# Terraform's AWS provider replaces the service when one of these changes (`tags` have requests of their own).
CREATED_ONLY = camel("launchType schedulingStrategy cluster", name="serviceName", iamRole="role", tags=tags_lower)

UPDATED = camel(
    "availabilityZoneRebalancing desiredCount enableExecuteCommand healthCheckGracePeriodSeconds platformVersion "
    "propagateTags taskDefinition",
    capacityProviderStrategies=("capacityProviderStrategy", each(camel("capacityProvider weight base"))),
    deploymentController=camel("type"),
    enableEcsManagedTags="enableECSManagedTags",
    loadBalancers=each(_LOAD_BALANCER),
    networkConfiguration=wrapped("awsvpcConfiguration", camel("subnets securityGroups", assignPublicIp=enabled)),
    orderedPlacementStrategies=("placementStrategy", each(camel("type field"))),
    placementConstraints=each(camel("type expression")),
    serviceConnectConfiguration=_SERVICE_CONNECT,
    serviceRegistries=listed(camel("registryArn containerName containerPort port")),
    volumeConfiguration=(
        "volumeConfigurations",
        listed(camel("name", managedEbsVolume=("managedEBSVolume", _EBS_VOLUME))),
    ),
    vpcLatticeConfigurations=each(camel("portName roleArn targetGroupArn")),
)

DEPLOYMENT = camel(
    deploymentCircuitBreaker=camel("enable rollback"),
    deploymentMaximumPercent="maximumPercent",
    deploymentMinimumHealthyPercent="minimumHealthyPercent",
    alarms=camel("alarmNames enable rollback"),
    deploymentConfiguration=camel(
        "strategy",
        bakeTimeInMinutes=whole,
        canaryConfiguration=camel(canaryPercent=decimal, canaryBakeTimeInMinutes=whole),
        linearConfiguration=camel(stepPercent=decimal, stepBakeTimeInMinutes=whole),
        lifecycleHooks=each(_HOOK),
    ),
)

# What the provider does with the service; nothing that is sent to AWS as it stands.
BEHAVIOUR = camel("forceDelete forceNewDeployment triggers waitForSteadyState")

# UpdateService keeps what a request leaves out: a property that a program takes away is set to this.
RESET: dict[str, Any] = {
    "capacityProviderStrategy": [],
    "deploymentController": {"type": "ECS"},
    "enableECSManagedTags": False,
    "enableExecuteCommand": False,
    "healthCheckGracePeriodSeconds": 0,
    "loadBalancers": [],
    "placementConstraints": [],
    "placementStrategy": [],
    "propagateTags": "NONE",
    "serviceConnectConfiguration": {"enabled": False},
    "serviceRegistries": [],
    "volumeConfigurations": [],
    "vpcLatticeConfigurations": [],
}
