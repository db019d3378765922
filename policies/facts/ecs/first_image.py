"""A container that waits for its first image, judged with the command and secrets that it gets then, too: delivery follows its labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from policies.resources.graph import Resource
from policies.resources.json_text import read_json
from policies.resources.outcomes import Present
from policies.resources.reading import items_of, parsed_json, read_text, refuse

F = TypeVar("F", "list[Any]", "dict[str, Any]")

COMMAND_LABEL, SECRETS_LABEL = "placeholder-for", "placeholder-secrets"
"""Docker labels of a placeholder: the command of its first image, a JSON list, and a JSON object of variable to ARN. Components write
them, and the delivery makes command and secrets of them without another preview."""


def is_placeholder(definition: Resource) -> bool:
    """Whether a container of a task definition waits for its first image; what cannot be read does not."""
    written = read_text(definition, "containerDefinitions")
    try:
        listed: object = parsed_json(written.value) if isinstance(written, Present) else None
    except ValueError:
        listed = None
    items = items_of(listed)
    labels = [cast("Mapping[str, object]", item).get("dockerLabels") for item in items if isinstance(item, Mapping)]
    return any(isinstance(found, Mapping) and COMMAND_LABEL in found for found in labels)


def with_first_image(container: Mapping[str, object], where: str) -> Mapping[str, object]:
    """The container with the command and secrets of the labels behind its own, itself where it has no such label.

    Raises NotDecidedError for a label of another form.
    """
    labels = container.get("dockerLabels")
    if not isinstance(labels, Mapping) or not {COMMAND_LABEL, SECRETS_LABEL} & labels.keys():
        return container
    written = cast("Mapping[str, object]", labels)
    found = {
        **container,
        "dockerLabels": {key: value for key, value in written.items() if key not in (COMMAND_LABEL, SECRETS_LABEL)},
    }
    if COMMAND_LABEL in written:
        own, later = container.get("command"), _read(written, COMMAND_LABEL, list, "list of words", where)
        # The placeholder's own command runs until then: both are judged, as a shell would run one after the other.
        found["command"] = (
            [*cast("list[object]", own), ";", *later] if isinstance(own, list) and own and later else later or own
        )
    if SECRETS_LABEL in written:
        own = container.get("secrets")
        secrets = _read(written, SECRETS_LABEL, dict, "object of variables and ARNs", where)
        waiting = [{"name": name, "valueFrom": reference} for name, reference in secrets.items()]
        found["secrets"] = [*cast("list[object]", own), *waiting] if isinstance(own, list) else own or waiting
    return found


def _read(labels: Mapping[str, object], label: str, form: type[F], what: str, where: str) -> F:
    text = labels[label]
    try:
        value: object = read_json(text) if isinstance(text, str) else None
    except ValueError:
        value = None
    if not isinstance(value, form):
        refuse(f'{where}.dockerLabels["{label}"]', f"is no JSON {what}")
    return value
