"""What a service or a batch job may set, in the catalogue and per stage, and what it is once both are merged."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from settings.base import EnvironmentName, FormerNames, Port, RepositoryName, ServiceName, SettingsModel, TagValue
from settings.origins import Origin, Places

Percent = Annotated[int, Field(ge=1, le=100)]


class Tasks(SettingsModel):
    """How many tasks of a service autoscaling may run; equal bounds switch autoscaling off."""

    min: int = Field(ge=0, le=5000, examples=[2])
    """Fewest tasks; also the number the service starts with."""
    max: int = Field(ge=1, le=5000, examples=[6])
    """Most tasks; the connection budget counts with it (ECS quota: 5,000 tasks a service)."""


class WorkloadFields(SettingsModel):
    """What services and batch jobs have in common; absent means "take the next source's value"."""

    cpu: int | None = Field(default=None, examples=[256])
    """Fargate CPU units of the whole task (1,024 = one vCPU); must pair with the memory."""
    memory: int | None = Field(default=None, examples=[512])
    """Memory of the whole task in MiB; AWS has fixed pairs of cpu and memory."""
    architecture: Literal["ARM64", "X86_64"] | None = Field(default=None, examples=["ARM64"])
    """The CPU architecture the image is built for."""
    database: bool | None = Field(default=None, examples=[True])
    """Whether the workload uses the stage's database: opens the security group and sets the DB_* variables."""
    db_conn_limit: int | None = Field(default=None, ge=1, le=100_000, examples=[5])
    """DB_CONN_LIMIT, the size of one connection pool in one process."""
    db_pool_idle_ms: int | None = Field(default=None, ge=1_000, le=31_536_000_000, examples=[30_000])
    """DB_POOL_IDLE_MS, after which the pool closes an idle connection; below the server's wait_timeout."""
    processes: int | None = Field(default=None, ge=1, le=1_000, examples=[1])
    """Processes in one task that each open a pool (PM2 or cluster workers)."""
    pools_per_process: int | None = Field(default=None, ge=1, le=100, examples=[1])
    """Pools of DB_CONN_LIMIT that each process opens."""
    connections_outside_pool: int | None = Field(default=None, ge=0, le=100_000, examples=[0])
    """Connections of one task that no pool bounds (migrations, leader election)."""
    environment: dict[EnvironmentName, str] | None = Field(default=None, examples=[{"LOG_LEVEL": "info"}])
    """Plain environment variables of the container; never a secret. They win over those of the service's env file."""
    secrets: tuple[EnvironmentName, ...] | None = Field(default=None, examples=[["MSI_API_KEY"]])
    """Variables filled from SSM SecureString parameters /<stage>/<name>/<VARIABLE>."""
    requires: tuple[EnvironmentName, ...] | None = Field(default=None, examples=[["MSI_API_URL"]])
    """Variables that must be set, plainly or as secrets, in every stage."""
    command: tuple[str, ...] | None = Field(default=None, examples=[["node", "dist/main.js"]])
    """Replaces the image's command."""
    user: str | None = Field(default=None, pattern=r"^[0-9]+(:[0-9]+)?$", examples=["1000:1000"])
    """Numeric user (and group) the container runs as."""
    read_only_root: bool | None = Field(default=None, examples=[True])
    """Whether the container's root file system is read-only."""
    stop_timeout_seconds: int | None = Field(default=None, ge=2, le=120, examples=[60])
    """Seconds between SIGTERM and SIGKILL (Fargate allows 2 to 120)."""
    owner: TagValue | None = Field(default=None, examples=["search-team"])
    """Value of the Owner tag, where it is not the platform's owner: letters, digits, spaces and _.:/=+-@."""
    formerly: FormerNames | None = Field(default=None, examples=["catalogue-api"])
    """The name it had before it was renamed; of several the newest first. AWS keeps all of it under the first name it had."""


class ServiceFields(WorkloadFields):
    """What a service may set in the catalogue, in a stage's defaults and in a stage's overrides."""

    path: str | None = Field(
        default=None, pattern="^/[A-Za-z0-9_.$/~\"'@:+&*?-]*$", max_length=128, examples=["/datalab*"]
    )
    """Path pattern that the load balancer routes here; without one the service is reached from inside only."""
    priority: int | None = Field(default=None, ge=1, le=50_000, examples=[100])
    """Priority of the listener rule: unique, the lowest number is matched first (AWS: 1 to 50,000)."""
    port: Port | None = None
    """Port the container listens on, behind the load balancer and in Service Connect."""
    tasks: Tasks | None = None
    """Bounds of autoscaling."""
    cpu_target_percent: Percent | None = Field(default=None, examples=[60])
    """Average CPU utilisation that autoscaling holds."""
    requests_per_target: int | None = Field(default=None, ge=1, le=10_000_000, examples=[1000])
    """Requests per minute and task that autoscaling holds; for services behind the load balancer."""
    health_path: str | None = Field(default=None, pattern=r"^/[^\s?#]*$", max_length=1024, examples=["/health"])
    """Path that answers 200–399 when the container is healthy."""
    health_grace_seconds: int | None = Field(default=None, ge=0, le=7200, examples=[60])
    """Seconds after the start during which failed health checks do not count."""
    deregistration_delay_seconds: int | None = Field(default=None, ge=0, le=3600, examples=[30])
    """Seconds the load balancer lets open requests finish on a task that leaves."""
    request_timeout_seconds: int | None = Field(default=None, ge=1, le=3600, examples=[60])
    """Service Connect's limit for one request (AWS cuts at 15 s where nothing is set)."""
    overlapping_deployments: bool | None = Field(default=None, examples=[False])
    """Whether a deployment may start while the one before still drains: the budget then counts 3 × the tasks."""
    singleton: bool | None = Field(default=None, examples=[True])
    """Whether a second task may never start, as of a scheduler: it runs one, and none while a deployment replaces it."""
    telemetry: bool | None = Field(default=None, examples=[False])
    """Whether the collector stands beside this service, where platform.telemetry is enabled."""
    docs: str | None = Field(
        default=None,
        pattern=r"^/api-docs/[a-z0-9]+(-[a-z0-9]+)*$",
        max_length=128,
        examples=["/api-docs/datalab"],
    )
    """Where the service serves its API documentation (Swagger); stages with api-docs show it under the same path."""
    docs_login_via: ServiceName | None = Field(default=None, examples=["legacy-api"])
    """The service through which alone the documentation's visitors log in: <docs>/login leads there."""
    docs_login_path: str | None = Field(
        default=None, pattern=r"^/[A-Za-z0-9._~/-]*$", max_length=128, examples=["/legacy/login"]
    )
    """Where that service takes logins."""
    deploy: bool | None = Field(default=None, examples=[True])
    """Whether the service has a pipeline in the stages whose pipeline is enabled."""
    repository: RepositoryName | None = None
    """Source repository of the application; several services may share one."""
    bake_env: bool | None = Field(default=None, examples=[False])
    """Whether .env.$ENVIRONMENT is built into the image; such an image belongs to its stage and is never promoted."""
    promote: bool | None = Field(default=None, examples=[True])
    """Whether a stage with pipeline.promoteFrom deploys the image that other stage verified, instead of building."""


