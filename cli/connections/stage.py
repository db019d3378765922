"""A stage as its preview describes it: the budgets of its databases, and what else `./run connections` asks of it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from offline.engine.errors import EngineError
from offline.engine.state import ResourceRecord
from offline.properties import plain
from policies.budget.declarations import IDLE
from policies.budget.demand import ServiceTasks, Workload, most_tasks
from policies.facts.clients.budgets import DatabaseBudget, UndecidedBudget
from policies.facts.database.parameter_groups import parameter, parameter_groups
from policies.facts.ecs.autoscaling import scaling_targets
from policies.facts.ecs.containers import Container
from policies.facts.facts import Facts
from policies.resources.graph import Graph, Resource
from policies.resources.outcomes import Present, Undecided, decided
from policies.resources.reading import read_integer, read_text
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A previewed stage. region: of the stage's AWS; graph: its resources as they will be deployed."""

    name: str
    region: str
    graph: Graph
    facts: Facts = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "facts", Facts(self.graph))

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
    minima = [minimum for target in targets if (minimum := _minimum(target)) is not None]
    return min(*minima, workload.tasks.maximum) if minima else min(workload.tasks.desired, workload.tasks.maximum)


def database_containers(facts: Facts, urn: str) -> tuple[Container, ...]:
    """The containers that use the database, of the run with this URN."""
    run = next((run for run in facts.runs if run.resource.urn == urn), None)
    if run is None or len(run.definitions) != 1:
        return ()
    found = decided(lambda: facts.containers(run.definitions[0]))
    containers = () if isinstance(found, Undecided) else found
    return tuple(container for container in containers if container.uses_database)


def variables(facts: Facts, urn: str, name: str) -> frozenset[str]:
    """The values an environment variable has in the containers of a run that use the database."""
    values = (container.environment.get(name) for container in database_containers(facts, urn))
    return frozenset(value for value in values if value)


def timeouts_of(facts: Facts) -> Timeouts:
    """What the policies on timeouts say, and the numbers in one line where they say nothing."""
    stacks = ((rule, Stack(facts=facts, stage=STRICT_STAGE, spec=rule.spec)) for rule in (wait_timeout, pool_idle_time))
    findings = tuple(finding.message for rule, stack in stacks for finding in rule.judge(stack))
    parts = [f"{name}: {seconds}" for name, seconds in _session_timeouts(facts.graph)]
    runs = facts.runs
    idle = [int(text) for run in runs for text in variables(facts, run.resource.urn, IDLE) if text.isdigit()]
    if idle:
        parts.append(f"pools let go after at most {max(idle) / 1000:g} s")
    return Timeouts(summary="; ".join(parts), findings=findings)


def session_timeout(graph: Graph, instance: Resource, name: str) -> str | None:
    """A parameter that holds for a database instance, as it is written; None where it is not set or cannot be determined."""
    found = decided(lambda: parameter(parameter_groups(graph, instance), name))
    return None if isinstance(found, Undecided) else found[0]


def _session_timeouts(graph: Graph) -> Iterator[tuple[str, str]]:
    for instance in graph.of_type(DB_INSTANCE):
        values = [(name, session_timeout(graph, instance, name)) for name in ("wait_timeout", "interactive_timeout")]
        shown = ", ".join(f"{name} {value} s" for name, value in values if value is not None)
        name = read_text(instance, "identifier")
        if shown:
            yield (name.value if isinstance(name, Present) else instance.name), shown


def _minimum(target: Resource) -> int | None:
    found = read_integer(target, "minCapacity")
    return found.value if isinstance(found, Present) else None
