"""`./run env`: the variables a container gets and where each is written; with --diff, two stages side by side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from cli.command import DONE, FAILED
from cli.comparison.compare import compare_variables
from cli.comparison.sides import differences, pair_of, previewed
from cli.report.sections import OFFLINE
from cli.report.table import table
from cli.stages.known import require_known
from cli.stages.place import Place


def env(
    place: Place, name: str, *, diff: bool = False, other: str | None = None, write: Callable[[str], None] = print
) -> int:
    """Show those of a service or job; exit code 0, or with diff 1 where the stages differ by accident."""
    settings = place.settings()
    require_known(
        name, {workload.name: workload for workload in (*settings.services, *settings.jobs)}, "service or job"
    )
    pair = pair_of(place, other) if diff else None
    variables = previewed(place, settings)[name]
    if pair is None:
        write(f"{OFFLINE}: variables of {name} in stage {place.stage}, as previewed")
        rows = [(key, str(variable), variable.source) for key, variable in variables.items()]
        for line in table(("variable", "value", "written in"), rows, whole=(0,)):
            write(line)
        return DONE
    theirs = previewed(replace(place, stage=pair.right))[name]
    write(f"{OFFLINE}: variables of {name} in {pair.left} and {pair.right}, as previewed")
    found = list(compare_variables(pair, variables, theirs))
    for line in differences(pair, found):
        write(line)
    accidents = sum(difference.accident for difference in found)
    same = len({*variables, *theirs}) - len(found)
    write(f"{len(found)} of {same + len(found)} variables differ, {accidents} by accident")
    return FAILED if accidents else DONE
