"""The two stages of a comparison: which they are, their variables as previewed, and their differences as lines."""

from __future__ import annotations

from collections.abc import Sequence

from cli.comparison.compare import Difference, Pair
from cli.comparison.variables import Variables, variables_of
from cli.connections.stage import preview_stage
from cli.report.table import screen_width, table
from cli.stages.place import Place
from offline.engine.errors import UsageError
from settings.files.stack_config import stages_of
from settings.merged import Settings
from settings.nearest import question


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
        raise UsageError(
            f"--with {other}: there is no other stage of that name; there are: {', '.join(others)}.{question(other, others)}"
        )
    return Pair(left=place.stage, right=other or others[0])


def differences(pair: Pair, found: Sequence[Difference]) -> list[str]:
    """The differences as lines, accidents first."""
    ordered = sorted(found, key=lambda difference: not difference.accident)
    rows = [
        ("ACCIDENT" if item.accident else "intent", item.subject, item.left, item.right, item.why) for item in ordered
    ]
    head = ("", "what", pair.left, pair.right, "why")
    return table(head, rows, whole=(0, 1), lead=2, width=screen_width() - len("  ")) if rows else []
