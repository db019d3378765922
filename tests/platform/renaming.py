"""A copy of the real project in which services and jobs are renamed as a person would: catalogue, env folder and addresses."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from offline.aws.provider import AwsProvider
from offline.engine.deployment import run
from offline.engine.outcome import Outcome
from offline.stage import offline_stage
from tests.function_program import MainProgram
from tests.pack_here import packs_here
from tests.parity.engines import ROOT, project_copy

SERVICES = ("datalab-api", "gateway", "legacy-api", "tracking-api")
MORE = ("gateway", "tracking-api", "ranking-batch")
"""What `made_small` takes out."""
SMALL = ("datalab-api", "legacy-api")
"""The services that `made_small` leaves."""
DIGEST = f"sha256:{'5' * 64}"
Ask = Callable[..., dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Dev:
    """A copy of the project, and its stage dev on the offline AWS."""

    project: Path
    state: Path

    def run(self, kind: Literal["preview", "up"] = "up", provider: AwsProvider | None = None) -> tuple[Outcome, Ask]:
        provider = provider or AwsProvider(region="ap-northeast-2")
        with packs_here():
            outcome = run(
                kind=kind,
                stage="dev",
                project_dir=self.project,
                state_dir=self.state,
                pack_dir=self.project / "policies",
                on_event=lambda _: None,
                provider=provider,
                program=MainProgram(self.project),
            )
        return outcome, provider.aws.call

    def deploy_everything(self) -> None:
        """What the pipelines leave behind: the parameter that names a verified image of each service."""
        with offline_stage(project_dir=self.project, state_dir=self.state, stage="dev", mode="write") as stage:
            account = stage.call("sts", "get_caller_identity")["Account"]
            with stage.change("pipelines"):
                for name in SERVICES:
                    uri = f"{account}.dkr.ecr.ap-northeast-2.amazonaws.com/dev-{name}@{DIGEST}"
                    stage.call("ssm", "put_parameter", Name=f"/dev/images/{name}", Value=uri, Type="String")


def project_to_edit(folder: Path) -> Path:
    """A copy of the project whose settings and env files may be changed."""
    project = project_copy(folder)
    (project / "env").unlink()
    shutil.copytree(ROOT / "env", project / "env")
    return project


def rename(project: Path, old: str, new: str, *, formerly: bool) -> None:
    """Rename a service or job; `formerly` says whether the catalogue tells of it."""
    for path in [*project.glob("Pulumi*.yaml"), *project.glob("env/*/.env*")]:
        text = path.read_text("utf-8")
        told = rf"\n\g<1>  formerly: {old}" if formerly and path.name == "Pulumi.yaml" else ""
        text = re.sub(rf"^( +){old}:(.*)$", rf"\g<1>{new}:\g<2>{told}", text, flags=re.MULTILINE)
        text = re.sub(rf"(docsLoginVia: |image: |//){old}\b(?!-)", rf"\g<1>{new}", text)
        path.write_text(text, "utf-8")
    if (folder := project / "env" / old).is_dir():
        folder.rename(folder.with_name(new))


def remove(project: Path, name: str) -> None:
    """Take a service or job out: of the catalogue, out of the overrides, and its env files."""
    for path in project.glob("Pulumi*.yaml"):
        text = re.sub(rf"^( +){name}:.*\n(?:\1 +.*\n)*", "", path.read_text("utf-8"), flags=re.MULTILINE)
        path.write_text(re.sub(r"^  \S+:serviceOverrides:\n(?!    )", "", text, flags=re.MULTILINE), "utf-8")
    shutil.rmtree(project / "env" / name, ignore_errors=True)


def made_small(project: Path) -> None:
    """Leave datalab-api, legacy-api and category-batch, all with the database, where the size of the catalogue is not the case."""
    for name in MORE:
        remove(project, name)


def edit(path: Path, *edits: tuple[str, str]) -> None:
    """Put texts in the place of others, each of which has to be there."""
    text = path.read_text("utf-8")
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new)
    path.write_text(text, "utf-8")


def inventory(ask: Ask, *, services: tuple[str, ...] = SERVICES) -> dict[str, list[str]]:
    """What AWS has of the kinds that a workload is made of, by their names or what else they have once."""

    def names(kind: str, service: str, operation: str, key: str, name: str, **asked: object) -> tuple[str, list[str]]:
        return kind, sorted(str(item[name]) for item in ask(service, operation, **asked)[key])

    [listener] = ask("elbv2", "describe_listeners", LoadBalancerArn=_balancer(ask))["Listeners"]
    rules = ask("elbv2", "describe_rules", ListenerArn=listener["ListenerArn"])["Rules"]
    groups = ask("ec2", "describe_security_group_rules")["SecurityGroupRules"]
    return {
        **dict(
            (
                names("repositories", "ecr", "describe_repositories", "repositories", "repositoryArn"),
                names("log groups", "logs", "describe_log_groups", "logGroups", "arn"),
                names("roles", "iam", "list_roles", "Roles", "RoleId"),
                names("databases", "rds", "describe_db_instances", "DBInstances", "DbiResourceId"),
                names("target groups", "elbv2", "describe_target_groups", "TargetGroups", "TargetGroupArn"),
                names("security groups", "ec2", "describe_security_groups", "SecurityGroups", "GroupId"),
                names("alarms", "cloudwatch", "describe_alarms", "MetricAlarms", "AlarmArn"),
                names("schedules", "scheduler", "list_schedules", "Schedules", "Arn", GroupName="dev-jobs"),
                names("event rules", "events", "list_rules", "Rules", "Arn"),
                names("pipelines", "codepipeline", "list_pipelines", "pipelines", "name"),
                names("resource groups", "resource-groups", "list_groups", "Groups", "GroupArn"),
                names(
                    "scaling",
                    "application-autoscaling",
                    "describe_scalable_targets",
                    "ScalableTargets",
                    "ResourceId",
                    ServiceNamespace="ecs",
                ),
            )
        ),
        "services": sorted(ask("ecs", "list_services", cluster="dev-item")["serviceArns"]),
        "families": sorted(ask("ecs", "list_task_definition_families")["families"]),
        "projects": sorted(ask("codebuild", "list_projects")["projects"]),
        "mirrors": [
            str(ask("codecommit", "get_repository", repositoryName=f"dev-{name}")["repositoryMetadata"]["repositoryId"])
            for name in services
        ],
        "queues": sorted(ask("sqs", "list_queues")["QueueUrls"]),
        "priorities": sorted(str(rule["Priority"]) for rule in rules),
        "security group rules": sorted(str(rule["SecurityGroupRuleId"]) for rule in groups),
    }


def _balancer(ask: Ask) -> str:
    [balancer] = ask("elbv2", "describe_load_balancers")["LoadBalancers"]
    return str(balancer["LoadBalancerArn"])


def running_images(ask: Ask) -> dict[str, str]:
    """Family to the image of its application's container, in the newest revision."""
    found: dict[str, str] = {}
    for family in ask("ecs", "list_task_definition_families")["families"]:
        definition = ask("ecs", "describe_task_definition", taskDefinition=family)["taskDefinition"]
        [found[family]] = (entry["image"] for entry in definition["containerDefinitions"] if entry["essential"])
    return found
