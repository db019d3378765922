"""Policies about what clients are given to reach their database: its name, port and schema, and an account of their own."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping

from policies.facts.database.databases import Database
from policies.facts.ecs.container_addresses import addresses_in, texts_of
from policies.facts.ecs.containers import Container
from policies.facts.ecs.stated.database_variables import PLACE_WORDS, SQL_WORDS, place_of, words_of
from policies.facts.likeness import nearest
from policies.resources import tokens
from policies.resources.graph import Graph, Resource
from policies.resources.once import per_graph
from policies.resources.outcomes import Present
from policies.resources.reading import read_list, read_text
from policies.resources.references import references
from policies.rules.policy import RDS_GUIDE
from policies.rules.rule import Problem, Stack, container_policy, policy

_PORT, _ACCOUNT = frozenset({"PORT"}), frozenset({"USER", "USERNAME"})
_SCHEMA = frozenset({"NAME", "DATABASE", "SCHEMA", "DB"})
_NEAR = 0.8
"""How alike two names are of which one is taken for the other misspelt."""


@policy(
    what="A workload is given the port and the schema that its database has, and an account of its own that is not the administrator's.",
    why="A wrong port or schema fails at the first query; another's account has another's rights, and its limit of connections.",
    severity="high",
    how_to_fix="Set the variables from the database's own port, dbName and the workload's account.",
    url=RDS_GUIDE + "UsingWithRDS.MasterAccounts.html",
    types=(tokens.TASK_DEFINITION,),
    also=(tokens.DB_INSTANCE, tokens.DB_CLUSTER, tokens.DNS_RECORD),
)
def database_variables_agree(stack: Stack, definition: Resource) -> Iterator[Problem]:
    if not stack.facts.databases:
        return
    for container in stack.facts.containers(definition):
        if not container.uses_database:
            continue
        for name in _left_out(stack, container):
            yield Problem(
                f"{name[:60]} is not set, which the stack's other clients are given",
                "it",
                f'container "{container.name}"',
            )
        database = _database(stack, container)
        for name, value in container.environment.items():
            wrong = _wrong(stack, definition, database, name, value) if database is not None and value else None
            if wrong is not None:
                found, required = wrong
                yield Problem(
                    f"{name[:60]} is {(value or '')[:60]}, {found}", required, f'container "{container.name}"'
                )


def _left_out(stack: Stack, container: Container) -> Iterator[str]:
    """A host, schema or account that other clients of the stack are given by the same beginning of a name, and a container is not."""
    names = (*container.environment, *container.secrets)
    named = [words for name in names if (words := words_of(name)) and words[0] in SQL_WORDS]
    if container.environment_files or {"URL", "URI", "DSN", "STRING"} & {words[-1] for words in named}:
        return
    # One that another beginning gives, as PGHOST does beside DB_POOL_SIZE, is not left out.
    own = {words[-1] for words in named}
    for first in sorted({words[0] for words in named}):
        for part in (PLACE_WORDS, _SCHEMA, _ACCOUNT):
            known = [f"{first}_{word}" for word in sorted(part) if stack.facts.given.get(f"{first}_{word}")]
            if known and not own & part:
                yield known[0]


def _database(stack: Stack, container: Container) -> Database | None:
    """The database of the stack that a container's variables name; None where they name none."""
    given = {value.lower() for value in container.environment.values() if value}
    named = [item for item in stack.facts.databases if any(host in text for host in item.hosts for text in given)]
    return named[0] if len(named) == 1 else None


