"""The policy that knows the team's stages by name, and what it makes of a stack that is none of them."""

from __future__ import annotations

from collections.abc import Iterator

from policies.facts.finding import Finding, Parts
from policies.rules.policy import ADVISORY_ONLY, LENIENT_STAGE, STRICT_STAGE, setting
from policies.rules.rule import Stack, advice, stack_policy
from policies.rules.stages import LENIENT, STRICT


@stack_policy(
    what="A stack is called like one of the team's stages, once it has named them.",
    why="A stack of another name is judged as strictly as prd: a misspelt one should not surprise anybody.",
    severity="low",
    how_to_fix="Add the stack's name to the setting lenient (judged as dev is, at most) or strict (judged as prd is).",
    url="https://www.pulumi.com/docs/iac/concepts/stacks/",
    levels=ADVISORY_ONLY,
    settings=(
        setting(LENIENT, (), "Stages that are judged as dev is: no policy is stricter there than it is in dev."),
        setting(STRICT, (), "Stages that are judged as prd is, as every stack of another name is, too."),
    ),
    types=(),
)
def stage_names(stack: Stack) -> Iterator[Finding]:
    lenient, strict = stack.texts(LENIENT), stack.texts(STRICT)
    if both := sorted({*lenient} & {*strict}):
        stack.refuse_setting(LENIENT, f"has {', '.join(both)}, which {STRICT} has, too")
    known = {*lenient, *strict, LENIENT_STAGE, STRICT_STAGE}
    if (lenient or strict) and stack.stage not in known:
        found = f'the stack is called "{stack.stage[:60]}" and is judged as strictly as {STRICT_STAGE}'
        needed = f"one of {', '.join(sorted(known))}"
        yield Finding(
            "", f"{found}. Required: {needed}. {advice(stack.spec)}", parts=Parts(found=found, required=needed)
        )
