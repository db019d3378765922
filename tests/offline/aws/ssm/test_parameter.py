"""SSM parameters."""

from typing import Any

import pytest

from offline.aws.handler import AwsError, AwsInputError

PARAMETER = "aws:ssm/parameter:Parameter"
NAME = "/dev/images/datalab-api"


def _value(cloud: Any) -> tuple[str, int]:
    found = cloud.ask("ssm", "get_parameter", Name=NAME, WithDecryption=True)["Parameter"]
    return found["Value"], found["Version"]


def _tags(cloud: Any) -> list[dict[str, str]]:
    return cloud.ask("ssm", "list_tags_for_resource", ResourceType="Parameter", ResourceId=NAME)["TagList"]


def test_parameter(cloud: Any) -> None:
    made = cloud.make(
        PARAMETER,
        "image",
        name=NAME,
        type="SecureString",
        value="node@sha256:00",
        description="Image",
        allowedPattern=".*@sha256:.*",
        keyId="alias/aws/ssm",
        tier="Standard",
        tags={"Stage": "dev"},
    )
    assert made.id == NAME
    assert made.outputs["arn"] == "arn:aws:ssm:ap-northeast-2:123456789012:parameter/dev/images/datalab-api"
    assert (made.outputs["version"], made.outputs["dataType"]) == (1, "text")
    (found,) = cloud.ask("ssm", "describe_parameters")["Parameters"]
    assert {name: found[name] for name in ("Type", "Description", "AllowedPattern", "KeyId", "Tier")} == {
        "Type": "SecureString",
        "Description": "Image",
        "AllowedPattern": ".*@sha256:.*",
        "KeyId": "alias/aws/ssm",
        "Tier": "Standard",
    }
    assert _value(cloud) == ("node@sha256:00", 1)
    assert _tags(cloud) == [{"Key": "Stage", "Value": "dev"}]


def test_update(cloud: Any) -> None:
    cloud.make(PARAMETER, "image", name=NAME, type="String", value="1", tags={"Stage": "dev"})
    changed = cloud.change(PARAMETER, "image", value="2", tags={"Owner": "team"})
    assert (changed.outputs["version"], _value(cloud)) == (2, ("2", 2))
    assert _tags(cloud) == [{"Key": "Owner", "Value": "team"}]
    assert cloud.change(PARAMETER, "image", tags=None).outputs["version"] == 2
    cloud.delete(PARAMETER, "image")
    with pytest.raises(AwsError, match="ParameterNotFound"):
        _value(cloud)


def test_an_existing_parameter_is_taken_over_only_by_overwrite(cloud: Any) -> None:
    cloud.make(PARAMETER, "first", name=NAME, type="String", value="1")
    with pytest.raises(AwsError, match="ParameterAlreadyExists"):
        cloud.make(PARAMETER, "second", name=NAME, type="String", value="2")
    cloud.make(PARAMETER, "third", name=NAME, type="String", value="3", overwrite=True, tags={"Stage": "dev"})
    cloud.leave()
    assert (_value(cloud), _tags(cloud)) == (("3", 2), [{"Key": "Stage", "Value": "dev"}])


def test_a_write_only_value_is_sent_again_by_its_version(cloud: Any) -> None:
    made = cloud.make(PARAMETER, "image", name=NAME, type="SecureString", valueWo="secret", valueWoVersion=1)
    assert made.outputs["hasValueWo"] is True
    assert cloud.change(PARAMETER, "image", valueWoVersion=2).outputs["version"] == 2


@pytest.mark.parametrize(
    ("values", "found"), [({}, "none"), ({"value": "1", "insecureValue": "1"}, "['value', 'insecureValue']")]
)
def test_one_value_is_needed(cloud: Any, values: dict[str, str], found: str) -> None:
    with pytest.raises(AwsInputError) as caught:
        cloud.make(PARAMETER, "image", name=NAME, type="String", **values)
    assert str(caught.value) == f"{PARAMETER}: exactly one of value, insecureValue, valueWo is needed; found {found}."
