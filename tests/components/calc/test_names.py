"""Names fit what AWS accepts, and say what is wrong where they do not."""

import re

import botocore.session
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.calc.names import (
    NAME_RULES,
    check_name,
    dead_letter_queue_name,
    failed_run_rule_name,
    fingerprint,
    resource_name,
    suffixed_name,
)
from tests.refusals import refusal

FINGERPRINTS = st.integers(0, 16**6 - 1).map(lambda number: f"{number:06x}")
BASES = st.from_regex(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", fullmatch=True)

LIMITS = {
    "target-group": (1, 32),
    "load-balancer": (1, 32),
    "ecs-cluster": (1, 255),
    "ecs-service": (1, 255),
    "task-family": (1, 255),
    "container": (1, 255),
    "port-name": (1, 64),
    "client-alias": (1, 127),
    "ecr-repository": (2, 256),
    "iam-role": (1, 64),
    "iam-user": (1, 64),
    "iam-group": (1, 128),
    "iam-policy": (1, 128),
    "log-group": (1, 512),
    "sns-topic": (1, 256),
    "sqs-queue": (1, 80),
    "codebuild-project": (2, 150),
    "pipeline": (1, 100),
    "codecommit-repository": (1, 100),
    "schedule": (1, 64),
    "schedule-group": (1, 64),
    "db-identifier": (1, 63),
    "db-parameter-group": (1, 255),
    "db-subnet-group": (1, 255),
    "s3-bucket": (3, 63),
    "namespace": (1, 1024),
    "security-group": (1, 255),
    "event-rule": (1, 64),
    "resource-group": (1, 300),
    "alarm": (1, 255),
    "dashboard": (1, 255),
}


def test_the_limits_of_every_kind() -> None:
    assert {kind: (rule.min_length, rule.max_length) for kind, rule in NAME_RULES.items()} == LIMITS


@pytest.mark.parametrize(
    ("kind", "service", "shape"),
    [
        ("ecr-repository", "ecr", "RepositoryName"),
        ("iam-role", "iam", "roleNameType"),
        ("iam-group", "iam", "groupNameType"),
        ("iam-policy", "iam", "policyNameType"),
        ("log-group", "logs", "LogGroupName"),
        ("schedule", "scheduler", "Name"),
        ("schedule-group", "scheduler", "ScheduleGroupName"),
        ("event-rule", "events", "RuleName"),
        ("pipeline", "codepipeline", "PipelineName"),
        ("codecommit-repository", "codecommit", "RepositoryName"),
        ("namespace", "servicediscovery", "NamespaceNameHttp"),
        ("resource-group", "resource-groups", "CreateGroupName"),
    ],
)
def test_what_is_accepted_here_is_accepted_by_the_model_of_the_aws_api(kind: str, service: str, shape: str) -> None:
    model = botocore.session.get_session().get_service_model(service).shape_for(shape).metadata
    assert NAME_RULES[kind].max_length == model["max"]
    assert NAME_RULES[kind].min_length >= model.get("min", 1)

    @settings(max_examples=60)
    @given(st.from_regex(NAME_RULES[kind].pattern, fullmatch=True))
    def accepted(name: str) -> None:
        assert re.fullmatch(model["pattern"], name)

    accepted()


def test_resource_name() -> None:
    assert resource_name("dev", "datalab-api") == "dev-datalab-api"


@pytest.mark.parametrize("stage", ["", "Dev", "1dev", "dev-1", "d" * 17, "dev\n"])
def test_stages_that_cannot_be_in_a_name(stage: str) -> None:
    with pytest.raises(ValueError, match="choose one like 'dev' or 'prd'") as caught:
        resource_name(stage, "gateway")
    assert str(caught.value).startswith(f"The stage name '{stage}' is not usable in resource names")


@pytest.mark.parametrize("thing", ["", "Datalab", "datalab_api", "-datalab", "datalab-", "datalab--api", "데이터"])
def test_things_that_cannot_be_in_a_name(thing: str) -> None:
    with pytest.raises(ValueError, match="choose one like 'datalab-api'") as caught:
        resource_name("dev", thing)
    assert str(caught.value).startswith(f"The name '{thing}' is not usable in resource names")


def test_fingerprint_is_of_the_values_and_not_of_their_order() -> None:
    assert fingerprint({"port": 3000, "vpc": "a"}) == fingerprint({"vpc": "a", "port": 3000}) == "a423ae"
    assert fingerprint({"port": 3001, "vpc": "a"}) != fingerprint({"port": 3000, "vpc": "a"})


def test_suffixed_name_of_a_base_that_fits() -> None:
    assert suffixed_name("target-group", "dev-datalab-api", "3f9a1c") == "dev-datalab-api-3f9a1c"
    assert suffixed_name("target-group", "a" * 25, "3f9a1c") == f"{'a' * 25}-3f9a1c"


def test_suffixed_name_shortens_and_keeps_long_bases_apart() -> None:
    first = suffixed_name("target-group", "dev-category-analyzer-of-korea-one", "3f9a1c")
    second = suffixed_name("target-group", "dev-category-analyzer-of-korea-two", "3f9a1c")
    assert first == "dev-category-analyzer-f01a3f9a1c"
    assert second == "dev-category-analyzer-36f43f9a1c"


@given(st.sampled_from(["target-group", "load-balancer", "db-identifier", "iam-role"]), BASES, FINGERPRINTS)
def test_suffixed_names_never_exceed_the_limit(kind: str, base: str, suffix: str) -> None:
    name = suffixed_name(kind, base, suffix)
    assert check_name(kind, name) == name
    assert len(name) <= NAME_RULES[kind].max_length
    assert name.endswith(suffix)


@pytest.mark.parametrize("wrong", ["", "3F9A1C", "3f9a1", "3f9a1cd", "xyzxyz"])
def test_a_fingerprint_is_six_hexadecimal_digits(wrong: str) -> None:
    with pytest.raises(ValueError, match="must be 6 lowercase hexadecimal digits; take it from fingerprint"):
        suffixed_name("target-group", "dev-gateway", wrong)


@given(st.sampled_from(sorted(LIMITS)), st.text(max_size=80))
def test_a_name_is_returned_as_it_is_or_refused(kind: str, name: str) -> None:
    shortest, longest = LIMITS[kind]
    if shortest <= len(name) <= longest and NAME_RULES[kind].pattern.fullmatch(name):
        assert check_name(kind, name) == name
    else:
        with pytest.raises(ValueError, match=re.escape(f"'{name}'")):
            check_name(kind, name)


def test_too_long() -> None:
    assert refusal(lambda: check_name("target-group", "dev-the-quite-long-name-of-a-service")) == (
        "The target group name 'dev-the-quite-long-name-of-a-service' has 36 characters, and AWS allows at most 32: "
        "shorten it by 4."
    )


def test_too_short() -> None:
    assert refusal(lambda: check_name("s3-bucket", "ab")) == (
        "The S3 bucket name 'ab' has 2 characters, and AWS requires at least 3: choose a longer name."
    )


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("target-group", "-dev"),
        ("target-group", "dev-"),
        ("target-group", "dev_api"),
        ("load-balancer", "internal-dev"),
        ("ecs-service", "dev.api"),
        ("ecr-repository", "Dev-api"),
        ("ecr-repository", "1dev"),
        ("ecr-repository", "dev-"),
        ("iam-role", "dev role"),
        ("log-group", "aws/dev"),
        ("log-group", "/dev:api"),
        ("sns-topic", "dev.alerts"),
        ("sqs-queue", "dev.fifo"),
        ("schedule", "dev/batch"),
        ("db-identifier", "dev--db"),
        ("db-identifier", "1db"),
        ("db-identifier", "db-"),
        ("db-identifier", "Db"),
        ("db-subnet-group", "default"),
        ("s3-bucket", "my.bucket"),
        ("s3-bucket", "xn--bucket"),
        ("s3-bucket", "logs-s3alias"),
        ("namespace", "arn:aws:x"),
        ("namespace", "dev ns"),
        ("security-group", "sg-dev"),
        ("security-group", "dev|db"),
        ("resource-group", "aws-dev"),
        ("resource-group", "dev api"),
        ("alarm", "a\nb"),
        ("dashboard", "dev.board"),
        ("port-name", "-server"),
        ("port-name", "Server"),
    ],
)
def test_characters_aws_refuses(kind: str, name: str) -> None:
    with pytest.raises(ValueError) as caught:
        check_name(kind, name)
    rule = NAME_RULES[kind]
    assert str(caught.value) == (
        f"The {rule.label} name '{name}' is not one AWS accepts: allowed are {rule.allowed}; rename it accordingly."
    )


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("target-group", "a" * 32),
        ("port-name", "server-3000-tcp"),
        ("log-group", "/dev/datalab-api"),
        ("namespace", "dev-itemscout-ns"),
        ("ecr-repository", "team/dev-api"),
        ("db-subnet-group", "defaults"),
        ("alarm", "dev: 연결 70 %"),
        ("s3-bucket", "dev-alb-logs-123456789012-ap-northeast-2"),
    ],
)
def test_names_the_platform_uses(kind: str, name: str) -> None:
    assert check_name(kind, name) == name


def test_an_unknown_kind() -> None:
    with pytest.raises(
        ValueError,
        match="There is no naming rule for the kind 'lambda': known kinds are alarm, client-alias, codebuild-project",
    ):
        check_name("lambda", "x")


def test_names_shared_by_several_resources() -> None:
    assert dead_letter_queue_name("dev") == "dev-dead-letters"
    assert failed_run_rule_name("dev") == "dev-failed-batch-run"