def _wrong(stack: Stack, definition: Resource, database: Database, name: str, value: str) -> tuple[str, str] | None:
    """(found, required) of a variable's value that is not the database's."""
    words = words_of(name)
    last = words[-1] if words else ""
    if not SQL_WORDS & set(words[:-1] or words):
        return None
    held = stack.graph.get(database.urn)
    if last in _PORT and database.port and value.isdigit() and int(value) != database.port:
        return f"and {database.name} listens on {database.port}", f"{database.port}"
    if held is None:
        return None
    if last in _SCHEMA and len(words) > 1:
        schemas = (read_text(held, prop) for prop in ("dbName", "databaseName"))
        for schema in schemas:
            if isinstance(schema, Present) and schema.value != value and _alike(schema.value, value):
                return f"and {database.name} holds {schema.value[:60]}", schema.value[:60]
    if last in _ACCOUNT:
        admin = next(
            (
                item.value
                for prop in ("username", "masterUsername")
                if isinstance(item := read_text(held, prop), Present)
            ),
            "",
        )
        if value == admin:
            return f"the administrator of {database.name}", "an account of its own"
        own, others = stack.facts.names.of(definition), stack.facts.names.within(value)
        if own and not stack.facts.names.agree(own, others):
            return f"the account of {' and '.join(sorted(others))}", "an account of its own"
    return None


def _alike(one: str, other: str) -> bool:
    return difflib.SequenceMatcher(None, one.lower(), other.lower()).ratio() >= _NEAR


@container_policy(
    what="A host in a private zone of the stack that a container is given has a record there.",
    why="The zone answers that the name does not exist, and nobody else is asked.",
    severity="high",
    how_to_fix="Add the record, or write the name of one that is there.",
    url="https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-considerations.html",
    also=(tokens.DNS_ZONE, tokens.DNS_RECORD),
)
def private_name_has_record(stack: Stack, _: Resource, container: Mapping[str, object]) -> Iterator[Problem]:
    zones, literal = _zones(stack.graph), _literal(stack.graph)
    if not zones:
        return
    for text in texts_of(container):
        for address in addresses_in(text):
            if address.host in literal and place_of(text.where) == () and stack.facts.databases:
                yield Problem(
                    f"{text.where} names {address.host[:100]}, which leads to an address of its own",
                    "the database's endpoint",
                )
            for urn, domain in zones.items():
                known = _recorded(stack.graph, urn, domain) if address.host.endswith(f".{domain}") else None
                if known is not None and address.host not in known:
                    near = nearest(address.host, known) if known else ""
                    yield Problem(
                        f"{text.where} names {address.host[:100]}, and the zone {domain} has no such record",
                        f"such as {near}" if near else "a record",
                    )


@per_graph
def _zones(graph: Graph) -> Mapping[str, str]:
    """The names of the zones whose name is known, by URN."""
    named = ((zone.urn, read_text(zone, "name")) for zone in graph.of_type(tokens.DNS_ZONE))
    return {urn: name.value.rstrip(".").lower() for urn, name in named if isinstance(name, Present)}


@per_graph
def _literal(graph: Graph) -> frozenset[str]:
    """The names of records that hold written addresses, which no resource of the stack gives."""
    found: set[str] = set()
    for record in graph.of_type(tokens.DNS_RECORD):
        name, held = read_text(record, "name"), read_list(record, "records")
        if isinstance(held, Present) and held.value and all(re.fullmatch(r"[0-9.]+", str(item)) for item in held.value):
            found |= {name.value} if isinstance(name, Present) else set()
    return frozenset(found)


@per_graph
def _recorded(graph: Graph, zone: str, domain: str) -> frozenset[str] | None:
    """The names in a zone; None where one is not known or is for any host."""
    found: set[str] = set()
    for record in graph.of_type(tokens.DNS_RECORD):
        if zone not in references(graph, record, tokens.DNS_ZONE, "zoneId").keys:
            continue
        name, kind = read_text(record, "name"), read_text(record, "type")
        if isinstance(kind, Present) and kind.value not in ("A", "AAAA", "CNAME"):
            continue
        if not isinstance(name, Present) or name.value.startswith("*"):
            return None
        short = name.value.rstrip(".").lower()
        found |= {short if short.endswith(domain) else f"{short}.{domain}"}
    return frozenset(found)
