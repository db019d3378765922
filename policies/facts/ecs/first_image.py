"""A container that waits for its first image, judged with the secrets that it gets then: the delivery follows its label."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from policies.resources.json_text import read_json
from policies.resources.reading import refuse

SECRETS_LABEL = "placeholder-secrets"
"""Docker label of a placeholder: a JSON object of variable to ARN. Components write it, and the delivery makes secrets of it
without another preview."""


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
        value: object = read_json(text) if isinstance(text, str) else None
    except ValueError:
        value = None
    if not isinstance(value, dict):
        refuse(f'{where}.dockerLabels["{SECRETS_LABEL}"]', "is no JSON object of variables and ARNs")
    return cast("dict[str, object]", value)
