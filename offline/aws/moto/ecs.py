"""ECS beside moto: settings it drops, what AWS refuses, deployments, where tasks run and how many, revision numbers."""

from __future__ import annotations

from typing import Any

from offline.aws.api import Aws
from offline.aws.handler import AwsCall
from offline.aws.moto.environment import isolated_environment
from offline.aws.moto.patching import add, after, given, kept

# Members of ecs:CreateService and UpdateService that describe_services shows on the service; moto keeps none of them
# on create.
_SERVICE_SETTINGS = (
    "availabilityZoneRebalancing",
    "capacityProviderStrategy",
    "deploymentConfiguration",
    "enableECSManagedTags",
    "enableExecuteCommand",
    "healthCheckGracePeriodSeconds",
    "networkConfiguration",
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
    "vpcLatticeConfigurations",
)
# A change of one of these starts a deployment (Amazon ECS Developer Guide, UpdateService).
_DEPLOYS = ("taskDefinition", *_DEPLOYMENT_SETTINGS, "loadBalancers", "launchType")
_FORGOTTEN = "forgotten_revisions"


def extend() -> None:
    """Complete moto's ECS."""
    _complete_services()
    _complete_clusters()
    _complete_task_definitions()


def revision_of(call: AwsCall, answer: dict[str, Any]) -> int | None:
    """The number AWS gave to what was created, where it counts how often that happened."""
    return int(answer["taskDefinition"]["revision"]) if call["operation"] == "register_task_definition" else None


@isolated_environment()
def expect_revision(aws: Aws, family: str, revision: int) -> None:
    """Let the next registered task definition of the family have this number."""
    from moto.ecs.models import ecs_backends

    backend = ecs_backends[aws.account_id][aws.region]
    backend.task_definitions.setdefault(family, {})
    kept(backend, _FORGOTTEN)[family] = revision - 1


def _complete_services() -> None:
    from moto.ecs.exceptions import InvalidParameterException
    from moto.ecs.responses import EC2ContainerServiceResponse

    create, update = EC2ContainerServiceResponse.create_service, EC2ContainerServiceResponse.update_service

    def create_service(self: Any) -> Any:
        cluster, name = self._get_param("cluster", "default"), self._get_param("serviceName")
        existing = self.ecs_backend.services.get(f"{cluster.split('/')[-1]}:{name}")
        if existing is not None and existing.status == "ACTIVE":
            raise InvalidParameterException("Creation of service was not idempotent.")
        if self._get_param("launchType") and self._get_param("capacityProviderStrategy"):
            raise InvalidParameterException("Specify either launch type or capacity provider strategy, not both.")
        answer = create(self)
        service = self.ecs_backend._get_service(cluster, name)
        _keep(self, service)
        _place(self, service)
        _count(self)
        return answer

    def update_service(self: Any) -> Any:
        wanted = self._get_param("cluster", "default"), self._get_param("service").split("/")[-1]
        before = self.ecs_backend._get_service(*wanted).deployments[:]
        answer = update(self)
        service = self.ecs_backend._get_service(*wanted)
        if before and (self._get_param("forceNewDeployment") or given(self, *_DEPLOYS)):
            service.deployments = [_newer(before[0])]
        _keep(self, service)
        _count(self)
        return answer

    add(EC2ContainerServiceResponse, create_service, update_service)
    after(EC2ContainerServiceResponse, "delete_service", _count)


def _newer(deployment: dict[str, Any]) -> dict[str, Any]:
    """The deployment that takes over at once: no task runs here that could drain."""
    from moto.core.utils import utcnow
    from moto.moto_api._internal import mock_random

    now = utcnow()
    return {**deployment, "id": f"ecs-svc/{mock_random.randint(0, 32**12)}", "createdAt": now, "updatedAt": now}


def _keep(response: Any, service: Any) -> None:
    """Keep what the request said about the service and its newest deployment, and let the deployment succeed."""
    from botocore import xform_name

    for member, value in given(response, *_SERVICE_SETTINGS).items():
        setattr(service, xform_name(member), value)
    definition = response.ecs_backend.describe_task_definition(service.task_definition)
    service.task_definition = definition.arn
    service.running_count, service.pending_count = service.desired_count, 0
    if not service.deployments:
        return
    deployment = service.deployments[0]
    deployment.update(
        given(response, *_DEPLOYMENT_SETTINGS),
        desiredCount=service.desired_count,
        pendingCount=0,
        runningCount=service.desired_count,
        rolloutState="COMPLETED",
        rolloutStateReason=f"ECS deployment {deployment['id']} completed.",
        taskDefinition=definition.arn,
    )


