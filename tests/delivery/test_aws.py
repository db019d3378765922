"""Requests to an account: what boto3 answers, refuses or cannot send, as the delivery sees it. Nothing leaves."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber

from delivery.aws import Account, RequestError


@pytest.fixture
def stubbed(monkeypatch: pytest.MonkeyPatch) -> tuple[Account, Stubber]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    account = Account(region="ap-northeast-2")
    client: Any = boto3.client("ssm", region_name="ap-northeast-2")
    account._clients["ssm"] = client
    return account, Stubber(client)


def test_an_answer_comes_without_its_metadata(stubbed: Any) -> None:
    account, stub = stubbed
    stub.add_response("get_parameter", {"Parameter": {"Value": "v"}}, {"Name": "/dev/images/api"})
    with stub:
        assert account.call("ssm", "get_parameter", Name="/dev/images/api") == {"Parameter": {"Value": "v"}}


@pytest.mark.parametrize(
    ("code", "status", "transient"),
    [("ParameterNotFound", 400, False), ("ThrottlingException", 400, True), ("Whatever", 503, True)],
)
def test_a_refusal(stubbed: Any, code: str, status: int, transient: bool) -> None:
    account, stub = stubbed
    stub.add_client_error("get_parameter", code, "Not now.", status)
    with stub, pytest.raises(RequestError) as caught:
        account.call("ssm", "get_parameter", Name="x")
    assert str(caught.value) == f"AWS refused ssm:get_parameter with {code}: Not now."
    assert (caught.value.code, caught.value.transient) == (code, transient)


def test_wrong_parameters_are_not_sent(stubbed: Any) -> None:
    account, _ = stubbed
    with pytest.raises(RequestError, match="ssm:get_parameter cannot be sent: Parameter validation failed") as caught:
        account.call("ssm", "get_parameter", Nam="x")
    assert not caught.value.transient


def test_a_request_that_does_not_arrive_may_be_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    class Client:
        def get_parameter(self, **_params: Any) -> Any:
            raise EndpointConnectionError(endpoint_url="https://ssm.example")

    account = Account(region="ap-northeast-2")
    account._clients["ssm"] = Client()
    with pytest.raises(RequestError, match="ssm:get_parameter did not reach AWS") as caught:
        account.call("ssm", "get_parameter", Name="x")
    assert caught.value.transient


def test_without_credentials_the_request_is_refused_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, "/nonexistent")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(RequestError) as caught:
        Account(region="ap-northeast-2").call("ssm", "get_parameter", Name="x")
    assert str(caught.value) == "ssm:get_parameter cannot be sent: Unable to locate credentials"


def test_a_profile_that_does_not_exist_is_a_sentence_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    with pytest.raises(RequestError, match=r"cannot be sent: The config profile \(team\) could not be found"):
        Account(region="ap-northeast-2", profile="team").call("ssm", "get_parameter", Name="x")
