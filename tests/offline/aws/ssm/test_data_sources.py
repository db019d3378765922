"""Parameters, looked up."""

from typing import Any

import pytest

from offline.aws.handler import AwsError, RecordedOperation
from offline.aws.provider import AwsProvider

PATH = "aws:ssm/getParametersByPath:getParametersByPath"


def _put(provider: AwsProvider, **values: str) -> list[RecordedOperation]:
    with provider.aws.operation("parameters#1"):
        for name, value in values.items():
            provider.aws.call("ssm", "put_parameter", Name=f"/dev/images/{name}", Value=value, Type="String")
    return [RecordedOperation(seed="parameters#1", calls=provider.calls_of_last_operation())]


def test_an_absent_parameter_path_is_an_empty_list() -> None:
    provider = AwsProvider(region="ap-northeast-2")
    answer = provider.invoke(PATH, {"path": "/dev/images", "recursive": False, "withDecryption": False})
    assert (answer["names"], answer["values"], answer["arns"], answer["types"]) == ([], [], [], [])
    assert provider.call_log == []


def test_parameters_by_path_page_by_page_and_from_a_record_that_is_not_yet_replayed(cloud: Any) -> None:
    images = {f"service-{number:02}": f"image:{number}" for number in range(23)}
    operations = _put(cloud.provider, **images)
    later = AwsProvider(region="ap-northeast-2")
    later.replay(operations)
    for provider in (cloud.provider, later):
        answer = provider.invoke(PATH, {"path": "/dev/images"})
        found = dict(zip(answer["names"], answer["values"], strict=True))
        assert found == {f"/dev/images/{name}": value for name, value in images.items()}


def test_one_parameter(cloud: Any) -> None:
    _put(cloud.provider, gateway="nginx:1")
    answer = cloud.provider.invoke("aws:ssm/getParameter:getParameter", {"name": "/dev/images/gateway"})
    assert (answer["value"], answer["insecureValue"], answer["version"]) == ("nginx:1", "nginx:1", 1)
    assert answer["arn"] == "arn:aws:ssm:ap-northeast-2:123456789012:parameter/dev/images/gateway"
    with pytest.raises(AwsError, match="AWS refused ssm:get_parameter with ParameterNotFound"):
        cloud.provider.invoke("aws:ssm/getParameter:getParameter", {"name": "/absent"})
