"""Every service and job of the real catalogue renamed in turn, with `up` before and after: nothing is doubled and nothing lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.platform.renaming import DIGEST, SERVICES, Ask, Dev, project_to_edit, rename

pytestmark = pytest.mark.slow

NAMES = {
    "category-batch": "sorting-batch",
    "datalab-api": "analyzer-api",
    "gateway": "front-door",
    "legacy-api": "login-api",
    "ranking-batch": "rank-batch",
    "tracking-api": "rank-api",
}


def inventory(ask: Ask) -> dict[str, list[str]]:
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
            for name in SERVICES
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


@pytest.fixture
def dev(tmp_path: Path) -> Dev:
    return Dev(project=project_to_edit(tmp_path / "project"), state=tmp_path / "state")


def test_every_service_and_job_keeps_all_that_it_has(dev: Dev) -> None:
    assert dev.run()[0].result == "succeeded"
    dev.deploy_everything()
    outcome, ask = dev.run()
    assert outcome.result == "succeeded"
    before, images = inventory(ask), running_images(ask)
    assert len(before["repositories"]) == 4
    assert {name: DIGEST in image for name, image in images.items()} == {
        "dev-api-docs": False,
        **{f"dev-{name}": True for name in NAMES},
    }
    for old, new in NAMES.items():
        rename(dev.project, old, new, formerly=True)
        outcome, ask = dev.run()
        assert (old, outcome.result, outcome.errors) == (old, "succeeded", ())
        assert (outcome.changes["create"], outcome.changes["delete"]) == (0, 0)
        assert (old, inventory(ask), running_images(ask)) == (old, before, images)
    outcome, _ = dev.run("preview")
    assert sum(outcome.changes.values()) == outcome.changes["same"]
    assert {record.name for record in outcome.resources if record.type.endswith(":Service") and not record.custom} == {
        NAMES[name] for name in SERVICES
    }
