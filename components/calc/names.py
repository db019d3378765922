"""Names of AWS resources: one scheme, checked against what each AWS service accepts."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from .canonical import canonical_json

FINGERPRINT_LENGTH: Final = 6

_STAGE: Final = re.compile(r"[a-z][a-z0-9]{0,15}")
_THING: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_FINGERPRINT: Final = re.compile(rf"[0-9a-f]{{{FINGERPRINT_LENGTH}}}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NameRule:
    """What AWS accepts as the name of one kind of resource; lengths in characters."""

    label: str
    max_length: int
    pattern: re.Pattern[str]
    allowed: str
    min_length: int = 1
    source: str
    """The AWS document the rule was read in."""


def _rule(label: str, longest: int, pattern: str, allowed: str, source: str, shortest: int = 1) -> NameRule:
    return NameRule(
        label=label,
        max_length=longest,
        pattern=re.compile(pattern),
        allowed=allowed,
        min_length=shortest,
        source=source,
    )


_ECS: Final = (255, r"[A-Za-z0-9_-]+", "letters, digits, '_' and '-'")
_ELB: Final = (
    32,
    r"(?!internal-)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?",
    "letters, digits and '-', neither first nor last a '-', not beginning with 'internal-'",
)
_SCHEDULER: Final = (64, r"[0-9A-Za-z_.-]+", "letters, digits, '_', '.' and '-'")
_IAM_CHARACTERS: Final = (r"[A-Za-z0-9_+=,.@-]+", "letters, digits and '_+=,.@-'")
_DB_CHARACTERS: Final = (
    r"[a-z](-?[a-z0-9])*",
    "lowercase letters, digits and '-', a letter first, no '-' last, no two '-' in a row",
)

NAME_RULES: Final[Mapping[str, NameRule]] = {
    "target-group": _rule("target group", *_ELB, "ELB API, CreateTargetGroup"),
    "load-balancer": _rule("load balancer", *_ELB, "ELB API, CreateLoadBalancer"),
    "ecs-cluster": _rule("ECS cluster", *_ECS, "ECS API, CreateCluster"),
    "ecs-service": _rule("ECS service", *_ECS, "ECS API, CreateService"),
    "task-family": _rule("task definition family", *_ECS, "ECS API, RegisterTaskDefinition"),
    "container": _rule("container", *_ECS, "ECS API, ContainerDefinition"),
    "port-name": _rule(
        "port mapping",
        64,
        r"[a-z0-9_][a-z0-9_-]*",
        "lowercase letters, digits, '_' and '-', not beginning with '-'",
        "ECS API, PortMapping",
    ),
    "client-alias": _rule(
        "Service Connect address",
        127,
        r"[a-z0-9_][a-z0-9_.-]*",
        "lowercase letters, digits, '_', '-' and '.', not beginning with '-' or '.'",
        "ECS API, ServiceConnectClientAlias",
    ),
    "ecr-repository": _rule(
        "ECR repository",
        256,
        r"[a-z][a-z0-9]*((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*",
        "lowercase letters, digits, '.', '_', '-' and '/', a letter first, a separator never at an end of a part",
        "ECR API, CreateRepository",
        shortest=2,
    ),
    "iam-role": _rule("IAM role", 64, *_IAM_CHARACTERS, "IAM API, CreateRole"),
    "iam-user": _rule("IAM user", 64, *_IAM_CHARACTERS, "IAM API, CreateUser"),
    "iam-group": _rule("IAM group", 128, *_IAM_CHARACTERS, "IAM API, CreateGroup"),
    "iam-policy": _rule("IAM policy", 128, *_IAM_CHARACTERS, "IAM API, PutRolePolicy"),
    "codebuild-project": _rule(
        "CodeBuild project",
        150,
        r"[A-Za-z0-9][A-Za-z0-9_-]+",
        "letters, digits, '_' and '-', a letter or digit first",
        "CodeBuild API, CreateProject; User Guide, Quotas (150 characters)",
        shortest=2,
    ),
    "pipeline": _rule(
        "pipeline", 100, r"[A-Za-z0-9.@_-]+", "letters, digits and '.@_-'", "CodePipeline API, PipelineDeclaration"
    ),
    "codecommit-repository": _rule(
        "CodeCommit repository",
        100,
        r"(?!.*\.git$)[A-Za-z0-9_.-]+",
        "letters, digits and '._-', not ending in '.git'",
        "CodeCommit API, CreateRepository",
    ),
    "log-group": _rule(
        "log group",
        512,
        r"(?!aws/)[A-Za-z0-9._/#-]+",
        "letters, digits and '._-/#', not beginning with 'aws/'",
        "CloudWatch Logs API, CreateLogGroup",
    ),
    "sns-topic": _rule("SNS topic", 256, r"[A-Za-z0-9_-]+", "letters, digits, '_' and '-'", "SNS API, CreateTopic"),
    "sqs-queue": _rule("SQS queue", 80, r"[A-Za-z0-9_-]+", "letters, digits, '_' and '-'", "SQS API, CreateQueue"),
    "schedule": _rule("schedule", *_SCHEDULER, "EventBridge Scheduler API, CreateSchedule"),
    "schedule-group": _rule("schedule group", *_SCHEDULER, "EventBridge Scheduler API, CreateScheduleGroup"),
    "db-identifier": _rule("DB instance", 63, *_DB_CHARACTERS, "RDS API, CreateDBInstance"),
    "db-parameter-group": _rule("DB parameter group", 255, *_DB_CHARACTERS, "RDS API, CreateDBParameterGroup"),
    "db-subnet-group": _rule(
        "DB subnet group",
        255,
        r"(?!default$)[a-z][a-z0-9._ -]*",
        "lowercase letters, digits, '.', '_', ' ' and '-', a letter first, not 'default'",
        "RDS API, CreateDBSubnetGroup",
    ),
    "s3-bucket": _rule(
        "S3 bucket",
        63,
        r"(?!xn--|sthree-|amzn-s3-demo-)(?!.*(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$)[a-z0-9]([a-z0-9-]*[a-z0-9])?",
        "lowercase letters, digits and '-', neither first nor last a '-', none of S3's reserved prefixes and suffixes",
        "S3 User Guide, General purpose bucket naming rules",
        shortest=3,
    ),
    "namespace": _rule(
        "Cloud Map HTTP namespace",
        1024,
        r"(?!arn:)[!-~]+",
        "printable ASCII without spaces, not beginning with 'arn:'",
        "Cloud Map API, CreateHttpNamespace",
    ),
    "security-group": _rule(
        "security group",
        255,
        r"(?!sg-)[A-Za-z0-9 ._:/()#,@\[\]+=&;{}!$*-]+",
        "letters, digits, spaces and '._-:/()#,@[]+=&;{}!$*', not beginning with 'sg-'",
        "EC2 API, CreateSecurityGroup",
    ),
    "resource-group": _rule(
        "resource group",
        300,
        r"(?![Aa][Ww][Ss])[A-Za-z0-9_.-]+",
        "letters, digits, '_', '.' and '-', not beginning with 'aws'",
        "Resource Groups API, CreateGroup",
    ),
    "event-rule": _rule("EventBridge rule", *_SCHEDULER, "EventBridge API, PutRule"),
    "alarm": _rule(
        "CloudWatch alarm", 255, r"[^\x00-\x1f\x7f]+", "no control characters", "CloudWatch API, PutMetricAlarm"
    ),
    "dashboard": _rule(
        "CloudWatch dashboard", 255, r"[A-Za-z0-9_-]+", "letters, digits, '_' and '-'", "CloudWatch API, PutDashboard"
    ),
}
"""What AWS accepts, by kind. S3 also allows dots, which break TLS to virtual-hosted buckets: they are refused here."""


def resource_name(stage: str, thing: str) -> str:
    """The name of `thing` in `stage`, for example `dev-datalab-api`: what a console search finds.

    Raises ValueError when the stage is not 1-16 lowercase letters and digits beginning with a letter, or when the thing
    is not made of lowercase letters, digits and single inner hyphens.
    """
    if not _STAGE.fullmatch(stage):
        raise ValueError(
            f"The stage name '{stage}' is not usable in resource names: allowed are 1 to 16 lowercase letters and "
            "digits, a letter first; choose one like 'dev' or 'prd'."
        )
    if not _THING.fullmatch(thing):
        raise ValueError(
            f"The name '{thing}' is not usable in resource names: allowed are lowercase letters, digits and single "
            "hyphens between them; choose one like 'datalab-api'."
        )
    return f"{stage}-{thing}"


def dead_letter_queue_name(stage: str) -> str:
    """The queue that receives the runs of a stage's jobs that Scheduler could not start."""
    return check_name("sqs-queue", resource_name(stage, "dead-letters"))


