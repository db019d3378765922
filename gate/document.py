"""gate.json, what the gate says about a change: every other form of it (note, page, reports) is made from this document.

All texts are as the engine, the pack and the settings gave them: whoever renders one makes it inert first (gate/inert.py).
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

FORMAT = 1
"""The version of the format: it grows where a reader of the one before would misread the document."""

Verdict = Literal["ok", "refused", "failed"]
"""ok: every mandatory policy passed on a whole run. refused: a mandatory policy did not. failed: nothing was decided."""
_WORSE: tuple[Verdict, ...] = ("ok", "refused", "failed")
Operation = Literal["create", "update", "replace", "delete", "same", "read", "import", "forget", "refresh"]
Kind = Literal["service", "job", "one-off", "other"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Engine(_Part):
    """What ran the preview."""

    kind: Literal["embedded", "pulumi", "recorded"] = Field(
        description="the offline engine of this project, the real one, or a saved event stream"
    )
    version: str = Field(default="", description="of the real engine's CLI; empty where it is not known")


class Pack(_Part):
    """A policy pack that judged."""

    name: str
    version: str = ""


class Value(_Part):
    """A value of a property."""

    kind: Literal["known", "secret", "unknown"] = Field(description="unknown: computed when it is deployed")
    text: str = Field(default="", description="a known value as JSON, cut at a hundred characters; otherwise empty")


class Difference(_Part):
    """One changed path inside a resource."""

    path: str = Field(description="such as containerDefinitions.app.environment.DB_CONN_LIMIT")
    before: Value | None = Field(default=None, description="null: not there before")
    after: Value | None = Field(default=None, description="null: not there afterwards")
    forces_replacement: bool = False
    churn: bool = Field(False, description="changes with every build or revision, such as an image's digest")


class Component(_Part):
    """The component a resource belongs to; the stack itself where it has no other."""

    urn: str
    type: str
    name: str


class Change(_Part):
    """One resource that does not stay as it is."""

    urn: str
    type: str
    name: str
    operation: Operation
    component: Component
    lost: str = Field(
        "", description="what is gone afterwards, in a sentence; empty: nothing that cannot be made again"
    )
    differences: tuple[Difference, ...] = ()


class Workload(_Part):
    """What one application can open on a database: demand = (limit x processes x pools + outside_pool) x tasks_alive."""

    name: str
    urn: str = Field(description="of what runs it: an ECS service, a schedule, a task definition")
    kind: Kind
    limit: int = Field(ge=1, description="connections of one pool")
    processes: int = Field(ge=1, description="per task")
    pools: int = Field(ge=1, description="per process")
    outside_pool: int = Field(ge=0, description="connections of a task that no pool counts")
    tasks: int = Field(ge=0, description="the most at once outside a roll-out")
    tasks_alive: int = Field(ge=0, description="the most at once in a roll-out, or of overlapping runs")
    alive_percent: int = Field(ge=100, description="tasks_alive = tasks x alive_percent / 100, rounded down")
    demand: int = Field(ge=0, description="connections it can hold open at once, roll-outs included")
    steady: int = Field(ge=0, description="the same outside roll-outs")
    why: str = Field(description="how tasks_alive follows")


class Budget(_Part):
    """What one database admits, and what its workloads can open."""

    max_connections: int
    estimated: bool = Field(description="max_connections is no literal, but a low estimate")
    source: str = Field(description="where max_connections comes from")
    engine: str
    instance_class: str
    reserve: int = Field(ge=0)
    demand: int = Field(ge=0)
    used: int = Field(ge=0, description="demand and reserve")
    headroom: int = Field(description="connections left over; negative: too few")
    workloads: tuple[Workload, ...]


class ClassChoice(_Part):
    """What a database would admit on another class of its family, all else the same."""

    instance_class: str
    max_connections: int


class DatabaseBudget(_Part):
    """The connection budget of one database, before and after."""

    database: str
    urn: str
    verdict: Literal["fits", "broken", "undecided"] = Field(description="of the state after, and of the way there")
    findings: tuple[str, ...] = Field(default=(), description="why it is undecided")
    before: Budget | None = Field(default=None, description="null: there is none yet, or no state export was given")
    after: Budget | None = Field(default=None, description="null: undecided, or the database is deleted")
    rollout: Budget | None = Field(
        default=None, description="while old and new tasks run beside each other; null without before"
    )
    ways_out: tuple[str, ...] = Field(default=(), description="each alone fixes a broken budget")
    classes: tuple[ClassChoice, ...] = ()


class Resource(_Part):
    """A resource as people know it."""

    urn: str
    type: str
    name: str


class Place(_Part):
    """Where a value is written."""

    file: str = Field(description="relative to the project, with /")
    line: int = Field(ge=1)
    key: str = Field(description="such as services.tracking-api.tasks, or the name of a variable in an env file")


class Cause(_Part):
    """One thing that a policy found, and all resources that it found it on."""

    found: str
    required: str = ""
    fix: str = Field(default="", description="where this cause has a way of its own")
    table: tuple[str, ...] = Field(default=(), description="a line each, as of a connection budget")
    ways: tuple[str, ...] = Field(default=(), description="single changes of which each alone is enough")
    resources: tuple[Resource, ...] = ()
    inside: tuple[str, ...] = Field(
        default=(), description="the parts of the resources, such as a container; one a resource"
    )


class Violation(_Part):
    """One policy that something does not keep."""

    policy: str
    level: Literal["mandatory", "advisory"]
    severity: str = Field(default="", description="low, medium, high or critical; empty where the pack does not say")
    undecided: bool = Field(False, description="the policy could not decide, which never counts as passed")
    message: str = Field(description="all of it, as the pack wrote it")
    cause: str = ""
    found: str = Field(default="", description="a line a cause")
    required: str = Field(default="", description="a line a cause, each once")
    why: str = ""
    fix: str = ""
    resources: tuple[Resource, ...] = Field(default=(), description="empty: it is about the stack as a whole")
    causes: tuple[Cause, ...] = Field(default=(), description="what found and required say, with the resources of each")
    joined: tuple[str, ...] = Field(
        default=(), description="further policies that could not decide, for the same cause"
    )
    places: tuple[Place, ...] = Field(default=(), description="the settings that lead to it, the deciding one first")


class PolicyResult(_Part):
    """What one policy said."""

    name: str
    pack: str
    verdict: Literal["passed", "failed", "undecided"]
    level: Literal["mandatory", "advisory", ""] = Field(default="", description="empty where the events do not say it")
    severity: str = ""
    description: str = ""


class Excused(_Part):
    """An exception of the pack that holds for the stage."""

    policy: str
    text: str = Field(description="for what, why, who answers for it, until when")
    used: bool = Field(description="false: nothing needs it")


class Message(_Part):
    """What the engine or the program said."""

    severity: Literal["error", "warning", "info"]
    text: str
    urn: str = ""


class Node(_Part):
    """One part of the platform's drawing."""

    kind: Literal["load-balancer", "service", "job", "database", "mesh", "pipeline"]
    urn: str
    name: str
    operation: Operation
    uses: tuple[str, ...] = Field(default=(), description="URNs of parts that it needs")


