"""The real dev stage's own configuration, as its task definition has it, in front of its projects."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.function_program import unjudged


@pytest.fixture(scope="module")
def environment(project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The variables of dev's api-docs container at a preview before anything exists."""
    outcome = unjudged("preview", project_root, tmp_path_factory.mktemp("state"))
    assert (outcome.result, outcome.errors) == ("succeeded", ())
    [definition] = [r for r in outcome.resources if r.name == "api-docs" and r.type.endswith(":TaskDefinition")]
    [container] = [c for c in json.loads(definition.inputs["containerDefinitions"]) if c["name"] == "api-docs"]
    return {entry["name"]: entry["value"] for entry in container["environment"]}


def test_every_listed_page_reaches_its_project(
    environment: dict[str, str], projects: Any, serve: Callable[..., Any]
) -> None:
    here = f"listen {projects.site}:8080 "
    assert environment["NGINX_CONF"].count("listen *:3000 ") == 1
    site = serve(configuration=environment["NGINX_CONF"].replace("listen *:3000 ", here))
    answers = {
        path: json.loads(site.get(path).body)
        for path in ("/api-docs/datalab", "/api-docs/legacy", "/api-docs/tracking", "/api-docs/tracking/login?a=b")
    }
    assert {path: (answer["from"], answer["path"]) for path, answer in answers.items()} == {
        "/api-docs/datalab": ("datalab-api", "/api-docs/datalab"),
        "/api-docs/legacy": ("legacy-api", "/api-docs/legacy"),
        "/api-docs/tracking": ("tracking-api", "/api-docs/tracking"),
        "/api-docs/tracking/login?a=b": ("legacy-api", "/legacy/login?a=b"),
    }
    assert site.get("/api-docs").body == environment["LIST_PAGE"] == site.get("/api-docs/elsewhere").body
