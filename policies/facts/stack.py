"""What a stack says, each fact read once: at its first use, and for a stack that grows again only where the new resource matters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Generic, Self, TypeVar

from policies.facts.alarms import read_alarms, read_watched
from policies.facts.database.databases import Database, read_databases
from policies.facts.database.doors import Doors, doors_of
from policies.facts.delivery.pipelines import read_pipelines
from policies.facts.ecs.autoscaling import read_scalers
from policies.facts.ecs.container_hosts import read_hosts
from policies.facts.ecs.containers import Container, containers_in, read_documents
from policies.facts.ecs.image_owners import read_image_owners
from policies.facts.ecs.load_balancers import Balanced, read_balanced
from policies.facts.ecs.task_runs import Run, read_runs, runs_of
from policies.facts.ecs.task_starters import read_launches
from policies.facts.event_rules import read_event_rules
from policies.facts.iam.holdings import Holding, read_holdings, read_pushed
from policies.facts.iam.rights import rights_of
from policies.facts.iam.roles import read_role_users, role_key
from policies.facts.iam.statements import Statement, read_statements
from policies.facts.naming import read_account, read_names, read_region
from policies.facts.network.passages import Passages
from policies.facts.network.security_groups import RULE_TYPES, Opening, read_openings, read_whole
from policies.facts.network.subnets import ROUTING, database_subnets, read_overlaps, read_public_subnets
from policies.facts.places import Named, read_far_uses, read_named
from policies.resources import tokens
from policies.resources.graph import Graph, Resource, grouped
from policies.resources.outcomes import NotDecidedError, Undecided, decided, settled, within
from policies.resources.references import references, task_definitions
from policies.resources.texts import Texts

T = TypeVar("T")

_READ_FROM: Mapping[str, frozenset[str]] = {
    "databases": tokens.DATABASE_SIDE,
    "doors": tokens.DATABASE_SIDE | {tokens.VPC, tokens.VPC_RANGE, tokens.PREFIX_LIST, tokens.PREFIX_LIST_ENTRY},
    "openings": RULE_TYPES | {tokens.PREFIX_LIST},
    "passages": RULE_TYPES | {tokens.PREFIX_LIST},
    "public_subnets": ROUTING,
}
"""Fact to all the types it is read from: a stack that grows by another type keeps it. What is not here is read anew."""


class _OfResource(Generic[T]):
    """What follows from one resource alone, read once: kept while the stack grows around it."""

    def __init__(self, read: Callable[[Resource], T]) -> None:
        self._read = read
        self._known: dict[str, tuple[Resource, T | Undecided]] = {}

    def of(self, resource: Resource) -> T:
        """Raises NotDecidedError where it cannot be read."""
        known = self._known.get(resource.urn)
        if known is None or known[0] is not resource:
            found = decided(lambda: self._read(resource))
            if isinstance(found, Undecided):  # whoever asks for it may judge another resource
                found = replace(found, owner=found.owner or resource)
            known = self._known[resource.urn] = (resource, found)
        return settled(known[1])


def _read(reader: Callable[[Graph], T]) -> cached_property[T]:
    """A fact that is read from the resources alone."""
    return cached_property(lambda facts: reader(facts.graph))


class StackFacts:
    """The facts of one stack. Those of single resources raise NotDecidedError where they cannot be read."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._documents = _OfResource(read_documents)
        self._containers = _OfResource(lambda definition: containers_in(self._documents.of(definition)))
        self._balanced = _OfResource(read_balanced)
        self._named = _OfResource(read_named)
        self._statements: dict[str, _OfResource[tuple[Statement, ...]]] = {}
        self._rights: dict[str, tuple[Statement, ...] | Undecided | None] = {}

    def with_resource(self, resource: Resource) -> Self:
        """The facts of the stack with one resource added, or put in the place of the one that has its URN."""
        grown = type(self)(self.graph.with_resource(resource))
        grown._documents, grown._containers = self._documents, self._containers
        grown._balanced, grown._named = self._balanced, self._named
        kept = (name for name, types in _READ_FROM.items() if name in self.__dict__ and resource.type not in types)
        grown.__dict__.update({name: self.__dict__[name] for name in kept})
        return grown

    def documents(self, definition: Resource) -> tuple[Mapping[str, object], ...]:
        """The containers of a task definition as they are written."""
        return self._documents.of(definition)

    def containers(self, definition: Resource) -> tuple[Container, ...]:
        """The containers of a task definition."""
        return self._containers.of(definition)

    def by_container(self, definition: Resource, read: Callable[[Mapping[str, object]], T]) -> Mapping[str, T]:
        """By the names of a task definition's containers what one of the readers of facts/ecs reads of each."""
        documents = self.documents(definition)
        try:
            return {str(container.get("name")): read(container) for container in documents}
        except NotDecidedError:
            # Where it stands is found out only then: policies by the dozen ask what can be read.
            for position, container in enumerate(documents):
                with within(f"containerDefinitions[{position}]", definition):
                    read(container)
            raise

    def balanced(self, service: Resource) -> tuple[Balanced, ...]:
        """What of a service load balancers send requests to."""
        return self._balanced.of(service)

    def named(self, resource: Resource) -> tuple[Named, ...]:
        """What a resource names by ARN, registry or account."""
        return self._named.of(resource)

    def statements(self, resource: Resource, prop: str) -> tuple[Statement, ...]:
        """The statements of a policy document in a property."""
        if prop not in self._statements:
            self._statements[prop] = _OfResource(lambda held: tuple(read_statements(held, prop)))
        return self._statements[prop].of(resource)

    def rights(self, role: Resource) -> tuple[Statement, ...] | None:
        """The statements of all policies of a role; None where one of them is somebody else's. Raises NotDecidedError."""
        if role.urn not in self._rights:
            self._rights[role.urn] = decided(lambda: rights_of(self.graph, role, self.statements))
        return settled(self._rights[role.urn])

    def openings_of(self, resource: Resource) -> tuple[Opening, ...]:
        """The security group rules that a resource of RULE_TYPES declares."""
        return read_whole(self.openings[resource.urn])

    def runs_of(self, resource: Resource) -> tuple[Run, ...]:
        """What a service, schedule or rule target runs."""
        return runs_of(self.graph, self.hosts, resource)

    def definitions_of(self, resource: Resource) -> tuple[Resource, ...]:
        """The task definitions that a service, task set, schedule or rule target runs."""
        if resource.type == tokens.TASK_SET:
            return task_definitions(self.graph, resource, "taskDefinition")
        return tuple(definition for run in self.runs_of(resource) for definition in run.definitions)

    texts = _read(Texts)
    """The texts of all properties."""

    openings = _read(read_openings)
    """The rules of all security groups, by the URN of what declares them."""

    @cached_property
    def passages(self) -> Passages:
        """What the security groups let through, by group."""
        return Passages(opening for rules in self.openings.values() for opening in rules)

    @cached_property
    def public_subnets(self) -> frozenset[str]:
        """URNs and ids of the subnets whose route table leads to an internet gateway. Raises NotDecidedError."""
        return frozenset(read_public_subnets(self.graph))

    overlapping_subnets = _read(read_overlaps)
    """By the URN of a subnet the one before it whose range it shares."""

    database_subnets = _read(database_subnets)
    """The subnets of database subnet groups: URNs in this stack, ids outside."""

    @cached_property
    def database_groups(self) -> Mapping[str, Sequence[Database]]:
        """The databases by each of their security groups, as URN or id."""
        return grouped((key, database) for database in self.databases for key in database.security_groups.keys)

    @cached_property
    def task_groups(self) -> frozenset[str]:
        """The security groups of everything that runs tasks: URNs in this stack, ids outside."""
        return frozenset(key for run in self.runs for key in run.security_groups.keys)

    databases = _read(read_databases)
    """The databases, with what each admits."""

    @cached_property
    def doors(self) -> Doors:
        """Whom the databases let in."""
        openings = (opening for rules in self.openings.values() for opening in rules)
        return doors_of(self.graph, self.databases, openings)

    pipelines = _read(read_pipelines)
    """The pipelines by their URNs."""

    event_rules = _read(read_event_rules)
    """The rules of EventBridge by their URNs."""

    hosts = _read(read_hosts)
    """The machines that ECS tasks run on."""

    names = _read(read_names)
    """What the stack calls its workloads and databases."""

    @cached_property
    def image_owners(self) -> Mapping[str, frozenset[str]]:
        """By the name of a workload without a repository, whose images it runs or will run."""
        return read_image_owners(self.graph, self.documents, self.rights)

    account = _read(read_account)
    """The AWS account that the stack's ARNs name, empty where none is known."""

    region = _read(read_region)
    """The region that the stack's ARNs name, empty where none is known."""

    @cached_property
    def far_uses(self) -> Mapping[str, tuple[str, str]]:
        """By the URN of a resource of another region than the stack's what it is joined with, and how."""
        return read_far_uses(self.graph, self.region)

    alarms = _read(read_alarms)
    """The alarms by their URNs."""

    watched_services = _read(read_watched)
    """By metric the services that an alarm reads it of."""

    launches = _read(read_launches)
    """What else than services and schedules starts tasks, by the URN of the task definition."""

    @cached_property
    def runs(self) -> tuple[Run, ...]:
        """Everything that runs tasks, with task definitions that nothing seems to run."""
        return read_runs(self.graph, self.hosts, self.launches)

    @cached_property
    def declared_runs(self) -> tuple[Run, ...]:
        """Everything that is known to run tasks."""
        return read_runs(self.graph, self.hosts, self.launches, undeclared=False)

    scalers = _read(read_scalers)
    """What scales services."""

    @cached_property
    def load_balancer_groups(self) -> frozenset[str]:
        """The security groups of load balancers: URNs in this stack, ids outside."""
        balancers = self.graph.of_type(tokens.LOAD_BALANCER)
        named = (references(self.graph, balancer, tokens.SECURITY_GROUP, "securityGroups") for balancer in balancers)
        return frozenset(key for groups in named for key in groups.keys)

    @cached_property
    def services(self) -> Mapping[str, Sequence[Resource]]:
        """The services that keep a task definition running, by its URN."""
        runs = (run for run in self.runs if run.resource.type == tokens.SERVICE)
        return grouped((definition.urn, run.resource) for run in runs for definition in run.definitions)

    role_users = _read(read_role_users)
    """By the URN of a role the services that take it on for resources of the stack."""

    @cached_property
    def holdings(self) -> Mapping[str, tuple[Holding, ...]]:
        """By service in ARNs what is of one workload."""
        return read_holdings(self)

    @cached_property
    def pushed_repositories(self) -> frozenset[str] | None:
        """Patterns of the repositories that users push to. Raises NotDecidedError."""
        return read_pushed(self)

    @cached_property
    def given(self) -> Mapping[str, tuple[Resource, ...]]:
        """The task definitions that have a container with a variable or secret, by its name; what cannot be read is left out."""
        found: dict[str, list[Resource]] = {}
        for definition in self.graph.of_type(tokens.TASK_DEFINITION):
            known = decided(lambda definition=definition: self.containers(definition))
            containers = () if isinstance(known, Undecided) else known
            for name in {name for item in containers for name in (*item.environment, *item.secrets)}:
                found.setdefault(name, []).append(definition)
        return {name: tuple(definitions) for name, definitions in found.items()}

    @cached_property
    def task_roles(self) -> Mapping[str, Sequence[Resource]]:
        """The task definitions that have a task role, by its key (iam.roles.role_key)."""
        definitions = self.graph.of_type(tokens.TASK_DEFINITION)
        return grouped((key, held) for held in definitions if (key := role_key(held, "taskRoleArn")))
