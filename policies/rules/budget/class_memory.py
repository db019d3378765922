"""The policy `max-connections-fits-class`: a literal that the instance's memory carries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policies.budget.engines import engine_name
from policies.budget.supply import FAR_ABOVE, risky_above
from policies.facts.facts import Facts
from policies.facts.finding import Finding
from policies.resources.tokens import DATABASE_SIDE
from policies.rules.policy import setting
from policies.rules.rule import Stack, stack_policy


@stack_policy(
    what="A literal max_connections is not far above what the memory of the instance class carries.",
    why="RDS stops an instance whose parameters need more memory than it has, at the status incompatible-parameters.",
    severity="high",
    how_to_fix="Lower max_connections, or take a larger instance class.",
    url="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Troubleshooting.html",
    settings=(
        setting(
            "timesDefault",
            FAR_ABOVE,
            "How many times the default for the class's whole memory are admitted.",
            minimum=1,
        ),
    ),
    types=DATABASE_SIDE,
)
def max_connections_fits_class(stack: Stack) -> Iterable[Finding]:
    return judge_class_memory(stack.facts, stack.number("timesDefault"))


def judge_class_memory(facts: Facts, times: int = FAR_ABOVE) -> Iterator[Finding]:
    """A finding for every database whose literal max_connections is far above its class's default, or cannot be compared."""
    for database in facts.databases:
        supply = database.supply
        if supply is None or supply.estimated:
            continue  # connection-budget reports what cannot be determined; an estimate follows the memory
        most = risky_above(supply, times)
        if most is None:
            yield Finding.of(
                database.urn,
                database.name,
                f'the memory of the class "{supply.instance_class}" is not known, so whether it carries max_connections '
                f"{supply.max_connections} is undecided",
                required="a class whose memory is known",
                fix="Use a class from the pack's table.",
            )
        elif supply.max_connections > most:
            yield Finding.of(
                database.urn,
                database.name,
                f"max_connections is {supply.max_connections} ({supply.source}) on {supply.instance_class}",
                required=f"at most {most}, {times} times the default of {engine_name(supply.engine)} for the class's whole memory: "
                "beyond it the instance may stop at the status incompatible-parameters",
                fix="Lower max_connections or take a larger class.",
            )
