"""ECS service: created, updated in place, drained before it is deleted, and read back for a refresh."""

from __future__ import annotations

from typing import Any

from offline.aws.api import Aws
from offline.aws.ecs.cluster import TAGGING
from offline.aws.ecs.service_shape import BEHAVIOUR, CREATED_ONLY, DEPLOYMENT, RESET, SERVICE, UPDATED
from offline.aws.handler import Applied, AwsError, AwsInputError, Handler, Recorded
from offline.aws.mapping import differs, joined, member_changes

# A deployment advances with every look at it; one that needs more looks than this will not finish.
_LOOKS_UNTIL_STEADY = 10


def _create(aws: Aws, inputs: dict[str, Any]) -> Applied:
    if inputs.get("launchType") and inputs.get("capacityProviderStrategies"):
        raise AwsInputError([f"{SERVICE}: launchType conflicts with capacityProviderStrategies; give one of the two."])
    request = {**CREATED_ONLY.of(SERVICE, inputs), **UPDATED.of(SERVICE, inputs), **_deployment(inputs)}
    if inputs.get("schedulingStrategy", "REPLICA") == "REPLICA":
        request.setdefault("desiredCount", 0)
    service = aws.call("ecs", "create_service", **request)["service"]
    return _settled(aws, service, inputs)


def _deployment(inputs: dict[str, Any]) -> dict[str, Any]:
    """AWS has one object for what Pulumi spreads over several properties."""
    configuration = DEPLOYMENT.of(SERVICE, inputs)
    configuration.update(configuration.pop("deploymentConfiguration", {}))
    if inputs.get("schedulingStrategy", "REPLICA") == "REPLICA":
        configuration = {"maximumPercent": 200, "minimumHealthyPercent": 100, **configuration}
    return {"deploymentConfiguration": configuration}


def _settled(aws: Aws, service: dict[str, Any], inputs: dict[str, Any]) -> Applied:
    if inputs.get("waitForSteadyState"):
        service = _wait(aws, service)
    return _applied(service, inputs)


def _wait(aws: Aws, service: dict[str, Any]) -> dict[str, Any]:
    for _ in range(_LOOKS_UNTIL_STEADY):
        service = _describe(aws, service["clusterArn"], service["serviceArn"])
        if len(service["deployments"]) == 1 and service["runningCount"] == service["desiredCount"]:
            return service
    raise AwsError(
        f"{service['serviceName']} did not become steady: {service['runningCount']} of {service['desiredCount']} tasks run "
        f"in {len(service['deployments'])} deployments.",
        code="NotSteady",
    )


def _describe(aws: Aws, cluster: str, service: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = aws.call("ecs", "describe_services", cluster=cluster, services=[service])["services"]
    if not found:
        raise AwsError(f"The service {service} does not exist.", code="ServiceNotFoundException")
    return found[0]


def _applied(service: dict[str, Any], inputs: dict[str, Any]) -> Applied:
    seen = {
        "availabilityZoneRebalancing": service.get("availabilityZoneRebalancing", "DISABLED"),
        "cluster": service["clusterArn"],
        "desiredCount": service["desiredCount"],
        "iamRole": service.get("roleArn", ""),
        "launchType": service.get("launchType", ""),
        "platformVersion": service.get("platformVersion", ""),
        "schedulingStrategy": service["schedulingStrategy"],
    }
    return Applied(id=service["serviceArn"], outputs={**seen, **inputs})


def _update(aws: Aws, old: Recorded, inputs: dict[str, Any]) -> Applied:
    strategies = (old.inputs.get("capacityProviderStrategies"), inputs.get("capacityProviderStrategies"))
    if strategies[0] != strategies[1] and not inputs.get("forceNewDeployment"):
        # Terraform's AWS provider refuses this too, because AWS does.
        raise AwsInputError([f"{SERVICE}: capacityProviderStrategies can change only with forceNewDeployment: true."])
    request = _changes(old, inputs)
    if inputs.get("forceNewDeployment") and (request or old.inputs.get("triggers") != inputs.get("triggers")):
        request["forceNewDeployment"] = True
    TAGGING.change(aws, old, inputs)
    if request:
        target = {"cluster": old.outputs["cluster"], "service": old.id}
        service = aws.call("ecs", "update_service", **target, **request)["service"]
    else:
        service = _describe(aws, old.outputs["cluster"], old.id)
    return _settled(aws, service, inputs)


def _changes(old: Recorded, inputs: dict[str, Any]) -> dict[str, Any]:
    """Only what changed: AWS starts a deployment for some members, and sets the desired count for another."""
    before, after = UPDATED.of(SERVICE, old.inputs), UPDATED.of(SERVICE, inputs)
    request = member_changes(before, after, RESET)
    if differs(old, inputs, DEPLOYMENT):
        request.update(_deployment(inputs))
    return request


def _delete(aws: Aws, old: Recorded) -> None:
    target = {"cluster": old.outputs["cluster"], "service": old.id}
    force = bool(old.inputs.get("forceDelete"))
    if not force and _describe(aws, old.outputs["cluster"], old.id)["desiredCount"] > 0:
        aws.call("ecs", "update_service", **target, desiredCount=0)
    aws.call("ecs", "delete_service", **target, force=force)


def _read(aws: Aws, old: Recorded) -> Applied | None:
    """What the service runs now: a pipeline changes its task definition, autoscaling its desired count."""
    try:
        service = _describe(aws, old.outputs["cluster"], old.id)
    except AwsError as error:
        if error.code in ("ServiceNotFoundException", "ClusterNotFoundException"):
            return None
        raise
    if service["status"] == "INACTIVE":
        return None
    seen = {name: service[name] for name in ("taskDefinition", "desiredCount") if name in service}
    # A program may name the task definition by family and revision, or by family; the ARN then says the same.
    if seen.get("taskDefinition", "").endswith("/" + str(old.inputs.get("taskDefinition", ""))):
        seen.pop("taskDefinition")
    return Applied(id=old.id, outputs={**old.outputs, **seen})


HANDLERS = (
    Handler(
        type_token=SERVICE,
        inputs=joined(CREATED_ONLY, UPDATED, DEPLOYMENT, BEHAVIOUR).names,
        create=_create,
        update=_update,
        delete=_delete,
        replace_on=CREATED_ONLY.names - {"tags"},
        name_property="name",
        # Two services of one name cannot exist in a cluster.
        delete_before_replace=True,
        defaults={
            "deploymentMaximumPercent": 200,
            "deploymentMinimumHealthyPercent": 100,
            "enableEcsManagedTags": False,
            "enableExecuteCommand": False,
            "waitForSteadyState": False,
        },
        arn="{id}",
        read=_read,
    ),
)
