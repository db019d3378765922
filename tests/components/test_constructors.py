"""What AWS refuses is refused in the constructor, with a full sentence and before anything is registered."""

import dataclasses
from collections.abc import Callable
from typing import Any, cast

import pytest

from components.calc.arns import Location
from components.delivery.pipeline import PipelineArgs
from components.scope import StageScope
from components.stage.load_balancer import LoadBalancerArgs
from components.stage.network import NetworkArgs
from components.workloads.batch_job import BatchJobArgs
from components.workloads.placement import Placement
from components.workloads.service import ServiceArgs
from settings.delivery import Delivery, Pipeline
from settings.merged import Settings
from settings.stage import LoadBalancer
from settings.workloads import Tasks

StageSettings = Callable[[str], Settings]


@pytest.fixture
def scope() -> StageScope:
    return StageScope(
        stage="dev",
        environment="development",
        project="itemscout",
        owner="platform-team",
        location=Location(region="ap-northeast-2", account_id="123456789012"),
        log_retention_days=14,
    )


def service_args(scope: StageScope, settings: Settings, **changes: Any) -> ServiceArgs:
    service = next(s for s in settings.services if s.name == "datalab-api").model_copy(update=changes)
    absent = cast(Any, None)
    place = Placement(
        scope=scope,
        capacity=settings.cluster,
        cluster=absent,
        load_balancer=absent,
        vpc_id="vpc-1",
        vpc_identity="10.10.0.0/16",
        private_subnet_ids=[],
    )
    return ServiceArgs(place=place, settings=service, database=None)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"tasks": Tasks(min=3, max=2)},
            "datalab-api has tasks.min 3 above tasks.max 2: autoscaling needs min at most max.",
        ),
        (
            {"tasks": Tasks(min=1, max=2), "singleton": True},
            "datalab-api is a singleton with tasks.max 2: a second task of a singleton may never start.",
        ),
        (
            {"priority": 50_001},
            "datalab-api has listener rule priority 50001: "
            "AWS takes 1 to 50,000, and every rule of a listener needs its own.",
        ),
        (
            {"stop_timeout_seconds": 121},
            "The stop timeout is 121 s, and Fargate takes 1 to 120 s: change it into that range.",
        ),
        (
            {"deregistration_delay_seconds": 30},
            "The deregistration delay of 30 s is shorter than the longest request of 60 s, "
            "so a deployment cuts such requests off: set it to 60 s or more.",
        ),
    ],
)
def test_a_service_that_aws_refuses(
    scope: StageScope, stage_settings: StageSettings, changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ValueError) as caught:
        service_args(scope, stage_settings("dev"), **changes)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"task_count": 11}, "ranking-batch has taskCount 11: EventBridge Scheduler starts 1 to 10 tasks."),
        ({"schedule": "every night"}, "ranking-batch has schedule 'every night': "),
        (
            {"timezone": "Asia/Seol"},
            "ranking-batch has a schedule in no time zone: 'Asia/Seol' is not a time zone of the IANA database: use one of its "
            "names, such as Asia/Seoul.",
        ),
    ],
)
def test_a_batch_job_that_aws_refuses(
    scope: StageScope, stage_settings: StageSettings, changes: dict[str, Any], sentence: str
) -> None:
    job = next(j for j in stage_settings("dev").jobs if j.name == "ranking-batch").model_copy(update=changes)
    absent = cast(Any, None)
    with pytest.raises(ValueError) as caught:
        BatchJobArgs(scope=scope, settings=job, cluster=absent, shared=absent, database=None, private_subnet_ids=[])
    assert str(caught.value).startswith(sentence)


@pytest.mark.parametrize(
    ("pipeline", "changes", "sentence"),
    [
        (Pipeline(), {}, "The pipeline of datalab-api has no branch: set pipeline.branch, for example develop."),
        (
            Pipeline(enabled=True, branch="main", promote_from="dev"),
            {"promote": True, "bake_env": True},
            "datalab-api bakes a stage's env file into its image, so the image of dev cannot be promoted: "
            "set bakeEnv or promote to false.",
        ),
    ],
)
def test_a_pipeline_that_cannot_be(
    scope: StageScope, stage_settings: StageSettings, pipeline: Pipeline, changes: dict[str, Any], sentence: str
) -> None:
    service = next(s for s in stage_settings("dev").services if s.name == "datalab-api").model_copy(update=changes)
    with pytest.raises(ValueError) as caught:
        PipelineArgs(
            scope=scope,
            settings=service,
            delivery=Delivery(),
            pipeline=pipeline,
            cluster="dev-item",
            shared=cast(Any, None),
            jobs=[],
        )
    assert str(caught.value) == sentence


def test_a_region_with_too_few_zones(scope: StageScope, stage_settings: StageSettings) -> None:
    with pytest.raises(ValueError) as caught:
        NetworkArgs(scope=scope, settings=stage_settings("prd").network, zone_names=["ap-northeast-2a"])
    assert str(caught.value) == (
        "The network needs 3 Availability Zones, and ap-northeast-2 offers 1 (ap-northeast-2a): "
        "lower network.availabilityZones."
    )


def test_a_certificate_of_another_region(scope: StageScope) -> None:
    arn = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-0000-1111-2222-333344445555"
    with pytest.raises(ValueError) as caught:
        LoadBalancerArgs(
            scope=scope,
            settings=LoadBalancer(certificate_arn=arn),
            vpc_id="vpc-1",
            public_subnet_ids=[],
            target_ports=[3000],
        )
    assert str(caught.value) == (
        f"The load balancer's certificate {arn} is in us-east-1, and a load balancer in ap-northeast-2 takes certificates of its "
        "own region: give loadBalancer.certificateArn one of ap-northeast-2."
    )


def test_a_scope_of_a_stage_that_cannot_be(scope: StageScope) -> None:
    with pytest.raises(
        ValueError, match=r"^A stage cannot be named 'sg': EC2 refuses security groups that begin with 'sg-'"
    ):
        dataclasses.replace(scope, stage="sg")
