"""`./run env`: the variables a container gets and where each is written; with --diff, two stages side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from cli.command import DONE, FAILED
from cli.comparison.compare import Difference, Pair, compare_variables
from cli.comparison.variables import Variables, variables_of
from cli.connections.stage import preview_stage
from cli.report.sections import OFFLINE
from cli.stages.known import require_known
from cli.stages.place import Place
from offline.engine.config import stages_of
from offline.engine.errors import UsageError
from settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Env:
    """`./run env SERVICE [--diff] [--with STAGE]` as asked for."""

    place: Place
    service: str
    diff: bool = False
    other: str | None = None


def env(asked: Env, *, tell: Callable[[str], None] = print) -> int:
    """Show them; exit code 0, or with --diff 1 where the stages differ by accident."""
    place, name = asked.place, asked.service
    settings = place.settings()
    require_known(name, (workload.name for workload in (*settings.services, *settings.jobs)), "service or job")
    variables = previewed(place, settings)[name]
    if not asked.diff:
        tell(f"{OFFLINE}: variables of {name} in stage {place.stage}, as previewed")
        rows = [(key, str(variable), variable.source) for key, variable in variables.items()]
        for line in table(("variable", "value", "written in"), rows):
            tell(line)
        return DONE
    pair = pair_of(place, asked.other)
    theirs = previewed(other_place(place, pair))[name]
    tell(f"{OFFLINE}: variables of {name} in {pair.left} and {pair.right}, as previewed")
    found = list(compare_variables(pair, variables, theirs))
    for line in differences(pair, found):
        tell(line)
    accidents = sum(difference.accident for difference in found)
    same = len({*variables, *theirs}) - len(found)
    tell(f"{len(found)} of {same + len(found)} variables differ, {accidents} by accident")
    return FAILED if accidents else DONE


def previewed(place: Place, settings: Settings | None = None) -> dict[str, Variables]:
    """The variables of every workload of a stage, from its preview."""
    stage = preview_stage(stage=place.stage, project_dir=place.project_dir, state_dir=place.state_dir)
    return variables_of(stage, settings or place.settings())


def pair_of(place: Place, other: str | None) -> Pair:
    """The stage and the one to compare with: the named one, or the only other. Raises UsageError."""
    others = [stage for stage in stages_of(place.project_dir) if stage != place.stage]
    if other is None and len(others) != 1:
        there = ", ".join(others) or "none"
        raise UsageError(f"Which stage to compare {place.stage} with? Say --with STAGE; other stages: {there}.")
    if other is not None and other not in others:
        raise UsageError(f"--with {other}: there is no other stage of that name; there are: {', '.join(others)}.")
    return Pair(left=place.stage, right=other or others[0])


def other_place(place: Place, pair: Pair) -> Place:
    """The same project, in the other stage of the pair."""
    return replace(place, stage=pair.right)


def differences(pair: Pair, found: Sequence[Difference]) -> list[str]:
    """The differences as lines, accidents first."""
    ordered = sorted(found, key=lambda difference: not difference.accident)
    rows = [
        ("ACCIDENT" if item.accident else "intent", item.subject, item.left, item.right, item.why) for item in ordered
    ]
    return table(("", "what", pair.left, pair.right, "why"), rows) if rows else []


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Columns as wide as their longest text; line breaks in a value are shown as \\n."""
    lines = [[cell.replace("\n", "\\n") for cell in row] for row in (head, *rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
