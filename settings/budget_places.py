"""Where the numbers of the connection budget are written, as components declare it to the policy pack (PLACES_OUTPUT)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from policies.budget.declarations import (
    CLASS_PLACE,
    LIMIT,
    MAX_CONNECTIONS_PLACE,
    POOLS_PLACE,
    PROCESSES_PLACE,
    SHARED,
    TASKS_PLACE,
    VALUE,
)
from settings.merged import Settings
from settings.origins import CATALOGUE, Origin
from settings.problems import ENV_FOLDER
from settings.workloads import Service, Workload

BudgetPlaces = Mapping[str, list[dict[str, int | str]]]
_DECLARED: Final = {PROCESSES_PLACE: "processes", POOLS_PLACE: "poolsPerProcess"}
_NEVER: Final = 1_000_000
"""More than a limit or a number of tasks can be."""
_OF_A_RANGE: Final = ("requestsPerTarget", "cpuTargetPercent")
"""Settings that a stage may have for a service only where its tasks have a range (settings.rules.effect_rules)."""


def workload_places(workload: Workload) -> BudgetPlaces:
    """Of a service or batch job; nothing for one without a database."""
    if not workload.database:
        return {}
    places = workload.places
    variables = {name: [_place(_text(origin, quoted=True))] for name, origin in places.variables.items()}
    also = places.variables.get(LIMIT)  # a value that stands in both has to be changed in both
    limit = _text(places.to_change("dbConnLimit")) + (f" and {_text(also)}" if also else "")
    count = _tasks(workload) if isinstance(workload, Service) else [_place(_text(places.to_change("taskCount")))]
    numbers = {TASKS_PLACE: count}
    numbers |= {place: [_place(_text(places.to_change(key)))] for place, key in _DECLARED.items()}
    return {**variables, LIMIT: [_place(limit)], **numbers, **_shared(workload, both=also is not None)}


def _shared(workload: Workload, *, both: bool) -> BudgetPlaces:
    """The defaults that it takes. both: its limit stands in its env file, too, so that the default cannot change alone."""
    found = dict[str, list[dict[str, int | str]]]()
    limit, maximum = (workload.places.settings.get(key) for key in ("dbConnLimit", "tasks.max"))
    if limit is not None and limit.shared:
        found[SHARED + LIMIT] = [_place(_text(limit), least=_NEVER if both else 1)]
    if maximum is not None and maximum.shared and isinstance(workload, Service):
        # Above the minimum, so that settings of a range keep their effect for every service that takes the default.
        found[SHARED + TASKS_PLACE] = [_place(_text(maximum), least=workload.tasks.min + 1)]
    return found


def database_places(settings: Settings) -> BudgetPlaces:
    """Of the stage's database; nothing for an existing one, whose limits are declared and not set."""
    if settings.database.existing is not None:
        return {}
    keys = {MAX_CONNECTIONS_PLACE: "database.maxConnections", CLASS_PLACE: "database.instanceClass"}
    stage_file = f"Pulumi.{settings.name}.yaml"
    return {
        name: [_place(_text(settings.origins.get(key, Origin(file=stage_file, key=key))))] for name, key in keys.items()
    }


def _tasks(service: Service) -> list[dict[str, int | str]]:
    """The maximum alone down to the minimum, and both below it."""
    own = service.places.settings
    maximum, least = own.get("tasks.max"), service.tasks.min
    at = own["tasks"] if maximum is not None and not maximum.shared else service.places.own("tasks")
    both = f"{at}: {{ min: {VALUE}, max: {VALUE} }}"
    within = f"{at}: {{ min: {least}, max: {VALUE} }}" if maximum is None or maximum.shared else _text(maximum)
    ranged = any(key in own and not own[key].shared and own[key].file != CATALOGUE for key in _OF_A_RANGE)
    found = [_place(within, least=least + 1 if ranged else max(least, 1))]
    return found if ranged else [*found, _place(both)]


def _text(origin: Origin, *, quoted: bool = False) -> str:
    if origin.file.startswith(ENV_FOLDER):
        return f"{origin}={VALUE}"
    return f'{origin}: "{VALUE}"' if quoted else f"{origin}: {VALUE}"


def _place(change: str, *, least: int = 1) -> dict[str, int | str]:
    return {"least": least, "change": change}
