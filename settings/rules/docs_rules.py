"""What the documentation's settings must hold between services, and against the load balancer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from components.calc.tasks.fargate import check_task_size, smallest_task
from components.calc.web.nginx import nginx_configuration, page_conflicts
from components.calc.web.nginx_start import list_page, start_variables
from settings.api_docs import API_DOCS, ApiDocs, docs_pages, documented, longest_docs_request_s
from settings.nearest import aside, nearest
from settings.problems import Problem, put, refusal, shown
from settings.rules.draft import Draft
from settings.rules.name_rules import free_name
from settings.stage import Platform
from settings.workloads import Service


def docs_problems(draft: Draft) -> Iterator[Problem]:
    """Documentation that cannot be served, in every stage, and where a stage has api-docs what stands in its way."""
    declared = list(_declarations(draft))
    yield from declared
    if draft.api_docs is None or draft.stage is None or not documented(draft.services):
        return
    if draft.api_docs.wanted_in(draft.stage.environment):
        yield from _place(draft, draft.api_docs)
        if not declared:
            yield from _serving(draft)


def api_docs_priority(draft: Draft) -> int | None:
    """The priority of api-docs' listener rule; None in a stage without api-docs."""
    if draft.api_docs is None or draft.stage is None or not documented(draft.services):
        return None
    return draft.api_docs.priority if draft.api_docs.wanted_in(draft.stage.environment) else None


def _declarations(draft: Draft) -> Iterator[Problem]:
    names = sorted(service.name for service in draft.services)
    for service in draft.services:
        via, at = service.docs_login_via, service.places.of("docsLoginVia")
        others = [name for name in names if name != service.name]
        if via is not None and service.docs is None:
            yield Problem(
                at=at,
                found=f"{shown(via)} without docs",
                allowed="only with docs: it is where the visitors of the service's documentation log in",
                example="remove docsLoginVia",
            )
        elif via is not None and (via == service.name or via not in names):
            yield Problem(
                at=at,
                found=shown(via) + aside(via, others),
                allowed=f"another service of the platform: {', '.join(others)}",
                example=put(docsLoginVia=nearest(via, others, alike=0)) if others else "remove docsLoginVia",
            )
    yield from _pages(documented(draft.services))


def _pages(services: Sequence[Service]) -> Iterator[Problem]:
    taken: list[tuple[str, str]] = []
    for service in services:
        page = (service.name, service.docs or "")
        if why := page_conflicts([*taken, page]):
            paths = {path for _, path in taken} | {other.docs for other in services}
            free = next(
                path
                for number in ["", *(f"-{number}" for number in range(2, 1000))]
                if (path := f"/api-docs/{service.name}{number}") not in paths
                and not page_conflicts([*taken, (service.name, path)])
            )
            yield Problem(
                at=service.places.of("docs"), found=shown(service.docs), allowed=" ".join(why), example=put(docs=free)
            )
        else:
            taken.append(page)


def _place(draft: Draft, api_docs: ApiDocs) -> Iterator[Problem]:
    """The name, the size and the image of the service itself."""
    if API_DOCS in draft.taken_names:
        kind = "services" if API_DOCS in {service.name for service in draft.services} else "jobs"
        yield Problem(
            at=draft.written.at(kind, API_DOCS),
            found=f"a service or job named {API_DOCS}",
            allowed=f"another name: {API_DOCS} is the service that gathers the documentation of this stage",
            example=f"rename it to {free_name(API_DOCS, kind[:-1], draft.taken_names)}",
        )
    if draft.platform is not None and draft.platform.docs_image is None:
        yield Problem(
            at=draft.written.at("platform", "docsImage"),
            found="nothing",
            allowed="required where services declare docs: a public Nginx image by digest",
            example=put(docsImage=(Platform.model_fields["docs_image"].examples or [""])[0]),
        )
    if why := refusal(lambda: check_task_size(api_docs.cpu, api_docs.memory)):
        cpu, memory = smallest_task(api_docs.cpu, api_docs.memory)
        yield Problem(
            at=draft.written.at("apiDocs", "memory"),
            found=f"cpu {api_docs.cpu} with memory {api_docs.memory}",
            allowed=why,
            example=put(cpu=cpu, memory=memory),
        )


def _serving(draft: Draft) -> Iterator[Problem]:
    """What the configuration itself refuses: names, sizes and timeouts."""
    cluster, load_balancer = draft.cluster, draft.load_balancer
    if cluster is None or load_balancer is None:
        return
    longest = longest_docs_request_s(draft.services)
    if longest > load_balancer.idle_timeout_seconds:
        yield Problem(
            at=draft.written.at("loadBalancer", "idleTimeoutSeconds"),
            found=str(load_balancer.idle_timeout_seconds),
            allowed=f"{longest} or more: a documentation request may take {longest} s, and the load balancer gives up after so "
            f"many seconds of silence; or set the services' requestTimeoutSeconds to less",
            example=put(idleTimeoutSeconds=longest),
        )
        return

    def addresses() -> None:
        docs_pages(draft.services, cluster.namespace)

    if why := refusal(addresses):
        yield Problem(
            at=draft.written.at("cluster", "namespace"),
            found=shown(cluster.namespace),
            allowed=why,
            example=put(namespace=f"{draft.name}-ns"),
        )
        return

    def generate() -> None:
        pages = docs_pages(draft.services, cluster.namespace)
        configuration = nginx_configuration(
            pages,
            read_timeout_s=longest,
            idle_timeout_s=load_balancer.idle_timeout_seconds,
            secure_cookies=not load_balancer.http_only,
        )
        start_variables(configuration, list_page("", pages))

    if why := refusal(generate):
        yield Problem(
            at=draft.written.at("apiDocs", "enabled"),
            found="documentation that api-docs cannot serve",
            allowed=why,
            example=put(enabled=False),
        )
