"""What a policy pack is sent by both engines, and what the project's own pack answers: the same for each resource."""

from __future__ import annotations

from typing import Any

import pytest

from offline.properties import unknown_paths
from tests.parity.compare import unlike, unordered, without_times
from tests.parity.engines import Run

pytestmark = pytest.mark.slow

Both = tuple[Run, Run]
RUNS = (
    *(f"edits {name}" for name in ("created", "previewed", "edited", "again")),
    *(f"dev {name}" for name in ("preview", "up", "again")),
    "prd preview",
)
OWN_PREVIEWS = ("dev preview", "prd preview")
"""By the project's pack, whose one policy about single resources is disabled there: the real engine sends them all the same, to no
policy, and the embedded one saves itself that."""


@pytest.fixture(params=RUNS)
def both(request: pytest.FixtureRequest) -> Both:
    """One run of each stage and of the small program, on the embedded engine and on the real one."""
    stage, _, name = request.param.partition(" ")
    runs: Any = request.getfixturevalue(stage)
    return runs if stage == "prd" else runs[name]


def compared(requests: dict[str, Any]) -> Any:
    """The requests by URN, without the order of URNs and without points in time."""
    return without_times(unordered(requests))


def test_each_resource_is_judged_by_the_same(both: Both, request: pytest.FixtureRequest) -> None:
    embedded, real = both
    if request.node.callspec.params["both"] in OWN_PREVIEWS:
        assert (embedded.analyzed(), bool(real.analyzed())) == ({}, True)
        return
    assert unlike(compared(embedded.analyzed()), compared(real.analyzed())) == []


def test_the_stack_is_judged_by_the_same(both: Both) -> None:
    embedded, real = both
    assert unlike(compared(embedded.stack()), compared(real.stack())) == []


def test_the_same_is_unknown(both: Both) -> None:
    embedded, real = ({urn: sorted(unknown_paths(item)) for urn, item in run.stack().items()} for run in both)
    assert unlike(embedded, real) == []
    if all(run.of_kind("summaryEvent")[0]["isPreview"] for run in both):
        assert any(embedded.values())


@pytest.mark.parametrize("method", ["ConfigureStack", "Configure"])
def test_the_pack_is_configured_by_the_same(both: Both, method: str) -> None:
    # The embedded engine configures the pack again when the program is gone, with the same.
    (embedded, *again), [real] = ([item["request"] for item in run.sent if item["method"] == method] for run in both)
    assert unlike(embedded, real) == []
    assert [request for request in again if request != embedded] == []


def test_the_policies_decide_the_same(both: Both) -> None:
    def decided(run: Run) -> list[Any]:
        fields = ("policyName", "resourceUrn", "enforcementLevel", "severity", "message")
        return sorted([item.get(field, "") for field in fields] for item in run.outcome.violations)

    embedded, real = both
    assert unlike(decided(embedded), decided(real)) == []


def passed_and_failed(run: Run) -> dict[str, Any]:
    """By resource, which policies it passed and which it failed; the stack's own under its name."""
    kinds = ("policyAnalyzeSummaryEvent", "policyAnalyzeStackSummaryEvent")
    return {
        summary.get("resourceUrn", "the stack"): [summary.get("passed", []), summary.get("failed", [])]
        for kind in kinds
        for summary in run.of_kind(kind)
    }


def test_the_same_policies_pass_and_fail(both: Both) -> None:
    embedded, real = both
    assert unlike(passed_and_failed(embedded), passed_and_failed(real)) == []


def test_only_the_real_engine_asks_for_remediations_where_no_policy_has_any(edits: dict[str, Both]) -> None:
    """A named difference: the answers are empty, and the embedded engine spares itself the requests."""
    asked = [{item["method"] for item in run.sent} & {"Remediate"} for run in edits["created"]]
    assert asked == [set(), {"Remediate"}]
