"""The policy `connection-reserve`: a database keeps connections free for those who have to get in when it is full."""

from __future__ import annotations

from collections.abc import Iterator

from policies.budget.declarations import RESERVE_TAG
from policies.facts.finding import Finding
from policies.resources.tokens import DATABASE_SIDE
from policies.rules.policy import setting
from policies.rules.rule import Problem, Stack, checked, stack_policy


@stack_policy(
    what="A database keeps connections free for administrators and RDS.",
    why="When the applications have taken all, nobody gets in to see who holds them.",
    severity="medium",
    how_to_fix=f'Raise the tag "{RESERVE_TAG}" of the database; of one that the stack does not manage, its reserve.',
    url="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html",
    settings=(setting("minimum", 3, "Connections that are kept free at least."),),
    types=DATABASE_SIDE,
)
def connection_reserve(stack: Stack) -> Iterator[Finding]:
    least = stack.number("minimum")
    for database in stack.facts.databases:
        resource = stack.graph.get(database.urn)
        # One that is not declared, the budget says.
        if resource is None or database.reserve is None or database.reserve >= least:
            continue
        kept = f"{database.reserve} of its connections is" if database.reserve else "nothing is"
        problem = Problem(
            f"{kept} reserved{'' if database.reserve else ' of its connections'}",
            f"at least {least}, so that administrators get in when the applications have taken all",
        )
        yield from checked(stack.spec, [resource], lambda _, problem=problem: [problem])
