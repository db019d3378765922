"""A stage as its preview describes it: the budgets of its databases, and what else `./run connections` asks of it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from offline.engine.errors import EngineError
from offline.engine.state import ResourceRecord
from offline.properties import plain
from policies.budget.declarations import IDLE
from policies.budget.demand import ServiceTasks, Workload, most_tasks
from policies.facts.clients.budgets import DatabaseBudget, UndecidedBudget
from policies.facts.database.parameter_groups import parameter, parameter_groups
from policies.facts.ecs.autoscaling import scaling_targets
from policies.facts.facts import Facts
from policies.resources.graph import Graph, Resource
from policies.resources.outcomes import Present, Undecided, decided
from policies.resources.reading import read_integer, read_text, text_or
from policies.resources.tokens import DB_INSTANCE
from policies.rules.budget.connection_budget import connection_budget
from policies.rules.budget.idle_timeouts import pool_idle_time, wait_timeout
from policies.rules.budget.ways_out import ways_by_arithmetic, ways_out
from policies.rules.discovery import all_rules
from policies.rules.policy import STRICT_STAGE
from policies.rules.rule import Stack
from policies.serving.evaluation import Evaluation
from policies.serving.exceptions import Exceptions

Entry = DatabaseBudget | UndecidedBudget
TIMEOUTS = ("wait_timeout", "interactive_timeout")
"""The parameters that end a sleeping session."""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A previewed stage. region: of the stage's AWS; graph: its resources as they will be deployed."""

    name: str
    region: str
    graph: Graph

    @cached_property  # hence no slots
    def facts(self) -> Facts:
        """What its resources say."""
        return Facts(self.graph)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The budget of every database, and every client whose database cannot be determined."""
        return self.facts.budgets

    def ways_out(self, entry: DatabaseBudget) -> tuple[str, ...]:
        """What alone fixes a broken budget: of this stage tried by every policy, of a changed one by arithmetic."""
        if entry not in self.entries:
            return ways_by_arithmetic(entry.budget)
        evaluation = Evaluation(
            stage=self.name,
            rules={rule.spec.name: rule for rule in all_rules()},
            exceptions=Exceptions(today=datetime.now(UTC).date()),
        )
        return ways_out(evaluation.stack(self.facts, connection_budget.spec.name), entry)

    @property
    def budgets(self) -> tuple[DatabaseBudget, ...]:
        """The budgets that could be computed."""
        return tuple(entry for entry in self.entries if isinstance(entry, DatabaseBudget))


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Whether sessions and pools end in the right order. summary: one line where they do; findings: where not."""

    summary: str
    findings: tuple[str, ...]


def preview_stage(*, stage: str, project_dir: Path, state_dir: Path) -> Stage:
    """Preview the stage in the embedded engine, without the policies: the budget is judged here.

    Raises UsageError and the settings' own error for what a person has to fix, EngineError where the preview failed.
    """
    from offline.engine import deployment
    from offline.records import recorded_by
    from settings.files.stack_config import load

    with tempfile.TemporaryDirectory(prefix="connections-") as empty:
        # What is declared does not follow from what is recorded, and the real engine's record cannot be read here.
        outcome = deployment.run(
            kind="preview",
            stage=stage,
            project_dir=project_dir,
            state_dir=Path(empty) if recorded_by(state_dir, stage) == "pulumi" else state_dir,
            pack_dir=None,
            on_event=lambda event: None,
        )
    if outcome.result != "succeeded":
        reasons = "\n".join(outcome.errors) or "the program ended without saying why"
        raise EngineError(f"The preview of stage {stage} failed, so there is nothing to add up:\n{reasons}")
    region = load(project_dir, stage).values["aws:region"]
    return Stage(name=stage, region=region, graph=graph_of(outcome.resources))


def graph_of(records: Iterable[ResourceRecord]) -> Graph:
    """The engine's records as policies see them."""
    return Graph.from_records(
        {
            "type": record.type,
            "urn": record.urn,
            "inputs": plain(record.inputs),
            "outputs": plain(record.outputs),
            "property_dependencies": record.property_dependencies,
            "dependencies": record.dependencies,
        }
        for record in records
    )


def fewest_tasks(facts: Facts, urn: str, workload: Workload) -> int:
    """The tasks a service keeps when it is quiet: its scaling target's minimum, else its desired count."""
    if not isinstance(workload.tasks, ServiceTasks):
        return most_tasks(workload)
    service = facts.graph.get(urn)
    targets = scaling_targets(facts.scalers, service) if service is not None else ()
    found = (read_integer(target, "minCapacity") for target in targets)
    minima = [minimum.value for minimum in found if isinstance(minimum, Present)]
    return min(*minima, workload.tasks.maximum) if minima else min(workload.tasks.desired, workload.tasks.maximum)


def variables(facts: Facts, urn: str, name: str) -> frozenset[str]:
    """The values an environment variable has in the containers, of the run with this URN, that use the database."""
    run = next((run for run in facts.runs if run.resource.urn == urn), None)
    if run is None or len(run.definitions) != 1:
        return frozenset()
    found = decided(lambda: facts.containers(run.definitions[0]))
    containers = () if isinstance(found, Undecided) else found
    values = (container.environment.get(name) for container in containers if container.uses_database)
    return frozenset(value for value in values if value)


def timeouts_of(facts: Facts) -> Timeouts:
    """What the policies on timeouts say, and the numbers in one line where they say nothing."""
    stacks = ((rule, Stack(facts=facts, stage=STRICT_STAGE, spec=rule.spec)) for rule in (wait_timeout, pool_idle_time))
    findings = tuple(finding.message for rule, stack in stacks for finding in rule.judge(stack))
    parts: list[str] = []
    for instance in facts.graph.of_type(DB_INSTANCE):
        known = session_timeouts(facts.graph, instance).items()
        if shown := ", ".join(f"{name} {value} s" for name, value in known if value is not None):
            parts.append(f"{text_or(read_text(instance, 'identifier'), instance.name)}: {shown}")
    urns = (run.resource.urn for run in facts.runs)
    idle = [int(text) for urn in urns for text in variables(facts, urn, IDLE) if text.isdigit()]
    if idle:
        parts.append(f"pools let go after at most {max(idle) / 1000:g} s")
    return Timeouts(summary="; ".join(parts), findings=findings)


def session_timeouts(graph: Graph, instance: Resource) -> dict[str, str | None]:
    """TIMEOUTS as they are written for a database instance; None where one is not set or cannot be determined."""
    found = {name: decided(lambda name=name: parameter(parameter_groups(graph, instance), name)) for name in TIMEOUTS}
    return {name: None if isinstance(value, Undecided) else value[0] for name, value in found.items()}
