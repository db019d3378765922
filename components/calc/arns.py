"""ARNs that follow from account, region and chosen names, so that they are known before anything exists."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_PARTITIONS: Final = {"aws": "amazonaws.com", "aws-cn": "amazonaws.com.cn", "aws-us-gov": "amazonaws.com"}
_REGION: Final = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]+")
_ACCOUNT: Final = re.compile(r"[0-9]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """Where a stage lives. Formats are those of the AWS Service Authorization Reference, "Resource types"."""

    partition: str = "aws"
    region: str
    """For example `ap-northeast-2`."""
    account_id: str
    """Twelve digits, as text: leading zeros count."""

    def __post_init__(self) -> None:
        if self.partition not in _PARTITIONS:
            raise ValueError(
                f"The AWS partition '{self.partition}' is unknown: allowed are {', '.join(_PARTITIONS)}; most accounts "
                "are in 'aws'."
            )
        if not _REGION.fullmatch(self.region):
            raise ValueError(f"'{self.region}' is not the name of an AWS region: set one like 'ap-northeast-2'.")
        if not _ACCOUNT.fullmatch(self.account_id):
            raise ValueError(
                f"'{self.account_id}' is not an AWS account id: set the 12 digits as text, leading zeros included."
            )

    @property
    def dns_suffix(self) -> str:
        """The domain of the partition's endpoints."""
        return _PARTITIONS[self.partition]

    def arn(self, service: str, resource: str) -> str:
        """The ARN of a regional resource of this account."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account_id}:{resource}"

    def log_group(self, name: str) -> str:
        """The log group itself, as `logs:CreateLogStream` and subscriptions name it."""
        return self.arn("logs", f"log-group:{name}")

    def log_streams(self, name: str) -> str:
        """All log streams of the log group, as `logs:PutLogEvents` names them."""
        return f"{self.log_group(name)}:*"

    def log_streams_of(self, name: str, prefix: str) -> str:
        """The log streams of the log group whose names begin with `<prefix>/`."""
        return f"{self.log_group(name)}:log-stream:{prefix}/*"

    def ecr_repository(self, name: str) -> str:
        return self.arn("ecr", f"repository/{name}")

    def ecr_repository_url(self, name: str) -> str:
        """Where images are pushed and pulled, without tag."""
        return f"{self.account_id}.dkr.ecr.{self.region}.{self.dns_suffix}/{name}"

    def ssm_parameter(self, path: str) -> str:
        """`path` is the parameter's full name and begins with '/'; raises ValueError otherwise."""
        if not path.startswith("/") or path.endswith("/") or "//" in path:
            raise ValueError(
                f"'{path}' is not the full name of a parameter: it must begin with one '/' and hold no empty part, "
                f"like '/dev/datalab-api/DB_PASSWORD'."
            )
        return self.arn("ssm", f"parameter{path}")

    def cluster(self, name: str) -> str:
        return self.arn("ecs", f"cluster/{name}")

    def service(self, cluster: str, name: str) -> str:
        return self.arn("ecs", f"service/{cluster}/{name}")

    def tasks_in_cluster(self, cluster: str) -> str:
        return self.arn("ecs", f"task/{cluster}/*")

    def container_instances_in_cluster(self, name: str) -> str:
        return self.arn("ecs", f"container-instance/{name}/*")

    def task_definition_family(self, family: str) -> str:
        """Without a revision: where AWS takes it, this means the newest active revision."""
        return self.arn("ecs", f"task-definition/{family}")

    def task_definition_any(self, family: str) -> str:
        """Every revision of the family, for IAM documents."""
        return f"{self.task_definition_family(family)}:*"

    def iam_role(self, name: str) -> str:
        return f"arn:{self.partition}:iam::{self.account_id}:role/{name}"

    def sqs_queue(self, name: str) -> str:
        return self.arn("sqs", name)

    def sns_topic(self, name: str) -> str:
        return self.arn("sns", name)

    def s3_bucket(self, name: str) -> str:
        return f"arn:{self.partition}:s3:::{name}"

    def event_rule(self, name: str) -> str:
        """A rule on the default event bus."""
        return self.arn("events", f"rule/{name}")

    def codecommit_repository(self, name: str) -> str:
        return self.arn("codecommit", name)

    def codecommit_url(self, name: str) -> str:
        """Where Git pushes to over HTTPS."""
        return f"https://git-codecommit.{self.region}.{self.dns_suffix}/v1/repos/{name}"

    def codebuild_project(self, name: str) -> str:
        return self.arn("codebuild", f"project/{name}")

    def pipeline(self, name: str) -> str:
        return self.arn("codepipeline", name)

    def schedule_group(self, name: str) -> str:
        return self.arn("scheduler", f"schedule-group/{name}")

    def db_instance(self, identifier: str) -> str:
        return self.arn("rds", f"db:{identifier}")
