"""Policies about credentials of single services: switched on, of use to their user, and one for each mirror that pushes."""

from __future__ import annotations

from collections.abc import Iterator

from policies.facts.iam.patterns import like
from policies.facts.iam.users import RIGHTS_OF_USERS, user_rights
from policies.resources import tokens
from policies.resources.graph import Resource
from policies.resources.outcomes import Present
from policies.resources.reading import read_text, required
from policies.resources.references import references
from policies.rules.property_checks import one_of
from policies.rules.rule import Problem, Stack, policy

_URL = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_service-specific-creds.html"

credential_active = policy(
    name="credential-active",
    what="A credential that the program makes is switched on.",
    why="Whoever pushes or pulls with it is refused, and the pipeline waits for a change that never comes.",
    severity="medium",
    how_to_fix="Set status to Active, or remove the credential.",
    url=_URL,
    types=(tokens.SERVICE_CREDENTIAL,),
)(one_of("status", allowed=frozenset({"Active"}), default="Active"))


@policy(
    what="A credential is for a service that its user may use.",
    why="AWS makes it and refuses every request with it: pushes fail, and no pipeline starts.",
    severity="high",
    how_to_fix="Set serviceName to the service of the user's policy, and give the user, or its group, a policy that allows its actions.",
    url=_URL,
    types=(tokens.SERVICE_CREDENTIAL,),
    also=RIGHTS_OF_USERS,
)
def credential_of_use(stack: Stack, credential: Resource) -> Iterator[Problem]:
    service = required(read_text(credential, "serviceName")).partition(".amazonaws.com")[0]
    for user in stack.graph.held(references(stack.graph, credential, tokens.USER, "userName").keys):
        rights = user_rights(stack.graph, user, stack.facts.statements)
        if rights is None:
            continue
        allowed = sorted(
            {action.partition(":")[0].lower() for item in rights if item.allows for action in item.actions}
        )
        if not allowed:
            yield Problem(f"its user {user.name} has no policy that allows anything", f"actions of {service[:40]}")
        elif not {service.lower(), "*"} & set(allowed):
            yield Problem(
                f"serviceName is {service[:40]}, and its user may use {', '.join(allowed)[:80]}",
                f"{allowed[0]}.amazonaws.com",
            )


@policy(
    what="Each repository that is filled by credentials of CodeCommit has a user that may push to it.",
    why="The mirror's pushes are refused: merged changes never reach the pipeline, and it shows no failure.",
    severity="high",
    how_to_fix="Give the repository's user a credential, and a policy with codecommit:GitPush on the repository's ARN.",
    url="https://docs.aws.amazon.com/codecommit/latest/userguide/auth-and-access-control-permissions-reference.html",
    types=(tokens.CODE_REPOSITORY,),
    also=(tokens.SERVICE_CREDENTIAL, *RIGHTS_OF_USERS),
)
def repository_has_pusher(stack: Stack, repository: Resource) -> Iterator[Problem]:
    pushed, name = stack.facts.pushed_repositories, read_text(repository, "repositoryName")
    if pushed is None or not isinstance(name, Present) or name.value in pushed:
        return
    if not any("*" in pattern and like(name.value, pattern) for pattern in pushed):
        yield Problem("no user with a credential of CodeCommit may push to it", "codecommit:GitPush on its ARN")
