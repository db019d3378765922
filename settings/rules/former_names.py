"""`formerly`, the names that a service or job had: written once, in the catalogue, and nobody else's by now."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from settings.origins import CATALOGUE, Origin
from settings.problems import Problem, put, shown
from settings.rules.draft import Draft
from settings.workloads import Job, Service


def former_name_problems(draft: Draft) -> Iterator[Problem]:
    """Names that are somebody's, given twice, or given where no rename is given."""
    present = {
        **dict.fromkeys(draft.service_names, "a service"),
        **{job.name: "a job" for job in draft.jobs},
    }
    renamed = {each.name for each in (*draft.services, *draft.jobs) if each.former_names}
    given: dict[str, Service | Job] = {}
    for workload in (*draft.services, *draft.jobs):
        at = workload.places.settings.get("formerly")
        if at is None:
            continue
        if at.shared or at.file != CATALOGUE:
            yield _elsewhere(workload, at)
            continue
        for name in workload.former_names:
            if why := _taken(workload, name, present, given, renamed):
                yield _wrong(workload, at, name, why)
                break
            given[name] = workload


def _taken(
    workload: Service | Job,
    name: str,
    present: Mapping[str, str],
    given: Mapping[str, Service | Job],
    renamed: Collection[str],
) -> str | None:
    if name == workload.name:
        return f"another name than {name}, which it has now"
    if name in renamed:
        return (
            f"a name that is nobody's now: another one is {name} by a rename of its own. Names are neither exchanged nor passed on, "
            "because nothing could tell the two apart: give that one a name that nobody had"
        )
    if name in present:
        return f"a name that is nobody's now: {name} is {present[name]} of the catalogue, and AWS has one of that name"
    if workload.former_names.count(name) > 1:
        return "each name once, the newest first"
    if name in given:
        return f"a name of one alone: {given[name].name} was {name}, too, and AWS has one of that name"
    return None


def _wrong(workload: Service | Job, at: Origin, name: str, why: str) -> Problem:
    rest = list(dict.fromkeys(each for each in workload.former_names if each != name))
    if workload.former_names.count(name) > 1:
        rest = list(dict.fromkeys(workload.former_names))
    example = put(formerly=rest[0] if len(rest) == 1 else rest) if rest else "remove formerly"
    return Problem(at=at, found=shown(name), allowed=why, example=example)


def _elsewhere(workload: Service | Job, at: Origin) -> Problem:
    """A default would rename them all; a stage alone cannot know another name than the others."""
    return Problem(
        at=at,
        found=shown(", ".join(workload.former_names)),
        allowed=f"in {CATALOGUE} beside the new name, under {workload.places.catalogue('formerly').key}: a name is every stage's",
        example="remove formerly",
    )
