"""Policies about IAM roles and credentials: who takes them on, for how long, and that tasks do not share them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.facts.iam.roles import SERVICES, USERS, role_key
from policies.facts.iam.statements import Statement
from policies.resources.graph import Resource
from policies.resources.reading import optional, read_text, refuse, required
from policies.resources.tokens import ACCESS_KEY, ROLE, TASK_DEFINITION
from policies.rules.policy import EVERYWHERE, IAM_GUIDE, setting
from policies.rules.property_checks import between
from policies.rules.rule import Problem, Stack, policy

_DEPUTIES = frozenset(
    {
        "backup.amazonaws.com", "codebuild.amazonaws.com", "codepipeline.amazonaws.com", "ecs-tasks.amazonaws.com",
        "events.amazonaws.com", "monitoring.rds.amazonaws.com", "scheduler.amazonaws.com", "vpc-flow-logs.amazonaws.com",
    }
)  # fmt: skip
"""Services that send aws:SourceAccount when they take a role on (their user guides' pages on the confused deputy)."""
_SOURCES = ("aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths")
_WHOSE = ("aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths")
"""What limits a principal "*" to accounts or an organization (IAM User Guide, AWS global condition context keys)."""
_PROVIDERS = {
    "accounts.google.com": ("aud", "oaud", "sub"), "cognito-identity.amazonaws.com": ("aud", "sub"),
    "graph.facebook.com": ("app_id", "id"), "www.amazon.com": ("app_id", "user_id"),
}  # fmt: skip
"""Providers that IAM knows without an ARN, to the keys that say whose their tokens are (Available keys for AWS web identity federation)."""


@policy(
    what="A role can be taken on by the services and accounts it is for, and by nobody else.",
    why="A trust policy for everybody hands the role's rights to every AWS account there is.",
    severity="critical",
    how_to_fix="Name the service or the account in Principal, with an sts:ExternalId for foreign accounts; for an OpenID provider add "
    "a condition on its subject, such as repo:acme/shop:*.",
    url=IAM_GUIDE + "reference_policies_elements_principal.html",
    levels=EVERYWHERE,
    references="CKV_AWS_60 CKV_AWS_61 CKV_AWS_358",
    settings=(
        setting("accounts", (), "Further accounts, by their 12 digits, that take roles on without an sts:ExternalId."),
    ),
    types=(ROLE,),
    also=USERS,
)
def iam_trust_limited(stack: Stack, role: Resource) -> Iterator[Problem]:
    required(read_text(role, "assumeRolePolicy"))
    for statement in stack.facts.statements(role, "assumeRolePolicy"):
        if not statement.allows:
            continue
        limited = statement.condition_on(*_WHOSE) and not statement.not_principals
        if statement.anyone and not limited:
            yield Problem(f"{statement.where} is for everybody", "a service or an account")
        elif statement.patterned and not limited:
            yield Problem(f"{statement.where} has a principal with a wildcard", "a service or an account")
        elif not any(statement.principals.values()):
            refuse(f"{statement.where}.Principal", "is absent")
        if any(re.search(r"[*?]", action) for action in statement.actions) or statement.not_actions:
            yield Problem(f"{statement.where} allows every way to take the role on", "sts:AssumeRole")
        yield from _federated(statement)
        yield from _strangers(stack, statement)
        unused = _unused(stack, role, statement)
        if unused:
            yield Problem(
                f"{statement.where} is for {', '.join(unused)}, too, which no resource of the stack gives it to",
                "the services that use it",
            )


def _strangers(stack: Stack, statement: Statement) -> Iterator[Problem]:
    """Another account's people or roles, whom nothing keeps from being somebody's confused deputy."""
    own = stack.facts.account
    accounts = {
        account
        for name in statement.principals.get("AWS", ())
        for account in re.findall(r"(?<![0-9])[0-9]{12}(?![0-9])", name)
    } - {own, *stack.texts("accounts")}
    if own and accounts and not statement.condition_on("sts:externalid", "aws:principalorgid", "aws:principalorgpaths"):
        yield Problem(
            f"{statement.where} is for the account {', '.join(sorted(accounts))}", f"{own}, or an sts:ExternalId"
        )


def _unused(stack: Stack, role: Resource, statement: Statement) -> list[str]:
    """The services that may take a role on beside those that do for resources of the stack."""
    users = stack.facts.role_users.get(role.urn)
    named = (name for name in statement.principals.get("Service", ()) if users)
    return sorted(
        name
        for name in named
        if (service := name.partition(".amazonaws.com")[0]) in SERVICES and service not in (users or ())
    )


def _federated(statement: Statement) -> Iterator[Problem]:
    """An OpenID provider signs tokens of all its users: the condition on the subject says whose."""
    for provider in statement.principals.get("Federated", ()):
        host = provider if provider in _PROVIDERS else provider.partition(":oidc-provider/")[2]
        keys = _PROVIDERS.get(host, ("sub",))
        if host and not statement.condition_on(*(f"{host.lower()}:{key}" for key in keys)):
            yield Problem(
                f"{statement.where} is for every token of {host[:80]}",
                f"a condition on {host[:80]}:{keys[0]} that names whose",
            )


@policy(
    what="A service may take a role on only for this account's resources.",
    why="Without the condition somebody else's resource can make the service act with this role.",
    severity="medium",
    how_to_fix="Add conditions on aws:SourceAccount and aws:SourceArn to the trust policy.",
    url=IAM_GUIDE + "confused-deputy.html",
    types=(ROLE,),
)
def iam_confused_deputy(stack: Stack, role: Resource) -> Iterator[Problem]:
    for statement in stack.facts.statements(role, "assumeRolePolicy"):
        services = _DEPUTIES.intersection(statement.principals.get("Service", ()))
        if statement.allows and services and not statement.condition_on(*_SOURCES):
            yield Problem(
                f"{', '.join(sorted(services))} may take it on for every account", "aws:SourceAccount or aws:SourceArn"
            )


@policy(
    what="ECS and the application have different roles, and no two task definitions share the application's.",
    why="An application with the role of ECS reads every secret of its task's start; with a shared role, its neighbour's data.",
    severity="high",
    how_to_fix="Give each task definition an executionRoleArn and a taskRoleArn of its own.",
    url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security-ecs-iam-role-overview.html",
    references="CKV_AWS_249",
    types=(TASK_DEFINITION,),
)
def task_roles_apart(stack: Stack, definition: Resource) -> Iterator[Problem]:
    for prop in ("taskRoleArn", "executionRoleArn"):
        if not role_key(definition, prop):
            optional(read_text(definition, prop), "")  # an unknown that was made from nothing, or no string
    task = role_key(definition, "taskRoleArn")
    if task and task == role_key(definition, "executionRoleArn"):
        yield Problem("executionRoleArn and taskRoleArn are one role", "two roles")
    sharing = stack.facts.task_roles.get(task, ())
    # Several revisions of one family are one application.
    others = {str(other.props.get("family")) for other in sharing} - {str(definition.props.get("family"))}
    if others:
        yield Problem(f"its task role is also that of {', '.join(sorted(others))}", "a role of its own")


_FOR_PEOPLE = {
    ACCESS_KEY: "an access key",
    "aws:iam/userLoginProfile:UserLoginProfile": "a password for the console",
    "aws:iam/signingCertificate:SigningCertificate": "a signing certificate",
}


@policy(
    what="The program makes no access keys, passwords or other credentials that do not expire.",
    why="They do not expire, and the secret stands in the state.",
    severity="high",
    how_to_fix="Use roles: for tasks, builds, or by OIDC from a pipeline outside AWS; people sign in by IAM Identity Center.",
    url=IAM_GUIDE + "best-practices.html",
    references="IAM.3",
    types=_FOR_PEOPLE,
)
def no_access_keys(_: Stack, resource: Resource) -> Iterator[Problem]:
    yield Problem(f"it is {_FOR_PEOPLE[resource.type]}", "a role")


role_sessions_short = policy(
    name="role-sessions-short",
    what="What somebody takes a role on for ends within hours.",
    why="Credentials that are stolen work until their session ends, whatever is changed meanwhile.",
    severity="medium",
    how_to_fix="Remove maxSessionDuration: an hour is AWS's default, and services renew their own.",
    url="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-settings.html",
    settings=(setting("maximumSeconds", 14_400, "Seconds that a session of a role lasts at most.", maximum=43_200),),
    types=(ROLE,),
)(between("maxSessionDuration", most="maximumSeconds", unit="seconds", default=3600))
