"""A placeholder is judged with the secrets of its first image: the delivery follows the label without another preview."""

import json
from typing import Any

import pytest

from policies.facts.ecs.containers import containers_in, read_documents
from policies.facts.ecs.first_image import with_first_image
from policies.resources.graph import PlainResource
from policies.resources.outcomes import NotDecidedError
from policies.resources.tokens import TASK_DEFINITION

ARN = "arn:aws:ssm:ap-northeast-2:123456789012:parameter/dev/api/DB_REPLICA_HOST"


def placeholder(**labels: object) -> dict[str, Any]:
    told = {name.replace("_", "-"): value for name, value in labels.items()}
    return {"name": "api", "command": ["node", "-e", "…"], "secrets": [], "dockerLabels": {"team": "search", **told}}


def test_the_secrets_are_those_of_the_first_image() -> None:
    written = placeholder(placeholder_secrets=json.dumps({"DB_REPLICA_HOST": ARN}))
    definition = PlainResource(
        type=TASK_DEFINITION,
        urn="u",
        name="api",
        props={"containerDefinitions": json.dumps([written])},
        property_dependencies={},
    )
    [document] = read_documents(definition)
    assert document == {
        "name": "api",
        "command": ["node", "-e", "…"],
        "secrets": [{"name": "DB_REPLICA_HOST", "valueFrom": ARN}],
        "dockerLabels": {"team": "search"},
    }
    [container] = containers_in([document])
    assert container.second_pools == ("DB_REPLICA_HOST",)


def test_the_command_of_the_first_image_is_judged_beside_its_own() -> None:
    written = placeholder(placeholder_for=json.dumps(["gunicorn", "-w", "4", "shop.wsgi"]))
    changed = with_first_image(written, "here")
    assert changed == {
        "name": "api",
        "command": ["node", "-e", "…", ";", "gunicorn", "-w", "4", "shop.wsgi"],
        "secrets": [],
        "dockerLabels": {"team": "search"},
    }
    [container] = containers_in([changed])
    assert container.processes.number == 4
    [alone] = containers_in([with_first_image(placeholder(placeholder_for="[]"), "here")])
    assert alone.command == ("node", "-e", "…")


@pytest.mark.parametrize("container", [{"name": "api"}, {"name": "api", "dockerLabels": {"team": "x"}}])
def test_any_other_container_is_as_it_is(container: dict[str, object]) -> None:
    assert with_first_image(container, "here") is container


@pytest.mark.parametrize(
    ("labels", "label"),
    [
        ({"placeholder_secrets": "[" * 20_000}, "placeholder-secrets"),
        ({"placeholder_secrets": "[]"}, "placeholder-secrets"),
        ({"placeholder_secrets": "DB_PASSWORD"}, "placeholder-secrets"),
        ({"placeholder_secrets": 3}, "placeholder-secrets"),
        ({"placeholder_for": "{}"}, "placeholder-for"),
        ({"placeholder_for": "gunicorn"}, "placeholder-for"),
    ],
)
def test_a_label_of_another_form_is_undecided(labels: dict[str, object], label: str) -> None:
    with pytest.raises(NotDecidedError, match=rf'here\.dockerLabels\["{label}"\]'):
        with_first_image(placeholder(**labels), "here")