class Stage(_Part):
    """One stage's preview, judged."""

    name: str
    verdict: Verdict
    reasons: tuple[str, ...] = Field(default=(), description="why it is not ok, a sentence each")
    engine: Engine
    packs: tuple[Pack, ...] = ()
    seconds: int = Field(default=0, ge=0, description="that the engine took")
    counts: dict[Operation, int] = Field(default_factory=dict[Operation, int])
    changes: tuple[Change, ...] = Field(default=(), description="by component, in the order of the run")
    budgets: tuple[DatabaseBudget, ...] = ()
    budget_missing: str = Field(default="", description="why there is no budget, in a sentence; empty: it is there")
    violations: tuple[Violation, ...] = Field(default=(), description="those that stop the run first")
    policies: tuple[PolicyResult, ...] = ()
    exceptions: tuple[Excused, ...] = ()
    messages: tuple[Message, ...] = ()
    platform: tuple[Node, ...] = ()


class GateChange(_Part):
    """What the change does to the gate itself: its policies, levels, settings, exceptions or code."""

    what: str
    weaker: bool = Field(description="lets something through that was refused")


class Source(_Part):
    """What was judged, as the CI job knows it; on a person's machine all of it is empty."""

    commit: str = ""
    pipeline: int = Field(default=0, ge=0, description="grows from pipeline to pipeline; 0: none")
    pipeline_url: str = ""
    job_url: str = Field(default="", description="where the artifacts are")


class Document(_Part):
    """gate.json."""

    format: Literal[1] = FORMAT
    project: str
    verdict: Verdict = Field(description="the worst of all stages")
    source: Source = Source()
    stages: tuple[Stage, ...] = Field(min_length=1)
    gate_changes: tuple[GateChange, ...] | None = Field(
        default=None, description="null: there was no other pack to compare with"
    )


def worst(verdicts: tuple[Verdict, ...]) -> Verdict:
    """The verdict on a whole of which these are the parts; nothing at all has not passed."""
    return _WORSE[max((_WORSE.index(verdict) for verdict in verdicts), default=-1)]


def document_schema() -> dict[str, Any]:
    """The JSON Schema of gate.json: every key is always there."""
    schema = Document.model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
