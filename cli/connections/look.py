"""Opens the account that `--live` looks into, offline or real, and turns its refusals into sentences."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Generator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from offline.engine.errors import EngineError, UsageError

from .account import Account, Clients, read_account
from .comparison import Comparison
from .live import compare, observe
from .stage import Stage
from .wanted import declared_timeouts, wanted_of

Target = Literal["offline", "aws"]


def compare_with_account(stage: Stage, *, target: Target, state_dir: Path) -> Comparison:
    """Compare the stage's declared budgets with an account.

    Raises UsageError where there is no account to look into, EngineError where it refuses to answer.
    """
    opened = _offline(stage, state_dir) if target == "offline" else _aws(stage)
    with opened as clients:
        account = read_account(clients, wanted_of(stage), now=datetime.now(UTC))
    return comparison(stage, account, target=target)


def comparison(stage: Stage, account: Account, *, target: str) -> Comparison:
    """What the account's answers come to against the declared stage."""
    wanted = wanted_of(stage)
    return Comparison(
        target=target,
        differences=compare(
            stage.budgets,
            account.entries,
            account.instances,
            timeouts=declared_timeouts(stage),
            unread=wanted.unread.keys(),
        ),
        observed=observe(stage.budgets, account.entries, account.instances),
        unread=wanted.unread,
    )


@contextlib.contextmanager
def _offline(stage: Stage, state_dir: Path) -> Generator[Clients]:
    """The platform that `up` recorded, brought back in this process."""
    from offline.aws.handler import AwsError
    from offline.aws.moto.runtime import LOCK
    from offline.aws.provider import AwsProvider
    from offline.records import open_record

    with open_record(state_dir, stage.name, mode="read") as record:
        operations, up = record.operations(), record.is_up()
    if not up:
        raise UsageError(
            f"Nothing is recorded for stage {stage.name}, so the offline AWS has nothing to compare with. Bring it up first "
            f"(./run up -s {stage.name}), or look into your account: --live --target aws."
        )
    provider = AwsProvider(region=stage.region)
    provider.replay(operations)
    try:
        with LOCK:
            runtime = provider.aws.open()
            yield lambda service: runtime.client(service, stage.region)
    except AwsError as error:
        raise EngineError(str(error)) from error


@contextlib.contextmanager
def _aws(stage: Stage) -> Generator[Clients]:
    """The account of the user's ordinary credentials, in the stage's region."""
    import boto3
    from botocore import exceptions

    try:
        session = boto3.Session(region_name=stage.region)
        if session.get_credentials() is None:
            raise exceptions.NoCredentialsError
        yield functools.cache(session.client)
    except (
        exceptions.NoCredentialsError,
        exceptions.PartialCredentialsError,
        exceptions.ProfileNotFound,
        exceptions.CredentialRetrievalError,
        exceptions.TokenRetrievalError,
        exceptions.SSOError,
    ) as error:
        reason = str(error).rstrip(".")
        raise UsageError(
            f"--target aws needs AWS credentials that boto3 finds ({reason}): set AWS_PROFILE, or run `aws sso login`."
        ) from None
    except exceptions.ClientError as error:
        raise EngineError(_refusal(error.operation_name, error.response["Error"])) from None
    except exceptions.BotoCoreError as error:
        raise EngineError(f"AWS could not be asked: {error}") from None


def _refusal(operation: str, error: Mapping[str, Any]) -> str:
    code, message = (str(error.get(key, "")) for key in ("Code", "Message"))
    hint = ""
    if code in ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"):
        hint = " The permissions that --live needs, all of them reads, are listed in docs/operations.md."
    if code in ("ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"):
        hint = " Log in again, for example with `aws sso login`."
    return f"AWS refused {operation} with {code}: {message.rstrip('.')}.{hint}"