def _place(response: Any, service: Any) -> None:
    """Where the tasks run: by the request's launch type, its strategy, or the cluster's default strategy."""
    default = response.ecs_backend._get_cluster(service.cluster_name).default_capacity_provider_strategy
    strategy = response._get_param("capacityProviderStrategy") or default
    if response._get_param("launchType") or not strategy:
        return
    service.launch_type, service.capacity_provider_strategy = None, strategy
    for deployment in service.deployments:
        deployment.update(launchType=None, capacityProviderStrategy=strategy, platformFamily="Linux")


def _active_services(backend: Any, cluster: Any) -> list[Any]:
    services = backend.services.values()
    return [item for item in services if item.cluster_name == cluster.name and item.status == "ACTIVE"]


def _count(response: Any) -> None:
    """The cluster's numbers of services and tasks; moto counts no services, and some tasks twice."""
    cluster = response.ecs_backend._get_cluster(response._get_param("cluster", "default"))
    active = _active_services(response.ecs_backend, cluster)
    cluster.active_services_count = len(active)
    cluster.pending_tasks_count = sum(item.pending_count for item in active)
    cluster.running_tasks_count = sum(item.running_count for item in active)


def _complete_clusters() -> None:
    from moto.ecs.exceptions import ECSException
    from moto.ecs.models import EC2ContainerServiceBackend

    create, delete = EC2ContainerServiceBackend.create_cluster, EC2ContainerServiceBackend.delete_cluster

    def create_cluster(self: Any, cluster_name: str, *rest: Any, **more: Any) -> Any:
        """CreateCluster answers with the active cluster of that name; moto forgets what that one had."""
        existing = self.clusters.get(cluster_name)
        if existing is not None and existing.status == "ACTIVE":
            return existing
        return create(self, cluster_name, *rest, **more)

    def delete_cluster(self: Any, cluster_str: str) -> Any:
        if _active_services(self, self._get_cluster(cluster_str)):
            message = "The Cluster cannot be deleted while Services are active."
            raise ECSException("ClusterContainsServicesException", message)
        return delete(self, cluster_str)

    add(EC2ContainerServiceBackend, create_cluster, delete_cluster)


def _complete_task_definitions() -> None:
    from moto.core.utils import utcnow
    from moto.ecs.exceptions import TaskDefinitionNotFoundException
    from moto.ecs.models import EC2ContainerServiceBackend
    from moto.ecs.responses import EC2ContainerServiceResponse

    describe, run = EC2ContainerServiceBackend.describe_task_definition, EC2ContainerServiceResponse.run_task
    backend: Any = EC2ContainerServiceBackend
    last_revision = backend._get_last_task_definition_revision_id

    def _get_last_task_definition_revision_id(self: Any, family: str) -> int | None:
        return max(last_revision(self, family) or 0, kept(self, _FORGOTTEN).get(family, 0)) or None

    def describe_task_definition(self: Any, task_definition_str: str) -> Any:
        """A family without a revision is its newest active one; moto also gives one that was deregistered."""
        family = task_definition_str.split("/")[-1]
        if ":" in family:
            return describe(self, task_definition_str)
        active = [item for item in self.task_definitions.get(family, {}).values() if item.status == "ACTIVE"]
        if not active:
            raise TaskDefinitionNotFoundException
        return max(active, key=lambda item: item.revision)

    def registered(response: Any) -> None:
        definition = response.ecs_backend.describe_task_definition(response._get_param("family"))
        definition.registered_at = utcnow()
        definition.enable_fault_injection = bool(response._get_param("enableFaultInjection"))

    def run_task(self: Any) -> Any:
        """On Fargate the task has the size and its containers need none; moto adds up the containers' memory."""
        definition = self.ecs_backend.describe_task_definition(self._get_param("taskDefinition"))
        sizes = [dict(container) for container in definition.container_definitions]
        try:
            for container in definition.container_definitions:
                container.setdefault("memory", 0)
            return run(self)
        finally:
            definition.container_definitions[:] = sizes

    add(EC2ContainerServiceBackend, _get_last_task_definition_revision_id, describe_task_definition)
    add(EC2ContainerServiceResponse, run_task)
    after(EC2ContainerServiceResponse, "register_task_definition", registered)
