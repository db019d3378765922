"""Assembles the policies of one stage: rules, exceptions, the guard at registration and the roll-out's budget, ready to be served."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from pulumi_policy import Policy

from policies.facts.finding import Finding
from policies.resources.baseline import BASELINE_VARIABLE, Baseline, load_baseline, parse_export
from policies.resources.exported import ExportError, export_of
from policies.resources.graph import Resource
from policies.rules.budget.connection_budget import connection_budget, fitting_budgets
from policies.rules.budget.ways_out import ways_out
from policies.rules.change.losses import ACCEPT_VARIABLE
from policies.rules.discovery import all_rules
from policies.rules.policy import Level
from policies.rules.rule import Rule, Stack
from policies.serving.budget_report import REPORT_VARIABLE, write_report
from policies.serving.catalog import CATALOG
from policies.serving.evaluation import Evaluation
from policies.serving.exceptions import Exceptions, load_exceptions
from policies.serving.registration_guard import AT_REGISTRATION, Registrations
from policies.serving.rollout_budget import Changes
from policies.serving.sdk_policies import ResourceJudge, resource_policy, rule_policy

NAME = "category-analyzer"
"""The pack's name, as engines show it."""


def policies_of_run(
    folder: Path, environment: Mapping[str, str], *, stack: str, dry_run: bool, report: Callable[[str], None]
) -> list[Policy]:
    """Every policy for a run, by the environment that its pack is started with. Raises BaselineError.

    folder: the pack's, with its exceptions. stack: its full name, such as organization/project/dev. report, dry_run: as of
    `policies_for`.
    """
    stage = stack.rpartition("/")[2]
    baseline, uncompared = None, ""
    try:
        if BASELINE_VARIABLE in environment:
            baseline = load_baseline(environment, stage=stage)
        else:
            baseline = parse_export(export_of(stack, environment), stage=stage)
    except ExportError as error:
        uncompared = f"nobody said what runs now: {error}"
    known = frozenset(spec.name for spec in CATALOG)
    asked = environment.get(REPORT_VARIABLE)
    return policies_for(
        stage,
        baseline,
        load_exceptions(folder / "exceptions.yaml", known=known, today=datetime.now(UTC).date()),
        report,
        Path(asked) if asked else None,
        loss_accepted=environment.get(ACCEPT_VARIABLE) == "yes",
        uncompared=uncompared,
        dry_run=dry_run,
    )


def policies_for(
    stage: str,
    baseline: Baseline | None = None,
    exceptions: Exceptions | None = None,
    report: Callable[[str], None] | None = None,
    report_file: Path | None = None,
    *,
    loss_accepted: bool = False,
    uncompared: str = "",
    dry_run: bool = False,
) -> list[Policy]:
    """Every policy of the catalogue with its level in the stage. An unknown stage is judged as prd.

    baseline: what runs before the deployment; without it new values are judged by themselves. exceptions: what is excused.
    report: is given the table of every connection budget that holds, line by line; a policy itself can only report violations.
    report_file: where all budgets are written to, for the gate. loss_accepted: whether what the deployment loses may be lost.
    uncompared: why what runs is not known, where it should be. dry_run: whether the run is a preview; one process serves one run.
    """
    changes = None if baseline is None else Changes(baseline)
    excused = exceptions or Exceptions(today=datetime.now(UTC).date())
    evaluation = Evaluation(
        stage=stage,
        rules=rules_by_name(changes, report, report_file),
        exceptions=excused,
        baseline=baseline,
        loss_accepted=loss_accepted,
        uncompared=uncompared,
    )
    guard = registration_judge(changes)
    # At a preview it would find nothing: an engine that knows so need not send it every resource.
    level = Level.DISABLED if dry_run else AT_REGISTRATION.level(stage)

    def at_registration(resource: Resource) -> Iterable[Finding]:
        if dry_run or excused.excuse(AT_REGISTRATION.name, resource.urn) is not None:
            return ()
        return guard(resource)

    return [
        resource_policy(spec, level, at_registration) if spec is AT_REGISTRATION else rule_policy(evaluation, spec)
        for spec in CATALOG
    ]


def rules_by_name(
    changes: Changes | None = None, report: Callable[[str], None] | None = None, report_file: Path | None = None
) -> Mapping[str, Rule]:
    """Every rule over whole stacks; the connection budget's with the way there, and with the tables of those that hold."""

    def judge(stack: Stack) -> Iterable[Finding]:
        if changes is not None:
            stack = replace(stack, before=changes.before, on_the_way=changes.on_the_way)
        found = [*connection_budget.judge(stack), *(() if changes is None else changes.judge_stack(stack.facts))]
        yield from found
        if stack.trial:
            return
        if report is not None:
            for line in fitting_budgets(stack.facts, {finding.urn for finding in found}):
                report(line)
        if report_file is not None:
            before = () if changes is None else changes.before.budgets
            ways = {} if changes is None else changes.on_the_way(stack.facts)
            write_report(report_file, stack.facts.budgets, before, ways, lambda entry: ways_out(stack, entry))

    rules = {rule.spec.name: rule for rule in all_rules()}
    return {**rules, connection_budget.spec.name: replace(connection_budget, judge=judge)}


def registration_judge(changes: Changes | None) -> ResourceJudge:
    """Judges each registration in turn: beside what was registered before it, and beside what runs before the deployment."""
    registrations = Registrations()
    return lambda resource: registrations.judge(resource) or (() if changes is None else changes.judge(resource))
