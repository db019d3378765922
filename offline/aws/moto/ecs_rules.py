"""ECS beside moto: what AWS refuses, which revision a family means, where tasks run, and how many."""

from __future__ import annotations

from typing import Any

from offline.aws.moto.services import add, after, given


def extend_ecs() -> None:
    """Complete moto's ECS, after overlay_ecs."""
    from moto.core.utils import utcnow
    from moto.ecs.exceptions import ECSException, InvalidParameterException, TaskDefinitionNotFoundException
    from moto.ecs.models import EC2ContainerServiceBackend
    from moto.ecs.responses import EC2ContainerServiceResponse

    create, run = EC2ContainerServiceResponse.create_service, EC2ContainerServiceResponse.run_task
    make_cluster, describe = (
        EC2ContainerServiceBackend.create_cluster,
        EC2ContainerServiceBackend.describe_task_definition,
    )
    remove_cluster = EC2ContainerServiceBackend.delete_cluster

    def describe_task_definition(self: Any, task_definition_str: str) -> Any:
        """A family without a revision is its newest active one; moto also gives one that was deregistered."""
        family = task_definition_str.split("/")[-1]
        if ":" in family:
            return describe(self, task_definition_str)
        active = [item for item in self.task_definitions.get(family, {}).values() if item.status == "ACTIVE"]
        if not active:
            raise TaskDefinitionNotFoundException
        return max(active, key=lambda item: item.revision)

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

    def registered(response: Any) -> None:
        definition = response.ecs_backend.describe_task_definition(response._get_param("family"))
        definition.registered_at = utcnow()
        definition.enable_fault_injection = bool(response._get_param("enableFaultInjection"))

    def create_service(self: Any) -> Any:
        cluster, name = self._get_param("cluster", "default"), self._get_param("serviceName")
        existing = self.ecs_backend.services.get(f"{cluster.split('/')[-1]}:{name}")
        if existing is not None and existing.status == "ACTIVE":
            raise InvalidParameterException("Creation of service was not idempotent.")
        if self._get_param("launchType") and self._get_param("capacityProviderStrategy"):
            raise InvalidParameterException("Specify either launch type or capacity provider strategy, not both.")
        answer = create(self)
        _place(self, self.ecs_backend.services[f"{cluster.split('/')[-1]}:{name}"])
        _count(self)
        return answer

    def updated(response: Any) -> None:
        name = response._get_param("service").split("/")[-1]
        service = response.ecs_backend.services[f"{response._get_param('cluster', 'default').split('/')[-1]}:{name}"]
        if service.deployments:
            service.deployments[0].update(given(response, "vpcLatticeConfigurations"))
        _count(response)

    def create_cluster(self: Any, cluster_name: str, *rest: Any, **more: Any) -> Any:
        """CreateCluster answers with the active cluster of that name; moto forgets what that one had."""
        existing = self.clusters.get(cluster_name)
        if existing is not None and existing.status == "ACTIVE":
            return existing
        return make_cluster(self, cluster_name, *rest, **more)

    def delete_cluster(self: Any, cluster_str: str) -> Any:
        cluster = self._get_cluster(cluster_str)
        if any(item.cluster_name == cluster.name and item.status == "ACTIVE" for item in self.services.values()):
            message = "The Cluster cannot be deleted while Services are active."
            raise ECSException("ClusterContainsServicesException", message)
        return remove_cluster(self, cluster_str)

    add(EC2ContainerServiceBackend, describe_task_definition, create_cluster, delete_cluster)
    add(EC2ContainerServiceResponse, create_service, run_task)
    after(EC2ContainerServiceResponse, "register_task_definition", registered)
    after(EC2ContainerServiceResponse, "update_service", updated)
    after(EC2ContainerServiceResponse, "delete_service", _count)


def _place(response: Any, service: Any) -> None:
    """Where the tasks run: by the request's launch type, its strategy, or the cluster's default strategy."""
    if response._get_param("launchType"):
        return
    default = response.ecs_backend._get_cluster(service.cluster_name).default_capacity_provider_strategy
    strategy = response._get_param("capacityProviderStrategy") or default
    if not strategy:
        return
    service.launch_type, service.capacity_provider_strategy = None, strategy
    for deployment in service.deployments:
        deployment.update(launchType=None, capacityProviderStrategy=strategy, platformFamily="Linux")
        deployment.update(given(response, "vpcLatticeConfigurations"))


def _count(response: Any) -> None:
    """The cluster's numbers of services and tasks; moto counts no services, and some tasks twice."""
    backend = response.ecs_backend
    cluster = backend._get_cluster(response._get_param("cluster", "default"))
    active = [
        item for item in backend.services.values() if item.cluster_name == cluster.name and item.status == "ACTIVE"
    ]
    cluster.active_services_count = len(active)
    cluster.pending_tasks_count = sum(item.pending_count for item in active)
    cluster.running_tasks_count = sum(item.running_count for item in active)
