"""change-compared: a change that was judged without what runs says so, and why."""

from dataclasses import replace

from policies.rules.change.compared import change_compared
from tests.policies.rules.change.plans import judged, plan


def test_it_speaks_only_where_nobody_said_what_runs() -> None:
    stack = plan([], [])
    assert judged(change_compared, stack) == []
    why = "nobody said what runs now: there is no pulumi on PATH to ask"
    assert judged(change_compared, replace(stack, plan=None, uncompared=why)) == [("", why)]
