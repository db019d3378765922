"""Variables that settings set, too: one value each, wherever it is written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError

from policies.budget.declarations import IDLE, LIMIT
from settings.explained import explain
from settings.layers import Merged
from settings.origins import Origin
from settings.problems import ENV_FOLDER, Problem, put_at, remove_at, shown
from settings.workloads import JobFields, ServiceFields

SETTINGS: Final = {LIMIT: "dbConnLimit", IDLE: "dbPoolIdleMs", "PORT": "port"}
"""Variable to the setting that sets it. What is written in one of both places holds in both."""
_FIELDS: Final = {"dbConnLimit": "db_conn_limit", "dbPoolIdleMs": "db_pool_idle_ms", "port": "port"}
_OF_THE_DATABASE: Final = (LIMIT, IDLE)
_OF_THE_SERVICE: Final = ("PORT", "SERVICE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """A variable whose value follows from another setting. place: that setting, or what else it follows from."""

    value: str
    place: Origin | str


def adopt(merged: Merged, fields: type[ServiceFields | JobFields], fixed: Mapping[str, Fixed]) -> list[Problem]:
    """Take such variables out of the environment and into the settings; a second, different value is a problem.

    A job takes its service's file, in which PORT, SERVICE and the size of the pool are the service's: there the
    job's own settings win.
    """
    problems: list[Problem] = []
    for variable in sorted(merged.environment.keys() & {*SETTINGS, *fixed}):
        if variable in _OF_THE_DATABASE and not merged.fields.get("database"):
            continue
        if variable == "PORT" and fields is JobFields and not merged.variables[variable].file.startswith(ENV_FOLDER):
            continue  # nothing of the platform: a job has no port
        value, place = merged.environment.pop(variable), merged.variables.pop(variable)
        inherited = fields is JobFields and place.file.startswith(ENV_FOLDER)
        setting = SETTINGS.get(variable, "")
        if inherited and (variable in _OF_THE_SERVICE or setting in merged.fields):
            continue
        if variable in fixed and value != fixed[variable].value:
            problems.append(_conflict(variable, value, place, fixed[variable].value, fixed[variable].place))
        elif setting in merged.fields and value != str(merged.fields[setting]):
            problems.append(_conflict(variable, value, place, merged.fields[setting], merged.places[setting]))
        elif setting and setting not in merged.fields:
            problems += _taken(merged, fields, variable, value, place)
        elif setting:
            merged.variables[variable] = place  # the same in both, so that both change together
    return problems


def _taken(
    merged: Merged, fields: type[ServiceFields | JobFields], variable: str, value: str, place: Origin
) -> list[Problem]:
    """The variable sets the setting, within the setting's own bounds."""
    setting = SETTINGS[variable]
    number = int(value) if value.isascii() and value.isdigit() else value
    try:
        fields.model_validate_json(json.dumps({setting: number}))
    except ValidationError as error:
        found = explain(error, at=lambda *_: place, whole=str, model=fields, document={})
        own = fields.model_fields[_FIELDS[setting]].examples or (3000,)
        return [
            Problem(at=place, found=shown(value), allowed=problem.allowed, example=put_at(place, str(own[0])))
            for problem in found
        ]
    merged.fields[setting], merged.places[setting] = number, place
    return []


def _conflict(variable: str, value: str, place: Origin, other: object, other_place: Origin | str) -> Problem:
    return Problem(
        at=place,
        found=f"{variable} is {shown(value)} here, and {other} in {other_place}",
        allowed="one value, in one place or the same in both: what is checked must be what the container gets",
        # No value of a default of all is right for each of them.
        example=remove_at(place) if place.shared else put_at(place, str(other)),
    )
