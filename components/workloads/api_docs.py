"""ApiDocs: one Nginx behind the load balancer that gathers the API documentation of the stage's services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pulumi import ComponentResource, Output, ResourceOptions

from settings.api_docs import API_DOCS, API_DOCS_PATH, docs_pages, docs_services, longest_docs_request_s
from settings.api_docs import ApiDocs as ApiDocsSettings
from settings.stage import LoadBalancer as LoadBalancerSettings
from settings.workloads import Service as ServiceSettings
from settings.workloads import Tasks

from ..calc.names import check_name
from ..calc.tasks.health import http_check
from ..calc.web.nginx import HEALTH_PATH, Page, nginx_configuration
from ..calc.web.nginx_start import list_page, start_script, start_variables
from ..scope import COMPONENT_PACKAGE
from .ecs_service import EcsServiceArgs, run_as_service
from .placement import Placement
from .routing import route
from .service import Service
from .workload import ContainerArgs, WorkloadBuilder, WorkloadParts

PORT = 3000
"""As every container's: the rules between the load balancer and its targets are those of the services."""
NGINX_USER = "101:101"
"""The user `nginx` of the official images, which Nginx runs as from its first process on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiDocsArgs:
    """Whose documentation is served, and what the service attaches to."""

    place: Placement
    settings: ApiDocsSettings
    services: Sequence[ServiceSettings]
    """Every service of the stage; those that declare docs are shown."""
    image: str
    """A public Nginx image, 1.19.5 or newer, by digest."""
    front: LoadBalancerSettings
    """Its idle timeout bounds a request, and whether it speaks HTTPS decides about cookies marked Secure."""
    endpoints: Mapping[str, Service]
    """The services by name: a task only knows the Service Connect names that exist when it starts."""


class ApiDocs(ComponentResource):
    """Task definition, ECS service and listener rule; a client of Service Connect that serves no endpoint itself."""

    name: str
    """Name of the ECS service and of its task definition family."""
    url: Output[str]
    """Where the list of the documentation is."""

    def __init__(self, name: str, args: ApiDocsArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(f"{COMPONENT_PACKAGE}:ApiDocs", name, None, opts)
        self._args = args
        scope = args.place.scope
        self.name = check_name("ecs-service", scope.name(API_DOCS))
        self.url = Output.concat(args.place.load_balancer.url, "/api-docs")
        pages = docs_pages(args.services, args.place.cluster.namespace)
        settings = self._settings(pages)
        parts = self._workload(settings)
        tags = scope.tags(API_DOCS)
        routing = route(self, args.place, settings, service_name=self.name, tags=tags)
        run_as_service(
            self,
            EcsServiceArgs(
                place=args.place,
                settings=settings,
                name=self.name,
                exec_enabled=False,
                parts=parts,
                routing=routing,
                tags=tags,
                port_name=None,
                autoscaled=False,
                depends_on=[args.endpoints[name] for name in docs_services(args.services)],
                calls={name: args.endpoints[name].address for name in docs_services(args.services)},
            ),
        )
        self.register_outputs({"name": self.name, "url": self.url})

    def _settings(self, pages: Sequence[Page]) -> ServiceSettings:
        """api-docs as a service like the others; its environment is the whole of its configuration."""
        args = self._args
        longest_s = longest_docs_request_s(args.services)
        configuration = nginx_configuration(
            pages,
            read_timeout_s=longest_s,
            idle_timeout_s=args.front.idle_timeout_seconds,
            secure_cookies=not args.front.http_only,
            port=PORT,
        )
        tasks = args.settings.tasks_in(args.place.scope.environment)
        # A Fargate task gets at most 120 s to stop, and one on Spot 120 s of notice.
        drain_s = min(longest_s, 120)
        return ServiceSettings(
            name=API_DOCS,
            owner=args.place.scope.owner,
            cpu=args.settings.cpu,
            memory=args.settings.memory,
            environment=dict(start_variables(configuration, list_page(args.place.scope.stage, pages))),
            user=NGINX_USER,
            stop_timeout_seconds=drain_s,
            path=API_DOCS_PATH,
            priority=args.settings.priority,
            port=PORT,
            tasks=Tasks(min=tasks, max=tasks),
            health_path=HEALTH_PATH,
            deregistration_delay_seconds=drain_s,
            request_timeout_seconds=longest_s,
            deploy=False,
        )

    def _workload(self, settings: ServiceSettings) -> WorkloadParts:
        args = self._args
        # It calls nothing of AWS: without a role of its own its containers have no credentials.
        builder = WorkloadBuilder(
            self, args.place.scope, settings, args.place.cluster, None, exec_enabled=False, task_role=False
        )
        return builder.build(
            container=ContainerArgs(
                image=args.image,
                entry_point=("/bin/sh", "-c"),
                command=(start_script(),),
                port=PORT,
                port_name=f"server-{PORT}-tcp",
                health_check=http_check(PORT, HEALTH_PATH, settings.health_grace_seconds),
            ),
            repository=None,
        )
