"""`./run connections`: adds up a stage's connection budget, tries changes, answers for waits, looks into an account."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from cli.command import DONE, FAILED
from cli.connections.changes import apply_changes, workload_named
from cli.connections.comparison import Comparison
from cli.connections.document import Question, Report, document
from cli.connections.server import sql_of
from cli.connections.stage import Entry, Stage, fewest_tasks, preview_stage, timeouts_of
from cli.connections.text import Page
from cli.connections.waits import Load, answers
from cli.report import screens
from offline.engine.errors import UsageError
from policies.budget.demand import kind_of
from policies.budget.solve import largest_limit
from policies.facts.clients.budgets import DatabaseBudget


def connections(options: argparse.Namespace, *, stage: str, project_dir: Path, state_dir: Path) -> int:
    """Run it; exit code 0 the budget fits (and the account agrees), 1 not, undecided or refused by a policy.

    options: what argparse made of the command line. Raises UsageError, EngineError and the settings' own error.
    """
    load = _load(options)
    previewed = preview_stage(stage=stage, project_dir=project_dir, state_dir=state_dir)
    if options.sql:
        sys.stdout.write(sql_of(previewed, database=options.database, migrations=options.migrations))
        return DONE
    changes, changed = apply_changes(previewed, options.set)
    report = Report(
        stage=previewed,
        entries=changed.entries,
        timeouts=timeouts_of(previewed.facts),
        changes=changes,
        effects=changed.effects,
        before=previewed.entries if changes else None,
        waits=None if load is None else _waits(previewed, changed.entries, load, options.service),
        live=_live(previewed, options.target or "offline", state_dir) if options.live else None,
    )
    if options.json:
        json.dump(document(report), sys.stdout, ensure_ascii=False, indent=2)
        sys.stdout.write("\n")
    else:
        out = screens.console()
        for line in Page(width=out.width, plain=not out.is_terminal).lines(report, load):
            out.print(line)
    agrees = report.live is None or report.live.agrees
    return DONE if report.verdict == "fits" and agrees and not report.refused else FAILED


def _live(stage: Stage, target: Literal["offline", "aws"], state_dir: Path) -> Comparison:
    from cli.connections.look import compare_with_account  # boto3 comes with it

    return compare_with_account(stage, target=target, state_dir=state_dir)


def _waits(stage: Stage, entries: Sequence[Entry], load: Load, service: str | None) -> tuple[Question, ...]:
    """The answers for one workload, or for every service that uses a database."""
    wanted = None if service is None else workload_named(stage, service)[1].name
    return tuple(
        Question(answer=answer, largest_limit=largest_limit(entry.budget, workload))
        for entry in entries
        if isinstance(entry, DatabaseBudget)
        for workload, urn in zip(entry.budget.workloads, entry.urns, strict=True)
        if workload.name == wanted or (wanted is None and kind_of(workload) == "service")
        for answer in answers(workload, load, fewest_tasks=fewest_tasks(stage.facts, urn, workload))
    )


def _load(options: argparse.Namespace) -> Load | None:
    """What the options ask about waits, or None. Raises UsageError for options that say nothing without another."""
    if options.sql and (options.set or options.live or options.json):
        raise UsageError("--sql prints the SQL of the stage as it is, alone: leave out --set, --live and --json.")
    if not options.sql and (options.database or options.migrations):
        raise UsageError("--database and --migrations belong to --sql.")
    if options.target is not None and not options.live:
        raise UsageError("--target says where --live looks: add --live.")
    if options.live and options.set:
        raise UsageError("--live compares what is declared with an account: leave out --set.")
    if options.burst is None and options.rate is None:
        for given, name in ((options.hold_ms, "--hold-ms"), (options.p99_ms, "--p99-ms"), (options.service, "SERVICE")):
            if given is not None:
                raise UsageError(f"{name} is about waits: say what arrives with --burst N or --rate N/s.")
        return None
    if options.sql:
        raise UsageError("--sql prints SQL and answers nothing about waits: leave out --burst and --rate.")
    if options.hold_ms is None:
        raise UsageError("--burst and --rate need --hold-ms: how long a request keeps its connection, such as 200.")
    return Load(hold_ms=options.hold_ms, burst=options.burst, rate=options.rate, p99_ms=options.p99_ms)
