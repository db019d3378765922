"""What the pipelines are made from: where the source is, and which branch a stage takes with what consent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from settings.base import Misfit, SettingsModel
from settings.problems import put

_PARTS = {
    "connectionArn": "arn:aws:codeconnections:ap-northeast-2:123456789012:connection/0a1b2c3d-0000-1111-2222-333344445555",
    "group": "itemscout",
}


class Delivery(SettingsModel):
    """Where the applications' source reaches AWS, the same in every stage."""

    source: Literal["codecommit", "connection"] = Field(default="codecommit", examples=["codecommit"])
    """codecommit: GitLab mirrors into a CodeCommit repository <stage>-<repository>; connection: AWS reads GitLab itself."""
    connection_arn: str | None = Field(
        default=None,
        pattern=r"^arn:aws[a-z-]*:(codeconnections|codestar-connections):[a-z0-9-]+:[0-9]{12}:connection/[0-9a-f-]{36}$",
        examples=[_PARTS["connectionArn"]],
    )
    """The connection to GitLab, for source: connection; someone completes it in the console first."""
    group: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*$", examples=["itemscout"])
    """GitLab group of the repositories, for source: connection."""

    def misfits(self) -> Iterator[Misfit]:
        """A connection without its parts, and parts without a connection."""
        parts = {"connectionArn": self.connection_arn, "group": self.group}
        absent = [key for key, value in parts.items() if value is None]
        if self.source == "connection" and absent:
            why = f"connection needs connectionArn (the connection) and group (the GitLab group); missing: {', '.join(absent)}"
            yield Misfit(key="source", found=self.source, why=why, example=put(source="connection", **_PARTS))
        if self.source == "codecommit":
            for key, value in parts.items():
                if value is not None:
                    why = "connectionArn and group are for source: connection; remove them or change the source"
                    yield Misfit(key=key, found=value, why=why, example=f"remove {key}")


class Pipeline(SettingsModel):
    """The stage's pipelines, one a service; without this key the stage has none."""

    enabled: bool = Field(default=False, examples=[True])
    """Whether the stage has pipelines."""
    branch: str | None = Field(
        default=None, pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]*$", max_length=256, examples=["develop"]
    )
    """The branch whose pushes the stage deploys."""
    approval: bool = Field(default=False, examples=[True])
    """Whether a person approves each deployment, in a stage of its own between build and deployment."""
    change_url: str | None = Field(
        default=None,
        pattern=r"^https://[^\s{}]+(\{(repository|commit)\}[^\s{}]*)*$",
        max_length=200,
        examples=["https://gitlab.com/itemscout/{repository}/-/commit/{commit}"],
    )
    """What the approval links to; {repository} and {commit} are filled in."""
    promote_from: str | None = Field(default=None, pattern=r"^[a-z][a-z0-9]{0,15}$", examples=["dev"])
    """Stage of the same account and region whose verified images are deployed for services with promote: true."""

    def misfits(self) -> Iterator[Misfit]:
        """A pipeline without its branch, and a link that nothing shows."""
        if self.enabled and self.branch is None:
            why = "an enabled pipeline needs its branch, for example branch: develop"
            yield Misfit(key="branch", found=None, why=why, example=put(branch="develop"))
        if self.change_url is not None and not self.approval:
            why = "changeUrl is what the approval links to: set approval: true, or remove changeUrl"
            yield Misfit(key="changeUrl", found=self.change_url, why=why, example="remove changeUrl")
