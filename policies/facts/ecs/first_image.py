"""A container that waits for its first image, judged with the secrets that it gets then: the delivery follows its label."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import cast

from policies.resources.reading import refuse

PLACEHOLDER_LABEL, SECRETS_LABEL = "placeholder-for", "placeholder-secrets"
"""Docker labels of a placeholder: the command that its first deployment puts back, and a JSON object of variable to ARN. Components write
them, and the delivery makes command and secrets of them without another preview."""


def is_placeholder(container: Mapping[str, object]) -> bool:
    """Whether a container waits for its first image."""
    labels = container.get("dockerLabels")
    return isinstance(labels, Mapping) and PLACEHOLDER_LABEL in labels


def with_first_image(container: Mapping[str, object], where: str) -> Mapping[str, object]:
    """The container with the secrets of the label beside its own, itself where it has no such label.

    Raises NotDecidedError for a label of another form.
    """
    labels = container.get("dockerLabels")
    if not isinstance(labels, Mapping) or SECRETS_LABEL not in labels:
        return container
    told, own = cast("Mapping[str, object]", labels), container.get("secrets")
    waiting = [{"name": name, "valueFrom": reference} for name, reference in _read(told[SECRETS_LABEL], where).items()]
    return {
        **container,
        "dockerLabels": {key: value for key, value in told.items() if key != SECRETS_LABEL},
        "secrets": [*cast("list[object]", own), *waiting] if isinstance(own, list) else own or waiting,
    }


def _read(text: object, where: str) -> Mapping[str, object]:
    try:
        value: object = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        refuse(f'{where}.dockerLabels["{SECRETS_LABEL}"]', "is no JSON object of variables and ARNs")
    return cast("dict[str, object]", value)
