"""The documentation's settings: which stage shows what, and what is refused in which words."""

from collections.abc import Callable
from typing import Any

import pytest

from components.calc.web.nginx import Login, Page
from settings.api_docs import docs_pages, docs_services, longest_docs_request_s
from tests.project import PROJECT as P
from tests.settings.reading import reported, settings_of

Values = dict[str, Any]


@pytest.fixture
def values(stage_values: Callable[[str], Values]) -> Values:
    return stage_values("dev")


def test_the_real_pages(stage_settings: Callable[[str], Any]) -> None:
    services = stage_settings("dev").services
    address = "http://{}.dev-itemscout-ns:3000".format
    assert docs_pages(services, "dev-itemscout-ns") == [
        Page(service="datalab-api", path="/api-docs/datalab", upstream=address("datalab-api")),
        Page(service="legacy-api", path="/api-docs/legacy", upstream=address("legacy-api")),
        Page(
            service="tracking-api",
            path="/api-docs/tracking",
            upstream=address("tracking-api"),
            login=Login(upstream=address("legacy-api"), path="/legacy/login"),
        ),
    ]
    assert docs_services(services) == ["datalab-api", "legacy-api", "tracking-api"]


def test_a_service_that_only_logs_in_is_called_and_waited_for_too(values: Values) -> None:
    values[f"{P}:services"]["legacy-api"].pop("docs")
    values[f"{P}:services"]["datalab-api"].pop("docs")
    values[f"{P}:serviceOverrides"]["legacy-api"] = {"requestTimeoutSeconds": 45}
    values[f"{P}:serviceOverrides"]["tracking-api"]["requestTimeoutSeconds"] = 30
    services = settings_of(values).services
    assert docs_services(services) == ["legacy-api", "tracking-api"]
    assert longest_docs_request_s(services) == 45


@pytest.mark.parametrize(
    ("stage", "api_docs", "has"),
    [
        ("dev", None, True),
        ("dev", {}, True),
        ("dev", {"enabled": False}, False),
        ("prd", None, False),
        ("prd", {"priority": 5}, False),
        ("prd", {"enabled": True}, True),
    ],
)
def test_development_has_api_docs_and_production_only_when_it_says_so(
    stage_values: Callable[[str], Values], stage: str, api_docs: Values | None, has: bool
) -> None:
    values = stage_values(stage)
    if api_docs is not None:
        values[f"{P}:apiDocs"] = api_docs
    assert settings_of(values, stage).has_api_docs is has


def test_without_documentation_there_is_no_api_docs(values: Values) -> None:
    for service in values[f"{P}:services"].values():
        for key in ("docs", "docsLoginVia", "docsLoginPath"):
            service.pop(key, None)
    values[f"{P}:platform"].pop("docsImage")
    assert settings_of(values).has_api_docs is False


SERVICES = f"{P}:services"


ANOTHER = "another service of the platform: datalab-api, gateway, legacy-api"
REFUSED: dict[str, tuple[Callable[[Values], object], str, str, str]] = {
    "login without docs": (
        lambda v: v[SERVICES]["gateway"].update(docsLoginVia="legacy-api"),
        "Pulumi.yaml services.gateway.docsLoginVia",
        '"legacy-api" without docs',
        "only with docs: it is where the visitors of the service's documentation log in",
    ),
    "unknown": (
        lambda v: v[SERVICES]["tracking-api"].update(docsLoginVia="legacy"),
        "Pulumi.yaml services.tracking-api.docsLoginVia",
        '"legacy"; did you mean legacy-api?',
        ANOTHER,
    ),
    "itself": (
        lambda v: v[SERVICES]["tracking-api"].update(docsLoginVia="tracking-api"),
        "Pulumi.yaml services.tracking-api.docsLoginVia",
        '"tracking-api"',
        ANOTHER,
    ),
    "same path": (
        lambda v: v[SERVICES]["legacy-api"].update(docs="/api-docs/datalab"),
        "Pulumi.yaml services.legacy-api.docs",
        '"/api-docs/datalab"',
        "The services datalab-api and legacy-api both have their documentation under /api-docs/datalab",
    ),
    "no image": (
        lambda v: v[f"{P}:platform"].pop("docsImage"),
        "Pulumi.yaml platform.docsImage",
        "nothing",
        "required where services declare docs: a public Nginx image by digest",
    ),
    "priority": (
        lambda v: v.update({f"{P}:apiDocs": {"priority": 50_000}}),
        "Pulumi.dev.yaml apiDocs.priority",
        "50000 in api-docs and gateway",
        "a priority that no other listener rule has (AWS refuses the second with PriorityInUse)",
    ),
    "shadowed": (
        lambda v: (v[SERVICES]["gateway"].update(priority=900), v.update({f"{P}:apiDocs": {"priority": 901}})),
        "Pulumi.dev.yaml apiDocs.priority",
        "901",
        "The path '/api-docs*' of api-docs (priority 901) never gets a request: '/*' of gateway (priority 900) comes first",
    ),
    "size": (
        lambda v: v.update({f"{P}:apiDocs": {"cpu": 256, "memory": 4096}}),
        "Pulumi.dev.yaml apiDocs.memory",
        "cpu 256 with memory 4096",
        "Fargate has no tasks with 256 CPU units and 4096 MiB of memory",
    ),
    "timeout": (
        lambda v: v[f"{P}:loadBalancer"].update(idleTimeoutSeconds=30),
        "Pulumi.dev.yaml loadBalancer.idleTimeoutSeconds",
        "30",
        "60 or more: a documentation request may take 60 s",
    ),
}


@pytest.mark.parametrize(("change", "place", "found", "allowed"), REFUSED.values(), ids=REFUSED)
def test_refused(values: Values, change: Callable[[Values], object], place: str, found: str, allowed: str) -> None:
    """Of a sentence that is one of components/calc the rest is held by its tests."""
    change(values)
    [(file, key, what, wanted)] = reported(values)
    assert (f"{file} {key}", what, wanted.startswith(allowed)) == (place, found, True)


def test_a_service_may_not_take_the_name(values: Values) -> None:
    values[SERVICES]["api-docs"] = {"path": "/docs*", "priority": 400}
    found = reported(values)
    assert (
        "Pulumi.yaml",
        "services.api-docs",
        "a service or job named api-docs",
        "another name: api-docs is the service that gathers the documentation of this stage",
    ) in found


def test_a_path_outside_of_api_docs_is_refused_with_an_example(values: Values) -> None:
    values[SERVICES]["datalab-api"]["docs"] = "/docs/datalab"
    [(file, key, found, _)] = reported(values)
    assert (file, key, found) == ("Pulumi.yaml", "services.datalab-api.docs", '"/docs/datalab"')


def test_a_stage_without_api_docs_does_not_ask_for_what_only_api_docs_needs(
    stage_values: Callable[[str], Values],
) -> None:
    values = stage_values("prd")
    values[f"{P}:platform"].pop("docsImage")
    values[f"{P}:loadBalancer"]["idleTimeoutSeconds"] = 30
    assert settings_of(values, "prd").has_api_docs is False
