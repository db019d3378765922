"""`./run connections`: exit codes, and options that do not go together."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.connections import ask, look
from cli.connections.comparison import Comparison, Difference
from cli.connections.stage import Stage
from policies.resources.tokens import DB_INSTANCE

Command = Callable[..., tuple[int, str, str]]


def test_an_undecided_budget_is_exit_code_1(
    command: Command, monkeypatch: pytest.MonkeyPatch, altered: Callable[..., Stage]
) -> None:
    untagged = altered("dev", DB_INSTANCE, "dev", tags=None)
    monkeypatch.setattr(ask, "preview_stage", lambda **_: untagged)
    code, out, _ = command()
    assert code == 1
    assert "\ndev-db: undecided\n  - dev-db: its connection budget is undecided: " in out
    assert out.endswith("\ndev: undecided: what cannot be counted cannot be bounded\n")
    assert json.loads(command("--json")[1])["databases"][0]["workloads"] is None


def test_sql_alone_is_printed(command: Command) -> None:
    code, out, _ = command("--sql", "-s", "prd")
    assert code == 0
    assert out.startswith("-- Accounts of prd in the schema itemscout")
    assert "MAX_USER_CONNECTIONS 384" in out


@pytest.mark.parametrize(
    ("difference", "code", "end"),
    [
        (None, 0, "dev: fits: no connection can be refused with all workloads at their maximum\n"),
        (False, 1, "; the account differs in 1 place\n"),
        (True, 1, "; the account differs in 1 place, and its budget is broken\n"),
    ],
)
def test_live_differences_decide_the_exit_code(
    difference: bool | None, code: int, end: str, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = Difference(subject="db", what="reserve", declared="5", found="4", action="fix it", breaks=bool(difference))
    differences = () if difference is None else (found,)
    asked: list[dict[str, Any]] = []

    def compared(stage: Stage, **options: Any) -> Comparison:
        asked.append(options)
        return Comparison(target="aws", differences=differences, observed=(), unread={"x": "why"})

    monkeypatch.setattr(look, "compare_with_account", compared)
    found_code, out, _ = command("--live", "--target", "aws", "--state", "/nowhere")
    assert (found_code, asked) == (code, [{"target": "aws", "state_dir": Path("/nowhere")}])
    assert out.endswith(end)
    assert "  not compared: x, why\n" in out
    kind = "breaks the budget" if difference else "drift"
    row = f"  - db, reserve ({kind})\n      declared: 5\n      found:    4\n      what to do: fix it\n"
    assert (row in out) is (difference is not None)
    live = json.loads(command("--live", "--target", "aws", "--json")[1])["live"]
    assert set(live) == {"agrees", "breaks", "target", "differences", "observed", "unread"}
    assert (live["agrees"], live["breaks"]) == (difference is None, bool(difference))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--set", "tracking.limit=5"], "Did you mean dev-tracking-api?"),
        (["tracking", "--burst", "5", "--hold-ms", "1"], "Did you mean dev-tracking-api?"),
        (["--burst", "5"], "--burst and --rate need --hold-ms"),
        (["--hold-ms", "5"], "--hold-ms is about waits: say what arrives with --burst N or --rate N/s."),
        (["--p99-ms", "5"], "--p99-ms is about waits"),
        (["tracking-api"], "SERVICE is about waits"),
        (["--sql", "--json"], "--sql prints the SQL of the stage as it is, alone"),
        (["--sql", "--burst", "1"], "leave out --burst and --rate"),
        (["--migrations", "tracking-api"], "--database and --migrations belong to --sql."),
        (["--target", "aws"], "--target says where --live looks: add --live."),
        (["--live", "--set", "reserve=1"], "leave out --set"),
    ],
)
def test_usage_errors(arguments: list[str], message: str, command: Command) -> None:
    code, out, err = command(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert message in err
