"""What an EventBridge rule hands to a task: its input, or what an input transformer makes of the event.

Source: Amazon EventBridge User Guide, "Input transformation": a template of JSON with <placeholders>, which EventBridge puts into
quotation marks itself where they stand for a text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from policies.facts.ecs.containers import Container, with_overrides
from policies.resources.graph import Resource
from policies.resources.outcomes import Absent, Present, Reading, Undecided
from policies.resources.reading import fields_of, items_of, parsed_json, read_json, read_text, refuse, required

TEMPLATE = ("inputTransformer", "inputTemplate")
_PLACEHOLDER = re.compile(r"<[A-Za-z0-9_.-]+>")
_TEXT_OR_PLACEHOLDER = re.compile(rf'"(?:[^"\\]|\\.)*"|{_PLACEHOLDER.pattern}')


def handed_over(target: Resource) -> Reading[object]:
    """The document that a rule's target is handed; None stands in it for a text that is made of the event."""
    template = read_text(target, *TEMPLATE)
    if not isinstance(template, Present):
        return read_json(target, "input") if isinstance(template, Absent) else template
    text = _TEXT_OR_PLACEHOLDER.sub(lambda part: part[0] if part[0][0] == '"' else json.dumps(part[0]), template.value)
    try:
        return Present(_without_placeholders(parsed_json(text)))
    except ValueError:
        return Undecided("inputTransformer", "is no template of JSON, so what it makes is not known")


def overrides_by_event(target: Resource) -> bool:
    """Whether a rule's target overrides containers by what its input transformer makes of an event."""
    template = read_text(target, *TEMPLATE)
    return isinstance(template, Present) and "containerOverrides" in template.value


def with_event(containers: Sequence[Container], target: Resource) -> tuple[Container, ...]:
    """The containers as the target of a rule overrides them, as far as that is known. Raises NotDecidedError."""
    document = required(handed_over(target))
    made: dict[str, dict[str, str]] = {}
    for item in map(fields_of, items_of(fields_of(document).get("containerOverrides"))):
        words = items_of(item.get("command"))
        if None in words and (words[0] is None or "-c" in words):
            refuse("inputTransformer", "makes a command of the event, so what it starts is not known")
        for variable in map(fields_of, items_of(item.get("environment"))):
            if variable.get("value") is None:
                why = "is made of the event (inputTransformer), so it is not known"
                made.setdefault(str(item.get("name")), {})[str(variable.get("name"))] = why
    changed = with_overrides(containers, document)
    return tuple(replace(held, unclear={**held.unclear, **made.get(held.name, {})}) for held in changed)


def _without_placeholders(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_placeholders(inner) for key, inner in cast("dict[str, object]", value).items()}
    if isinstance(value, list):
        return [_without_placeholders(item) for item in cast("list[object]", value)]
    return None if isinstance(value, str) and _PLACEHOLDER.search(value) else value
