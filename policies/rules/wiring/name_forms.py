"""The policy `name-valid`: a name has the form that AWS takes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from policies.resources import tokens
from policies.resources.graph import Resource
from policies.resources.outcomes import Present
from policies.resources.requested import asked_text
from policies.rules.rule import Problem, Stack, policy

_Form = tuple[str, re.Pattern[str], str]


def _form(pattern: str, shown: str, *props: str) -> tuple[_Form, ...]:
    """What some properties, `name` where none is given, have to look like, and how people say it."""
    form = re.compile(pattern, re.ASCII)
    return tuple((prop, form, shown) for prop in props or ("name",))


_RDS = (
    r"(?!.*--)[A-Za-z](?:[A-Za-z0-9-]{0,253}[A-Za-z0-9])?",
    "letters, digits and single hyphens, a letter first and no hyphen last",
)
_BALANCER = (
    r"(?!internal-)[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?",
    "up to 32 letters, digits and hyphens, with none first or last",
)
_ECS = (r"[A-Za-z0-9_-]{1,255}", "letters, digits, hyphens and underscores")
_EVENTS = (r"[\w.-]{1,64}", "up to 64 letters, digits and ._-")
_FORMS: Mapping[str, tuple[_Form, ...]] = {
    tokens.DB_INSTANCE: _form(*_RDS, "identifier", "finalSnapshotIdentifier"),
    tokens.DB_CLUSTER: _form(*_RDS, "clusterIdentifier", "finalSnapshotIdentifier"),
    tokens.PARAMETER_GROUP: _form(*_RDS),
    tokens.LOAD_BALANCER: _form(*_BALANCER),
    tokens.TARGET_GROUP: _form(*_BALANCER),
    tokens.SERVICE: _form(*_ECS),
    tokens.CLUSTER: _form(*_ECS),
    tokens.TASK_DEFINITION: _form(*_ECS, "family"),
    tokens.BUCKET: _form(
        r"(?!xn--)(?!.*\.\.)[a-z0-9](?:[a-z0-9.-]{1,61}[a-z0-9])",
        "3 to 63 small letters, digits, dots and hyphens",
        "bucket",
    ),
    tokens.REPOSITORY: _form(
        r"[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*",
        "small letters, digits, and ._-/ between them",
    ),
    tokens.QUEUE: _form(
        r"[A-Za-z0-9_-]{1,80}|[A-Za-z0-9_-]{1,75}\.fifo", "up to 80 letters, digits, hyphens and underscores"
    ),
    tokens.TOPIC: _form(r"[A-Za-z0-9_-]{1,256}|[A-Za-z0-9_-]{1,251}\.fifo", "letters, digits, hyphens and underscores"),
    tokens.LOG_GROUP: _form(r"[A-Za-z0-9_/.#-]{1,512}", "letters, digits and _-/.#"),
    tokens.ROLE: _form(r"[\w+=,.@-]{1,64}", "up to 64 letters, digits and _+=,.@-"),
    tokens.EVENT_RULE: _form(*_EVENTS),
    tokens.SCHEDULE: _form(*_EVENTS),
    tokens.PIPELINE: _form(r"[\w.@-]{1,100}", "up to 100 letters, digits and .@_-"),
    tokens.BUILD_PROJECT: _form(r"[A-Za-z0-9][\w-]{1,254}", "letters, digits, hyphens and underscores"),
    tokens.SECURITY_GROUP: _form(
        r"(?!sg-)[A-Za-z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{1,255}", "up to 255 letters, digits and signs, not sg- first"
    ),
}
"""Type to its names and their forms (API references of RDS, Elastic Load Balancing, ECS, S3, ECR, SQS, SNS, CloudWatch Logs, IAM,
EventBridge, CodePipeline, CodeBuild and EC2)."""


@policy(
    what="A name has the form that AWS takes.",
    why="AWS refuses it half-way through the deployment; that of a final snapshot only on the day on which the database is deleted.",
    severity="medium",
    how_to_fix="Write it with the letters and in the length that AWS takes.",
    url="https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBInstance.html",
    types=_FORMS,
)
def name_valid(_: Stack, resource: Resource) -> Iterator[Problem]:
    for prop, form, shown in _FORMS[resource.type]:
        found = asked_text(resource, prop)
        if isinstance(found, Present) and found.value and not form.fullmatch(found.value):
            yield Problem(f'{prop} is "{found.value[:80]}"', shown)
