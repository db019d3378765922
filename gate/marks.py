"""Where a violation is marked in a diff: on the line that decides, and on each workload's own where it is about several."""

from __future__ import annotations

from gate.document import Place, Stage, Violation


def marks_of(stage: Stage, violation: Violation) -> tuple[Place, ...]:
    """At least one place; what no setting leads to stands at the top of the stage's file."""
    if not violation.places:
        return (Place(file=f"Pulumi.{stage.name}.yaml", line=1, key=""),)
    return violation.places if len(violation.resources) > 1 else violation.places[:1]
