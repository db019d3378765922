"""What belongs to one workload each, as policies of IAM name it: secrets, images, logs, builds; and which repositories take pushes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from policies.facts.ecs.parts.secrets import secrets_of
from policies.facts.iam.users import user_rights
from policies.resources import tokens
from policies.resources.outcomes import Present, Undecided, decided
from policies.resources.reading import read_text
from policies.resources.references import references

if TYPE_CHECKING:
    from policies.facts.stack import StackFacts

_NAMED = {
    tokens.REPOSITORY: ("ecr", "repository/{}", "name"),
    tokens.LOG_GROUP: ("logs", "log-group:{}", "name"),
    tokens.CODE_REPOSITORY: ("codecommit", "{}", "repositoryName"),
    tokens.BUILD_PROJECT: ("codebuild", "project/{}", "name"),
    tokens.PIPELINE: ("codepipeline", "{}", "name"),
    tokens.ROLE: ("iam", "role/{}", "name"),
}
"""Type to its service in ARNs, what its ARN has behind the account, and the property with the name."""

Holding = tuple[str, frozenset[str]]


def read_holdings(facts: StackFacts) -> Mapping[str, tuple[Holding, ...]]:
    """By service in ARNs what is of one workload: what the ARN has behind the account, and the workload's names."""
    found: dict[str, dict[str, frozenset[str]]] = {}
    for service, form, names in _holdings(facts):
        if names:
            found.setdefault(service, {})[form] = names
    return {service: tuple(forms.items()) for service, forms in found.items()}


def _holdings(facts: StackFacts) -> Iterator[tuple[str, str, frozenset[str]]]:
    for kind, (service, form, prop) in _NAMED.items():
        for resource in facts.graph.of_type(kind):
            name = read_text(resource, prop)
            if isinstance(name, Present):
                yield service, form.format(name.value), facts.names.of(resource)
    for definition in facts.graph.of_type(tokens.TASK_DEFINITION):
        held = decided(lambda definition=definition: facts.by_container(definition, secrets_of))
        for secrets in () if isinstance(held, Undecided) else held.values():
            for secret in secrets:
                parts = secret.source.split(":", 5)
                if len(parts) == 6:
                    yield parts[2], parts[5], facts.names.of(definition) & facts.names.within(parts[5])


def read_pushed(facts: StackFacts) -> frozenset[str] | None:
    """Patterns of the repositories of CodeCommit that users with its credentials push to; None where that is not the way, or not known."""
    graph, found, mirrors = facts.graph, set[str](), 0
    for credential in graph.of_type(tokens.SERVICE_CREDENTIAL):
        if read_text(credential, "serviceName") != Present("codecommit.amazonaws.com"):
            return None  # credential-of-use says so, where it is meant for these
        mirrors += 1
        for key in references(graph, credential, tokens.USER, "userName").keys:
            user = graph.get(key)
            rights = None if user is None else user_rights(graph, user, facts.statements)
            if not rights:
                return None
            for statement in rights:
                if statement.allows and any(_pushes(action) for action in statement.actions):
                    found |= {item.rpartition(":")[2] for item in statement.resources}
    return frozenset(found) if mirrors else None


def _pushes(action: str) -> bool:
    return action.lower() in ("*", "codecommit:*", "codecommit:git*", "codecommit:gitpush")
