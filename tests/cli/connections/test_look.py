"""Where `--live` looks, and what it says where there is nothing to look into."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.connections import account, look
from cli.connections.stage import Stage
from offline.engine.errors import EngineError, UsageError

StageOf = Callable[[str], Stage]


@pytest.fixture
def no_aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without credentials, configuration files and instance metadata."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def test_the_recorded_platform_agrees(stage: StageOf, recorded: Path) -> None:
    compared = look.compare_with_account(stage("dev"), target="offline", state_dir=recorded)
    assert (compared.target, compared.agrees, compared.unread) == ("offline", True, {})


def test_a_stage_that_was_never_brought_up(stage: StageOf, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        look.compare_with_account(stage("prd"), target="offline", state_dir=tmp_path)
    assert str(refused.value) == (
        "Nothing is recorded for stage prd, so the offline AWS has nothing to compare with. Bring it up first "
        "(./run up -s prd), or look into your account: --live --target aws."
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("no_aws")
def test_missing_credentials_are_one_sentence(stage: StageOf, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        look.compare_with_account(stage("dev"), target="aws", state_dir=tmp_path)
    assert str(refused.value) == (
        "--target aws needs AWS credentials that boto3 finds (Unable to locate credentials): set AWS_PROFILE, or run "
        "`aws sso login`."
    )


@pytest.mark.usefixtures("no_aws")
def test_a_profile_that_does_not_exist(stage: StageOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(UsageError, match=r"needs AWS credentials that boto3 finds \(The config profile \(nobody\)"):
        look.compare_with_account(stage("dev"), target="aws", state_dir=tmp_path)


@pytest.mark.usefixtures("no_aws")
@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("AccessDenied", " The permissions that --live needs, all of them reads, are listed in docs/operations.md."),
        ("ExpiredToken", " Log in again, for example with `aws sso login`."),
        ("Throttling", ""),
    ],
)
def test_what_aws_refuses_is_a_sentence(
    code: str, hint: str, stage: StageOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from botocore.exceptions import ClientError

    def refuse(clients: account.Clients, *_: Any, **__: Any) -> None:
        assert clients("rds") is clients("rds")
        assert clients("rds").meta.region_name == "ap-northeast-2"
        raise ClientError({"Error": {"Code": code, "Message": "No."}}, "DescribeDBInstances")

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "example")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")
    monkeypatch.setattr(look, "read_account", refuse)
    with pytest.raises(EngineError) as refused:
        look.compare_with_account(stage("dev"), target="aws", state_dir=tmp_path)
    assert str(refused.value) == f"AWS refused DescribeDBInstances with {code}: No.{hint}"


@pytest.mark.usefixtures("no_aws")
def test_an_endpoint_that_does_not_answer(stage: StageOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The endpoint of the environment is asked: so `./run up --serve` can be compared, too."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "example")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(EngineError, match=r'AWS could not be asked: .*"http://127\.0\.0\.1:9/"'):
        look.compare_with_account(stage("dev"), target="aws", state_dir=tmp_path)
