"""SourceRepository: a CodeCommit repository that GitLab mirrors into, with the one user that may do so by the mirrors' group."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pulumi import ComponentResource, Output, ResourceOptions
from pulumi_aws import codecommit, iam

from ..calc.iam.delivery import mirrors_policy
from ..calc.names import check_name
from ..scope import COMPONENT_PACKAGE, StageScope


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRepositoryArgs:
    """One mirror of the stage."""

    scope: StageScope
    repository: str
    """Name of the repository in GitLab; the mirror's is `<stage>-<repository>`."""


class SourceRepository(ComponentResource):
    """CodeCommit repository and an IAM user with HTTPS Git credentials, whose tag Service says which repository is its own."""

    name: str
    url: str
    """What GitLab's push mirror is given, without the credentials."""
    git_user_name: Output[str]
    git_password: Output[str]
    """Secret; AWS shows it once, and the state keeps it encrypted."""
    mirror: iam.User

    def __init__(self, name: str, args: SourceRepositoryArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(f"{COMPONENT_PACKAGE}:SourceRepository", name, None, opts)
        scope = args.scope
        child = ResourceOptions(parent=self)
        tags = scope.tags(args.repository)
        self.name = check_name("codecommit-repository", f"{scope.stage}-{args.repository}")
        self.url = scope.location.codecommit_url(self.name)
        codecommit.Repository(
            name,
            repository_name=self.name,
            description=f"Mirror of {args.repository}, pushed by GitLab: a commit made here is lost at its next push",
            tags=tags,
            opts=child,
        )
        self.mirror = iam.User(
            f"{name}-mirror", name=check_name("iam-user", f"{self.name}-mirror"), tags=tags, opts=child
        )
        credential = iam.ServiceSpecificCredential(
            f"{name}-mirror", user_name=self.mirror.name, service_name="codecommit.amazonaws.com", opts=child
        )
        self.git_user_name = credential.service_user_name
        self.git_password = Output.secret(credential.service_password)
        self.register_outputs({"name": self.name, "url": self.url, "gitUserName": self.git_user_name})


def mirrors_group(scope: StageScope, repositories: Iterable[SourceRepository]) -> None:
    """Register the group of the mirrors' users; its one policy lets each push to the repository that its tag Service names."""
    group = iam.Group("mirrors", name=check_name("iam-group", scope.name("mirrors")))
    iam.GroupPolicy("mirrors", name="mirror", group=group.name, policy=mirrors_policy(scope.location, scope.stage))
    iam.GroupMembership(
        "mirrors",
        name=scope.name("mirrors"),
        group=group.name,
        users=[repository.mirror.name for repository in repositories],
    )
