"""`./run parity`: two stages compared by service, what differs by intent and what by accident."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from cli.command import DONE, FAILED
from cli.comparison.compare import Difference, compare_stages, compare_variables, compare_workloads
from cli.comparison.sides import differences, pair_of, previewed
from cli.report.sections import OFFLINE
from cli.stages.place import Place


def parity(place: Place, other: str | None = None, *, write: Callable[[str], None] = print) -> int:
    """Compare the stage with another one; exit code 0 everything that differs is meant, 1 something is not."""
    pair = pair_of(place, other)
    elsewhere = replace(place, stage=pair.right)
    left, right = place.settings(), elsewhere.settings()
    variables = previewed(place, left), previewed(elsewhere, right)
    write(f"{OFFLINE}: {pair.left} and {pair.right}, as previewed")
    sections: dict[str, list[Difference]] = {"the stage itself": list(compare_stages(pair, left, right))}
    theirs = {workload.name: workload for workload in (*right.services, *right.jobs)}
    for workload in (*left.services, *left.jobs):
        name = workload.name
        sections[name] = [
            *compare_workloads(workload, theirs[name]),
            *compare_variables(pair, variables[0][name], variables[1][name]),
        ]
    for title, found in sections.items():
        write("")
        write(f"{title}: {_count(found)}")
        for line in differences(pair, found):
            write(f"  {line}")
    everything = [difference for found in sections.values() for difference in found]
    accidents = sum(difference.accident for difference in everything)
    write("")
    write(f"parity: {len(everything) - accidents} differences by intent, {accidents} by accident")
    return FAILED if accidents else DONE


def _count(found: list[Difference]) -> str:
    accidents = sum(difference.accident for difference in found)
    return "no difference" if not found else f"{len(found) - accidents} by intent, {accidents} by accident"
