"""What the documentation's settings must hold between services, and against the load balancer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from components.calc.fargate import check_task_size
from components.calc.nginx import nginx_configuration, page_conflicts
from components.calc.nginx_start import list_page, start_variables
from components.calc.paths import find_conflicts
from settings.api_docs import API_DOCS, API_DOCS_PATH, ApiDocs, docs_pages, documented, longest_docs_request_s
from settings.origins import CATALOGUE
from settings.problems import Problem, refusal, shown
from settings.stage import Cluster, LoadBalancer, Platform, Stage
from settings.workloads import Service


@dataclass(frozen=True, slots=True, kw_only=True)
class DocsDraft:
    """What api-docs depends on; None stands for a key that has a problem of its own."""

    services: Sequence[Service]
    taken_names: Sequence[str]
    """Names of all services and jobs."""
    api_docs: ApiDocs | None
    stage: Stage | None
    platform: Platform | None
    load_balancer: LoadBalancer | None
    cluster: Cluster | None


def docs_problems(draft: DocsDraft, stage_file: str) -> Iterator[Problem]:
    """Documentation that cannot be served, in every stage, and where a stage has api-docs what stands in its way."""
    declared = list(_declarations(draft))
    yield from declared
    if draft.api_docs is None or draft.stage is None or not documented(draft.services):
        return
    if draft.api_docs.wanted_in(draft.stage.environment):
        yield from _place(draft, draft.api_docs, stage_file)
        if not declared:
            yield from _serving(draft, stage_file)


def _declarations(draft: DocsDraft) -> Iterator[Problem]:
    names = sorted(service.name for service in draft.services)
    for service in draft.services:
        key, via = f"services.{service.name}", service.docs_login_via
        if via is not None and service.docs is None:
            yield Problem(
                file=CATALOGUE,
                key=f"{key}.docsLoginVia",
                found=f"{shown(via)} without docs",
                allowed="only with docs: it is where the visitors of the service's documentation log in",
                example=f"docs: /api-docs/{service.name}",
            )
        if via is not None and (via == service.name or via not in draft.taken_names):
            yield Problem(
                file=CATALOGUE,
                key=f"{key}.docsLoginVia",
                found=shown(via),
                allowed=f"another service of the platform: {', '.join(n for n in names if n != service.name)}",
                example="docsLoginVia: legacy-api",
            )
    for why in page_conflicts((service.name, service.docs or "") for service in documented(draft.services)):
        yield Problem(
            file=CATALOGUE,
            key="services",
            found="documentation of two services in one place",
            allowed=why,
            example="docs: /api-docs/datalab",
        )


def _place(draft: DocsDraft, api_docs: ApiDocs, stage_file: str) -> Iterator[Problem]:
    """The name, the listener rule, the size and the image of the service itself."""
    if API_DOCS in draft.taken_names:
        yield Problem(
            file=CATALOGUE,
            key=f"services.{API_DOCS}",
            found=f"a service or job named {API_DOCS}",
            allowed=f"another name: {API_DOCS} is the service that gathers the documentation of this stage",
            example="apiDocs: {enabled: false}",
        )
    if draft.platform is not None and draft.platform.docs_image is None:
        yield Problem(
            file=CATALOGUE,
            key="platform.docsImage",
            found="nothing",
            allowed="required where services declare docs: a public Nginx image by digest",
            example="docsImage: public.ecr.aws/docker/library/nginx@sha256:<64 hex>",
        )
    if why := refusal(lambda: check_task_size(api_docs.cpu, api_docs.memory)):
        yield Problem(
            file=stage_file,
            key="apiDocs.memory",
            found=f"cpu {api_docs.cpu} with memory {api_docs.memory}",
            allowed=why,
            example="cpu: 256, memory: 512",
        )
    routed = [(s.name, s.path, s.priority) for s in draft.services if s.path is not None and s.priority is not None]
    for rule in routed:
        for why in find_conflicts([rule, (API_DOCS, API_DOCS_PATH, api_docs.priority)]):
            if API_DOCS in why.split():
                yield Problem(
                    file=stage_file,
                    key="apiDocs.priority",
                    found=str(api_docs.priority),
                    allowed=why,
                    example="priority: 10",
                )


def _serving(draft: DocsDraft, stage_file: str) -> Iterator[Problem]:
    """What the configuration itself refuses: names, sizes and timeouts."""
    cluster, load_balancer = draft.cluster, draft.load_balancer
    if cluster is None or load_balancer is None:
        return

    def generate() -> None:
        pages = docs_pages(draft.services, cluster.namespace)
        configuration = nginx_configuration(
            pages,
            read_timeout_s=longest_docs_request_s(draft.services),
            idle_timeout_s=load_balancer.idle_timeout_seconds,
            secure_cookies=not load_balancer.http_only,
        )
        start_variables(configuration, list_page("", pages))

    if why := refusal(generate):
        yield Problem(
            file=stage_file,
            key="apiDocs",
            found="documentation that api-docs cannot serve",
            allowed=why,
            example="loadBalancer: {idleTimeoutSeconds: 60}",
        )
