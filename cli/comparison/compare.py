"""What differs between two stages, and whether someone meant it. Pure: settings and variables in, differences out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel
from pydantic.alias_generators import to_camel

from cli.comparison.variables import Variable, Variables
from settings.merged import Settings
from settings.origins import CATALOGUE
from settings.rules.stage_rules import word
from settings.workloads import Workload

_NOT_COMPARED: Final = frozenset({"name", "environment", "secrets", "service_secrets", "places"})
"""Variables and secrets are compared as the container gets them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that is not the same. left, right: as shown; why: who says so, or what is wrong with it."""

    subject: str
    left: str
    right: str
    why: str
    accident: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """The names of the two stages, in order."""

    left: str
    right: str

    def follows(self, left: str, right: str) -> bool:
        """Whether the two values are one, with each stage's own name in it."""
        return word(self.left).sub(self.right, left) == right

    def stray(self, left: str, right: str) -> str | None:
        """What is wrong with values that name the other stage; None where none does."""
        for value, own, other in ((left, self.left, self.right), (right, self.right, self.left)):
            if word(other).search(value) and not word(own).search(value):
                return f"the value in {own} names {other}"
        return None


def compare_variables(pair: Pair, left: Variables, right: Variables) -> Iterator[Difference]:
    """The variables of one workload that are not the same in both stages."""
    for name in sorted({*left, *right}):
        one, two = left.get(name), right.get(name)
        if (found := _unlike(pair, one, two)) is not None:
            why, accident = found
            yield Difference(subject=name, left=str(one or "-"), right=str(two or "-"), why=why, accident=accident)


def _unlike(pair: Pair, one: Variable | None, two: Variable | None) -> tuple[str, bool] | None:
    """(why they are not the same, whether that is an accident); None where they are."""
    if one is None or two is None:
        there, absent = (one, pair.right) if two is None else (two, pair.left)
        if there is None or there.platform:
            return "the platform sets it from settings", False
        return f"missing in {absent}; written in {there.source}", True
    if one.value == two.value and one.value is None:
        return None
    if one.value is None or two.value is None:
        return f"plain in {pair.left if two.value is None else pair.right}, a secret in the other stage", True
    if stray := pair.stray(one.value, two.value):
        return stray, True
    if one.value == two.value:
        return None
    follows = pair.follows(one.value, two.value)
    return "each stage's own name" if follows else _sources(one.source, two.source), False


def compare_workloads(left: Workload, right: Workload) -> Iterator[Difference]:
    """The settings of one workload that are not the same in both stages."""
    for name in type(left).model_fields:
        one, two = getattr(left, name), getattr(right, name)
        if name in _NOT_COMPARED or one == two:
            continue
        key = to_camel(name)
        places = left.places.settings.get(key), right.places.settings.get(key)
        meant = any(place is not None and place.file != CATALOGUE for place in places)
        why = _sources(*(str(place or "built in") for place in places)) if meant else "no stage file says so"
        yield Difference(subject=key, left=_shown(one), right=_shown(two), why=why, accident=not meant)


def compare_stages(pair: Pair, left: Settings, right: Settings) -> Iterator[Difference]:
    """The settings of the stages themselves; each is in a stage file, or is the default where it is not."""
    for model_name in type(left).model_fields:
        one, two = getattr(left, model_name), getattr(right, model_name)
        if not isinstance(one, BaseModel) or not isinstance(two, BaseModel):
            continue
        for name in type(one).model_fields:
            values = getattr(one, name), getattr(two, name)
            if values[0] == values[1]:
                continue
            models = ((pair.left, one), (pair.right, two))
            silent = [stage for stage, model in models if name not in model.model_fields_set]
            why = f"{' and '.join(silent)} has the default" if silent else "both stage files say so"
            subject = f"{to_camel(model_name)}.{to_camel(name)}"
            yield Difference(subject=subject, left=_shown(values[0]), right=_shown(values[1]), why=why)


def _sources(left: str, right: str) -> str:
    return left if left == right else f"{left}; {right}"


def _shown(value: Any) -> str:
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json", by_alias=True)
    text = "none" if value is None else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."
