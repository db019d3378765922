"""A container that waits for its first image, judged as what it becomes then: the labels tell its command and its secrets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import cast

from policies.resources.reading import refuse

COMMAND_LABEL, SECRETS_LABEL = "placeholder-for", "placeholder-secrets"
"""Docker labels of a placeholder: a JSON list of words, and a JSON object of variable to ARN. Components write them and the
delivery follows them, without another preview."""


def with_first_image(container: Mapping[str, object], where: str) -> Mapping[str, object]:
    """The container with the command and the secrets that its labels name, itself where it has none.

    Raises NotDecidedError for a label of another form.
    """
    labels = container.get("dockerLabels")
    if not isinstance(labels, Mapping) or not {COMMAND_LABEL, SECRETS_LABEL} & labels.keys():
        return container
    told = cast("Mapping[str, object]", labels)
    command = _read(told, COMMAND_LABEL, list, where)
    secrets = _read(told, SECRETS_LABEL, dict, where)
    listed = [
        {"name": name, "valueFrom": reference} for name, reference in cast("dict[str, object]", secrets or {}).items()
    ]
    own = container.get("secrets")
    changed: dict[str, object] = {
        **container,
        "dockerLabels": {key: value for key, value in told.items() if key not in (COMMAND_LABEL, SECRETS_LABEL)},
    }
    if command is not None:
        changed["command"] = command
    if listed:
        changed["secrets"] = [*cast("list[object]", own if isinstance(own, list) else []), *listed]
    return changed


def _read(labels: Mapping[str, object], label: str, form: type, where: str) -> object:
    if label not in labels:
        return None
    text = labels[label]
    try:
        value: object = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, form):
        what = "list of words" if form is list else "object of variables and ARNs"
        refuse(f'{where}.dockerLabels["{label}"]', f"is no JSON {what}")
    return value
