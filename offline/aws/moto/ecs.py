"""ECS beside moto: service settings and Service Connect that it drops, deployments that advance, revision numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from offline.aws.account import Aws

# Members of ecs:CreateService and UpdateService that describe_services shows on the service; moto keeps none of them
# on create.
_SERVICE_SETTINGS = (
    "availabilityZoneRebalancing",
    "capacityProviderStrategy",
    "deploymentConfiguration",
    "enableECSManagedTags",
    "enableExecuteCommand",
    "healthCheckGracePeriodSeconds",
    "placementConstraints",
    "placementStrategy",
)
# Members that describe_services shows on the newest deployment.
_DEPLOYMENT_SETTINGS = (
    "capacityProviderStrategy",
    "networkConfiguration",
    "platformVersion",
    "serviceConnectConfiguration",
    "volumeConfigurations",
)
# A change of one of these starts a deployment (Amazon ECS Developer Guide, UpdateService).
_DEPLOYS = ("taskDefinition", *_DEPLOYMENT_SETTINGS, "loadBalancers", "launchType")


def install() -> None:
    """Wrap moto's answers to CreateService and UpdateService, and its count of task definition revisions."""
    from moto.ecs.models import EC2ContainerServiceBackend
    from moto.ecs.responses import EC2ContainerServiceResponse

    create, update = EC2ContainerServiceResponse.create_service, EC2ContainerServiceResponse.update_service
    backend_class: Any = EC2ContainerServiceBackend
    last_revision = backend_class._get_last_task_definition_revision_id

    def create_service(self: Any) -> Any:
        answer = create(self)
        service = self.ecs_backend._get_service(self._get_param("cluster", "default"), self._get_param("serviceName"))
        _keep(self, service)
        return answer

    def update_service(self: Any) -> Any:
        name = self._get_param("service").split("/")[-1]
        cluster = self._get_param("cluster", "default")
        before = self.ecs_backend._get_service(cluster, name).deployments[:]
        answer = update(self)
        service = self.ecs_backend._get_service(cluster, name)
        given = self._get_params()
        if before and (given.get("forceNewDeployment") or any(given.get(member) is not None for member in _DEPLOYS)):
            from moto.core.utils import utcnow
            from moto.moto_api._internal import mock_random

            now = utcnow()
            deployment_id = f"ecs-svc/{mock_random.randint(0, 32**12)}"
            # The new deployment took over at once: no task runs here that could drain.
            service.deployments = [{**before[0], "id": deployment_id, "createdAt": now, "updatedAt": now}]
        _keep(self, service)
        return answer

    def last(self: Any, family: str) -> Any:
        forgotten = self.__dict__.get("forgotten_revisions", {}).get(family, 0)
        return max(last_revision(self, family) or 0, forgotten) or None

    EC2ContainerServiceResponse.create_service = create_service
    EC2ContainerServiceResponse.update_service = update_service
    backend_class._get_last_task_definition_revision_id = last


def _keep(response: Any, service: Any) -> None:
    """Keep what the request said about the service and its newest deployment, and let the deployment succeed."""
    from botocore import xform_name

    for member in _SERVICE_SETTINGS:
        value = response._get_param(member)
        if value is not None:
            setattr(service, xform_name(member), value)
    if response._get_param("networkConfiguration") is not None:
        service.network_configuration = response._get_param("networkConfiguration")
    definition = response.ecs_backend.describe_task_definition(service.task_definition)
    service.task_definition = definition.arn
    service.running_count, service.pending_count = service.desired_count, 0
    if not service.deployments:
        return
    deployment = service.deployments[0]
    for member in _DEPLOYMENT_SETTINGS:
        value = response._get_param(member)
        if value is not None:
            deployment[member] = value
    deployment.update(
        desiredCount=service.desired_count,
        pendingCount=0,
        runningCount=service.desired_count,
        rolloutState="COMPLETED",
        rolloutStateReason=f"ECS deployment {deployment['id']} completed.",
        taskDefinition=definition.arn,
    )


def expect_revision(aws: Aws, family: str, revision: int) -> None:
    """Let the next registered task definition of the family have this number."""
    from moto.ecs.models import ecs_backends

    backend = ecs_backends[aws.account_id][aws.region]
    backend.task_definitions.setdefault(family, {})
    backend.__dict__.setdefault("forgotten_revisions", {})[family] = revision - 1
