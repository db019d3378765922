"""The policy `connection-budget-at-registration`: adds up what is registered and denies the resource that breaks the budget.

A preview stays silent: there the stack policy shows the whole table. During an update ids are known, so resources are related by
their ids and names alone. What is registered only adds demand, and a database's supply does not change after its registration: a
partial sum over max_connections proves the whole budget broken.

What this guarantees by itself: the values that one deployment has requested never break the budget among themselves. A first
deployment is therefore safe in every order. An update is not, because the engine sends no old values: what is not registered yet
still runs with them, and a request may break the budget together with it. changing.py closes that where a baseline is given. A new
revision of a batch job counts from its own registration on, with the fewest tasks a schedule keeps alive: its schedule may exist.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

from policies.budget.declarations import LONGEST_RUN_TAG
from policies.budget.table import budget_table, headline
from policies.budget.verdict import Budget
from policies.facts.clients.budgets import DatabaseBudget, budget_of
from policies.facts.clients.workloads import Client, read_client
from policies.facts.ecs.definition_at_registration import with_task_definition
from policies.facts.ecs.task_runs import Run
from policies.facts.facts import Facts
from policies.facts.finding import Finding, Parts
from policies.resources import tokens
from policies.resources.graph import Graph, Resource
from policies.resources.outcomes import Absent, Present
from policies.resources.reading import name_of, read, read_text
from policies.resources.references import references
from policies.rules.budget.connection_budget import within
from policies.rules.policy import EVERYWHERE, PolicySpec

AT_REGISTRATION = PolicySpec(
    name="connection-budget-at-registration",
    what="No resource is created or changed that proves the connection budget broken.",
    why="Stack policies run after everything exists when a preview was skipped. Demand only grows while resources are "
    "registered, so the first resource that takes it over max_connections is proof enough to refuse it.",
    severity="critical",
    how_to_fix="Run a preview: connection-budget shows the whole table and the largest values that fit.",
    url="https://www.pulumi.com/docs/iac/crossguard/core-concepts/",
    levels=EVERYWHERE,
    kind="resource",
)


class Registrations:
    """What this process has seen registered. A refused resource counts as not registered."""

    def __init__(self) -> None:
        self._facts = Facts(Graph(()))
        self._clients: dict[str, Client] = {}
        self._lock = threading.Lock()

    def judge(self, resource: Resource) -> tuple[Finding, ...]:
        """Findings where this resource takes a budget over its limit, or is a client that cannot be counted."""
        if resource.type not in tokens.CLIENT_SIDE | tokens.DATABASE_SIDE:
            return ()
        with self._lock:
            completed = with_task_definition(self._facts.graph, resource)
            if completed is None:
                return ()
            facts = self._facts.with_resource(completed)
            clients = dict(self._clients)
            for run in _affected(facts, completed):
                client = read_client(facts, run)
                clients.pop(run.resource.urn, None)
                for definition in run.definitions:  # what was awaited has come
                    if definition.urn in clients and clients[definition.urn].run.awaited:
                        del clients[definition.urn]
                if client is not None:
                    clients[run.resource.urn] = client
            findings = tuple(dict.fromkeys(_findings(facts, clients, resource)))
            if not findings:
                self._facts, self._clients = facts, clients
            return findings


def _affected(facts: Facts, resource: Resource) -> Iterator[Run]:
    """The runs whose part in a budget the resource may have changed."""
    if resource.type == tokens.SECURITY_GROUP and isinstance(read(resource, "ingress", 0), Absent):
        return  # a group alone lets nobody in
    if resource.type == tokens.INGRESS_RULE and isinstance(read(resource, "referencedSecurityGroupId"), Present):
        source = references(facts.graph, resource, tokens.SECURITY_GROUP, "referencedSecurityGroupId")
        yield from (run for run in facts.declared_runs if run.security_groups.keys & source.keys)
    elif resource.type in tokens.DATABASE_SIDE:
        yield from facts.declared_runs
    elif resource.type in (tokens.SCALING_TARGET, tokens.SCHEDULED_ACTION):
        identifier = read_text(resource, "resourceId")
        name = Present(identifier.value.rpartition("/")[2]) if isinstance(identifier, Present) else None
        for service in facts.graph.of_type(tokens.SERVICE):
            if name is None or read_text(service, "name") == name:
                yield from facts.runs_of(service)
    elif resource.type == tokens.TASK_DEFINITION:
        runs = [
            run for run in facts.declared_runs if any(definition.urn == resource.urn for definition in run.definitions)
        ]
        yield from runs or _awaited(resource)
    else:
        yield from facts.runs_of(resource)


def _awaited(definition: Resource) -> Iterator[Run]:
    """The schedule of a batch job: it may have run before this deployment, and starts each new revision from its creation on."""
    if not isinstance(read(definition, "tags", LONGEST_RUN_TAG), Absent):
        yield Run(
            name=name_of(definition, "family"),
            resource=definition,
            definitions=(definition,),
            awaited=True,
        )


def _findings(facts: Facts, clients: dict[str, Client], resource: Resource) -> Iterator[Finding]:
    for client in clients.values():
        for finding in client.findings:
            if not finding.premature:
                yield replace(finding, urn=resource.urn)
    # Beside a proxy, one that no database lets in may go through it, as a rule that is still to come will say.
    proxied = bool(facts.graph.of_type(tokens.DB_PROXY))
    countable = [
        client
        for client in clients.values()
        if client.workload is not None and not (proxied and not facts.doors.let_in(client.run.security_groups))
    ]
    for database in facts.databases:
        yield from (replace(finding, urn=resource.urn) for finding in database.findings if not finding.premature)
        reaching = (client for client in countable if any(reached.urn == database.urn for reached in client.databases))
        entry = budget_of(database, reaching)
        if isinstance(entry, DatabaseBudget) and not entry.budget.fits:
            yield _broken(resource, entry.budget)


def _broken(resource: Resource, budget: Budget) -> Finding:
    table, so_far = budget_table(budget), "what is still to be registered comes on top"
    refused = f"{resource.name} breaks the connection budget of {budget.database} with what is registered so far"
    why = (
        "This sum is a part of the whole, so no number that would fit it is offered here: a preview adds up everything, "
        "and says which single changes fit."
    )
    return Finding(
        resource.urn,
        f"{refused}.\n{headline(budget)}, and {so_far}.\n\n{table}\n\n{why}",
        parts=Parts(
            found=f"{refused}: {headline(budget)}, and {so_far}",
            required=within(budget),
            table=tuple(table.splitlines()),
            fix=why,
        ),
    )
