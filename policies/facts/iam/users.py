"""What IAM users may do: by policies of their own and by those of their groups, with the variables of both filled in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar

from policies.facts.iam.statements import Statement
from policies.resources import tokens
from policies.resources.graph import Graph, Resource
from policies.resources.outcomes import NotDecidedError, Reading, Undecided
from policies.resources.reading import optional, read_map, read_text
from policies.resources.references import belonging, references

_MEMBERSHIPS = {tokens.GROUP_MEMBERSHIP: ("users", "group"), tokens.USER_GROUPS: ("user", "groups")}
"""Type to its properties that name users and groups."""
_ELSEWHERE = (tokens.IAM_ATTACHMENT, tokens.USER_ATTACHMENTS, tokens.GROUP_ATTACHMENTS)
"""What may give users rights that are not read here."""
RIGHTS_OF_USERS = (
    tokens.USER, tokens.USER_POLICY, tokens.USER_ATTACHMENT, tokens.IAM_GROUP, tokens.GROUP_POLICY, tokens.GROUP_ATTACHMENT,
    *_MEMBERSHIPS, *_ELSEWHERE,
)  # fmt: skip
"""Every type that is read here."""
_VARIABLE = re.compile(r"\$\{\s*([^},]+?)\s*(?:,\s*'([^']*)'\s*)?\}")
"""A variable of a policy, and its default (IAM User Guide, "IAM policy elements: Variables and tags")."""
_TAG = "aws:principaltag/"

_T = TypeVar("_T")
ReadStatements = Callable[[Resource, str], tuple[Statement, ...]]


def user_rights(graph: Graph, user: Resource, read_statements: ReadStatements) -> tuple[Statement, ...] | None:
    """What a user may do; None where managed policies, or groups outside of the stack, may give it more.

    Raises NotDecidedError where a policy or what fills its variables cannot be read.
    """
    groups = _groups(graph, user)
    if groups is None or graph.of_type(*_ELSEWHERE) or belonging(graph, user, tokens.USER_ATTACHMENT, "user"):
        return None
    if any(belonging(graph, group, tokens.GROUP_ATTACHMENT, "group") for group in groups):
        return None
    own = belonging(graph, user, tokens.USER_POLICY, "user")
    return (*_filled(own, user, read_statements), *group_rights(graph, user, read_statements))


def group_rights(graph: Graph, user: Resource, read_statements: ReadStatements) -> tuple[Statement, ...]:
    """What a user may do by the policies that its groups have in the stack. Raises NotDecidedError as `user_rights` does."""
    documents = [
        document
        for group in _groups(graph, user) or ()
        for document in belonging(graph, group, tokens.GROUP_POLICY, "group")
    ]
    return tuple(_filled(documents, user, read_statements))


def _groups(graph: Graph, user: Resource) -> tuple[Resource, ...] | None:
    """The groups a user is in; None where one is not of the stack, or it is not known who is in one."""
    found: dict[str, Resource] = {}
    for kind, (users, groups) in _MEMBERSHIPS.items():
        if any(references(graph, item, tokens.USER, users).undecided for item in graph.of_type(kind)):
            return None
        for membership in belonging(graph, user, kind, users):
            named = references(graph, membership, tokens.IAM_GROUP, groups)
            known = graph.held(named.keys)
            if named.undecided or len(known) < len(named.keys):
                return None
            found |= {group.urn: group for group in known}
    return tuple(found.values())


def _filled(documents: list[Resource], user: Resource, read_statements: ReadStatements) -> Iterator[Statement]:
    """The statements of policies as AWS reads them for one user: one whose variables have no value says nothing."""
    for document in documents:
        for statement in read_statements(document, "policy"):
            filled = [_text(item, user) for item in statement.resources]
            resources = tuple(item for item in filled if item is not None)
            if resources or not filled:
                yield replace(statement, where=f"{statement.where} of {document.name}", resources=resources)


def _text(item: str, user: Resource) -> str | None:
    """An ARN with its variables filled in; None where one has no value."""
    parts: list[str] = []
    end = 0
    for match in _VARIABLE.finditer(item):
        value = _value(match[1], user)
        if value is None and match[2] is None:
            return None
        parts += [item[end : match.start()], match[2] if value is None else value]
        end = match.end()
    return "".join([*parts, item[end:]])


def _value(variable: str, user: Resource) -> str | None:
    key = variable.lower()
    if key == "aws:username":
        return _read(user, read_text(user, "name"), "") or None
    if key.startswith(_TAG):
        return _tag(user, key.removeprefix(_TAG))
    # A sign that would be a wildcard stands for itself; what only a request brings may be anything.
    return "?" if variable in ("*", "?", "$") else "*"


def _tag(user: Resource, key: str) -> str | None:
    """The value of a tag, its own or by the provider's default; IAM reads keys in small and capital letters alike."""
    for prop in ("tags", "tagsAll"):
        for name in _read(user, read_map(user, prop), {}):
            if name.lower() == key:
                return _read(user, read_text(user, prop, name), "")
    return None


def _read(user: Resource, reading: Reading[_T], default: _T) -> _T:
    if isinstance(reading, Undecided):
        raise NotDecidedError(replace(reading, owner=user))
    return optional(reading, default)