def pushed_rule_name(stage: str, service: str) -> str:
    """The EventBridge rule that starts a service's pipeline; with `*` for the service, those of all services."""
    return f"{stage}-{service}-pushed"


def builds_log_group(stage: str) -> str:
    """The log group of the stage's builds: each CodeBuild project has streams of its own in it."""
    return f"/{stage}/builds"


def failed_run_rule_name(stage: str) -> str:
    """The EventBridge rule that matches the failed batch runs of a stage."""
    return check_name("event-rule", resource_name(stage, "failed-batch-run"))


def fingerprint(values: Mapping[str, object]) -> str:
    """Six hexadecimal digits that change with `values` and not with their order.

    Put the inputs that force a replacement here: the replacement then gets a name of its own, which it needs because
    AWS holds the old resource's name until the new one has taken over.
    """
    return hashlib.sha256(canonical_json(dict(values)).encode()).hexdigest()[:FINGERPRINT_LENGTH]


def suffixed_name(kind: str, base: str, fingerprint: str) -> str:
    """`base` and `fingerprint` joined by a hyphen, for example `dev-datalab-api-3f9a1c`.

    The base is shortened until the name fits the kind's limit. A shortened base is followed by four more digits taken
    from the whole base, so that two long bases with a common beginning keep different names. Raises ValueError for an
    unknown kind, a fingerprint that `fingerprint()` did not make, or characters AWS refuses.
    """
    rule = _rule_of(kind)
    if not _FINGERPRINT.fullmatch(fingerprint):
        raise ValueError(
            f"'{fingerprint}' is no fingerprint for the {rule.label} '{base}': it must be {FINGERPRINT_LENGTH} "
            "lowercase hexadecimal digits; take it from fingerprint()."
        )
    suffix = f"-{fingerprint}"
    if len(base) + len(suffix) > rule.max_length:
        suffix = f"-{hashlib.sha256(base.encode()).hexdigest()[:4]}{fingerprint}"
        base = base[: rule.max_length - len(suffix)].rstrip("-._")
    return check_name(kind, f"{base}{suffix}")


