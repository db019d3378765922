"""The policy that says when a change was judged without what runs now.

It is advisory: where a pack is run by something else than the CLI, nobody can be asked, and nothing in the program is wrong. The gate
exports what runs itself, and fails where it cannot.
"""

from __future__ import annotations

from collections.abc import Iterator

from policies.facts.finding import Finding
from policies.rules.policy import ADVISORY_ONLY
from policies.rules.rule import Stack, advice, stack_policy


@stack_policy(
    name="change-compared",
    what="What is asked for is compared with what runs.",
    why="A pack is shown new values only: renames, losses, outages and the way of a budget are seen by a comparison alone.",
    severity="high",
    how_to_fix="Let `pulumi stack export` work where the pack runs, or name an export in CONNECTION_BUDGET_BASELINE; empty, it says "
    "that nothing is to be compared.",
    url="https://www.pulumi.com/docs/iac/cli/commands/pulumi_stack_export/",
    levels=ADVISORY_ONLY,
    types=(),
)
def change_compared(stack: Stack) -> Iterator[Finding]:
    if stack.uncompared:
        yield Finding.of("", "stack", stack.uncompared, required="an export of what runs", fix=advice(stack.spec))
