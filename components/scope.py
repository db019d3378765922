"""What every component of one stage shares: the stage, the AWS location, the tag scheme and the images."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pulumi import Alias

from .calc.arns import Location
from .calc.names import resource_name
from .calc.reserved import check_stage
from .calc.tasks.otel import Collector

COMPONENT_PACKAGE = "category-analyzer:platform"


def renamed(former_names: Iterable[str], suffix: str = "") -> list[Alias]:
    """Aliases under which the state may still have a resource; the children of a component follow it by themselves."""
    return [Alias(name=f"{name}{suffix}") for name in former_names]


@dataclass(frozen=True, slots=True, kw_only=True)
class StageScope:
    """One stage in one AWS account and region."""

    stage: str
    """Stage and stack name: dev or prd."""
    environment: str
    """development or production: the ENVIRONMENT variable of containers and builds."""
    project: str
    """Value of the Project tag."""
    owner: str
    """Value of the Owner tag where nothing names another owner."""
    location: Location
    """Partition, region and account, from which ARNs are computed."""
    log_retention_days: int
    """Days that log groups keep their events; one of the values CloudWatch Logs has."""
    images: Mapping[str, str] = field(default_factory=dict)
    """Service to the image URI its pipeline verified last; absent before the first deployment."""
    placeholder_image: str = ""
    """Image by digest that stands in until the first deployment."""
    collector: Collector | None = None
    """The OpenTelemetry collector beside every service; None where telemetry is off."""

    def __post_init__(self) -> None:
        check_stage(self.stage)

    def name(self, thing: str) -> str:
        """The name of a thing in AWS: `<stage>-<thing>`."""
        return resource_name(self.stage, thing)

    def tags(self, service: str, *, owner: str | None = None, name: str | None = None) -> dict[str, str]:
        """The tags of a resource: Project, Stage, Service, Owner, ManagedBy; with Name where the console shows it."""
        tags = {
            "Project": self.project,
            "Stage": self.stage,
            "Service": service,
            "Owner": owner or self.owner,
            "ManagedBy": "Pulumi",
        }
        return tags if name is None else {**tags, "Name": name}