class JobFields(WorkloadFields):
    """What a batch job may set in the catalogue, in a stage's defaults and in a stage's overrides."""

    image: ServiceName | None = Field(default=None, examples=["tracking-api"])
    """The service whose image the job runs."""
    schedule: str | None = Field(default=None, examples=["cron(0 2 * * ? *)"])
    """EventBridge Scheduler expression: cron(…), rate(…) or at(…)."""
    timezone: str | None = Field(default=None, examples=["Asia/Seoul"])
    """IANA time zone the expression is read in."""
    task_count: int | None = Field(default=None, ge=1, le=10, examples=[1])
    """Tasks that one run starts (EventBridge Scheduler allows 1 to 10)."""
    longest_run_minutes: int | None = Field(default=None, ge=1, le=44_640, examples=[40])
    """The longest a run takes; without it nothing bounds how many runs overlap, so a job with database: true needs it."""
    enabled: bool | None = Field(default=None, examples=[True])
    """Whether the schedule runs in this stage."""


class Workload(SettingsModel):
    """A service or batch job of one stage with every source merged: nothing is absent that AWS needs."""

    name: ServiceName
    cpu: int = 256
    memory: int = 512
    architecture: Literal["ARM64", "X86_64"] = "ARM64"
    database: bool = False
    db_conn_limit: int | None = None
    db_pool_idle_ms: int = 30_000
    processes: int = 1
    pools_per_process: int = 1
    connections_outside_pool: int = 0
    environment: dict[str, str] = Field(default_factory=dict)
    places: Places = Places(
        settings={}, variables={}, declared=Origin(file="", key=""), override=Origin(file="", key="")
    )
    """Where it is written; a setting without a place is built in."""
    secrets: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    user: str = "1000:1000"
    read_only_root: bool = True
    stop_timeout_seconds: int = 60
    owner: str
    formerly: FormerNames | None = None

    @property
    def former_names(self) -> tuple[str, ...]:
        """The names it had, the newest first."""
        return self.formerly or ()

    @property
    def aws_name(self) -> str:
        """The name that AWS has it under, without the stage: its first one, since AWS cannot rename what holds data."""
        return (self.name, *self.former_names)[-1]

    def secret_parameters(self, stage: str) -> dict[str, str]:
        """Variable to the name of its SSM SecureString, `/<stage>/<its name in AWS>/<VARIABLE>`; a database has a password."""
        names = {*self.secrets, *(["DB_PASSWORD"] if self.database else [])}
        return {name: f"/{stage}/{self.aws_name}/{name}" for name in sorted(names)}


class Service(Workload):
    """A container service of one stage."""

    path: str | None = None
    priority: int | None = None
    port: int = 3000
    tasks: Tasks = Tasks(min=1, max=1)
    cpu_target_percent: int = 60
    requests_per_target: int | None = None
    health_path: str = "/health"
    health_grace_seconds: int = 60
    deregistration_delay_seconds: int = 60
    request_timeout_seconds: int = 60
    overlapping_deployments: bool = False
    singleton: bool = False
    telemetry: bool = True
    docs: str | None = None
    docs_login_via: str | None = None
    docs_login_path: str = "/login"
    deploy: bool = True
    repository: RepositoryName | None = None
    bake_env: bool = False
    promote: bool = False

    @property
    def source_repository(self) -> str:
        """The repository its source is in: the declared one, or one of the name that the service began with."""
        return self.repository or self.aws_name


class Job(Workload):
    """A batch job of one stage: a task definition that EventBridge Scheduler runs, without a service."""

    image: ServiceName
    schedule: str = Field(examples=["cron(0 2 * * ? *)"])
    timezone: str = "Asia/Seoul"
    task_count: int = 1
    longest_run_minutes: int | None = None
    enabled: bool = True
    service_secrets: tuple[str, ...] = ()
    """Secrets of the service whose image the job runs: the job reads the service's parameters."""
    image_aws_name: str = ""
    """The name that AWS has that service under, without the stage."""

    def secret_parameters(self, stage: str) -> dict[str, str]:
        """Its own, and those of its service that are none of its own. The database account is always its own."""
        shared = {name: f"/{stage}/{self.image_aws_name}/{name}" for name in self.service_secrets}
        return dict(sorted({**shared, **super().secret_parameters(stage)}.items()))