def check_name(kind: str, name: str) -> str:
    """Return `name` when AWS accepts it for `kind`, a key of NAME_RULES; raise ValueError saying what to change."""
    rule = _rule_of(kind)
    if len(name) > rule.max_length:
        raise ValueError(
            f"The {rule.label} name '{name}' has {len(name)} characters, and AWS allows at most {rule.max_length}: "
            f"shorten it by {len(name) - rule.max_length}."
        )
    if len(name) < rule.min_length:
        raise ValueError(
            f"The {rule.label} name '{name}' has {len(name)} characters, and AWS requires at least {rule.min_length}: "
            f"choose a longer name."
        )
    if not rule.pattern.fullmatch(name):
        raise ValueError(
            f"The {rule.label} name '{name}' is not one AWS accepts: allowed are {rule.allowed}; rename it accordingly."
        )
    return name


def _rule_of(kind: str) -> NameRule:
    rule = NAME_RULES.get(kind)
    if rule is None:
        raise ValueError(
            f"There is no naming rule for the kind '{kind}': known kinds are {', '.join(sorted(NAME_RULES))}."
        )
    return rule


def database_zone(stage: str, project: str) -> str:
    """The private DNS zone of a stage's database; the database itself is `db` in it."""
    return f"{stage}.{project.lower()}.internal"
