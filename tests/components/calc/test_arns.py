"""ARNs have the formats that AWS documents, and a location that is none is refused."""

import pytest

from components.calc.arns import Location

REST = "ap-northeast-2:123456789012"


@pytest.mark.parametrize(
    ("method", "arguments", "arn"),
    [
        ("log_group", ["/dev/datalab-api"], f"arn:aws:logs:{REST}:log-group:/dev/datalab-api"),
        ("log_streams", ["/dev/datalab-api"], f"arn:aws:logs:{REST}:log-group:/dev/datalab-api:*"),
        ("ecr_repository", ["dev-datalab-api"], f"arn:aws:ecr:{REST}:repository/dev-datalab-api"),
        ("ssm_parameter", ["/dev/a/DB_PASSWORD"], f"arn:aws:ssm:{REST}:parameter/dev/a/DB_PASSWORD"),
        ("cluster", ["dev-item"], f"arn:aws:ecs:{REST}:cluster/dev-item"),
        ("service", ["dev-item", "dev-gateway"], f"arn:aws:ecs:{REST}:service/dev-item/dev-gateway"),
        ("tasks_in_cluster", ["dev-item"], f"arn:aws:ecs:{REST}:task/dev-item/*"),
        ("task_definition_family", ["dev-gateway"], f"arn:aws:ecs:{REST}:task-definition/dev-gateway"),
        ("task_definition_any", ["dev-gateway"], f"arn:aws:ecs:{REST}:task-definition/dev-gateway:*"),
        ("iam_role", ["dev-gateway-task"], "arn:aws:iam::123456789012:role/dev-gateway-task"),
        ("sqs_queue", ["dev-dead"], f"arn:aws:sqs:{REST}:dev-dead"),
        ("sns_topic", ["dev-alerts"], f"arn:aws:sns:{REST}:dev-alerts"),
        ("s3_bucket", ["dev-logs"], "arn:aws:s3:::dev-logs"),
        ("event_rule", ["dev-failed"], f"arn:aws:events:{REST}:rule/dev-failed"),
        ("schedule_group", ["dev-batch"], f"arn:aws:scheduler:{REST}:schedule-group/dev-batch"),
        ("container_instances_in_cluster", ["dev-item"], f"arn:aws:ecs:{REST}:container-instance/dev-item/*"),
        ("codecommit_repository", ["dev-gateway"], f"arn:aws:codecommit:{REST}:dev-gateway"),
        ("codebuild_project", ["dev-gateway-build"], f"arn:aws:codebuild:{REST}:project/dev-gateway-build"),
        ("pipeline", ["dev-gateway"], f"arn:aws:codepipeline:{REST}:dev-gateway"),
        ("db_instance", ["dev-db"], f"arn:aws:rds:{REST}:db:dev-db"),
    ],
)
def test_arn(seoul: Location, method: str, arguments: list[str], arn: str) -> None:
    assert getattr(seoul, method)(*arguments) == arn


def test_repository_url(seoul: Location) -> None:
    assert seoul.ecr_repository_url("dev-gateway") == "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/dev-gateway"


def test_where_git_pushes_to(seoul: Location) -> None:
    url = "https://git-codecommit.ap-northeast-2.amazonaws.com/v1/repos/dev-gateway"
    assert seoul.codecommit_url("dev-gateway") == url


def test_china_has_its_own_partition_and_domain() -> None:
    beijing = Location(partition="aws-cn", region="cn-north-1", account_id="000000000001")
    assert beijing.s3_bucket("logs") == "arn:aws-cn:s3:::logs"
    assert beijing.ecr_repository_url("api") == "000000000001.dkr.ecr.cn-north-1.amazonaws.com.cn/api"


@pytest.mark.parametrize("path", ["dev/DB_PASSWORD", "", "/dev/", "/dev//DB_PASSWORD"])
def test_a_parameter_needs_its_full_name(seoul: Location, path: str) -> None:
    with pytest.raises(ValueError) as caught:
        seoul.ssm_parameter(path)
    assert str(caught.value) == (
        f"'{path}' is not the full name of a parameter: it must begin with one '/' and hold no empty part, "
        "like '/dev/datalab-api/DB_PASSWORD'."
    )


@pytest.mark.parametrize("region", ["", "seoul", "AP-NORTHEAST-2", "ap-northeast-2a", "ap-northeast"])
def test_a_region_that_is_none(region: str) -> None:
    with pytest.raises(ValueError, match="is not the name of an AWS region: set one like 'ap-northeast-2'"):
        Location(region=region, account_id="123456789012")


@pytest.mark.parametrize("account", ["", "12345678901", "1234567890123", "12345678901a"])
def test_an_account_that_is_none(account: str) -> None:
    with pytest.raises(ValueError, match=f"'{account}' is not an AWS account id: set the 12 digits as text"):
        Location(region="ap-northeast-2", account_id=account)


def test_a_partition_that_is_none() -> None:
    with pytest.raises(ValueError, match="The AWS partition 'azure' is unknown: allowed are aws, aws-cn, aws-us-gov;"):
        Location(partition="azure", region="ap-northeast-2", account_id="123456789012")
