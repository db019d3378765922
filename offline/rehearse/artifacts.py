"""Artifacts of a rehearsal in the stage's artifact bucket, inside the offline AWS.

They end with the rehearsal: the stage's record keeps what `up` and the pipeline made, and an artifact's life is short in
AWS too.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from offline.aws.moto.runtime import LOCK
from offline.rehearse.errors import RehearsalError
from offline.stage import OfflineStage


def put_object(stage: OfflineStage, *, bucket: str, key: str, content: bytes) -> None:
    """Store an object; the stage's record does not keep it. Raises RehearsalError."""
    _s3(stage, "put_object", f"s3://{bucket}/{key} cannot be written", Bucket=bucket, Key=key, Body=content)


def get_object(stage: OfflineStage, *, bucket: str, key: str) -> bytes:
    """An object's content. Raises RehearsalError."""
    answer = _s3(stage, "get_object", f"s3://{bucket}/{key} cannot be read", Bucket=bucket, Key=key)
    content: bytes = answer["Body"].read()
    return content


def packed(folder: Path, files: Iterable[str], *, where: str) -> bytes:
    """A zip of files below a folder. Raises RehearsalError, reported with `where`, for one that is missing."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in files:
            if not (folder / name).is_file():
                raise RehearsalError(f"{where}: the artifact's file {name} was not written.")
            archive.write(folder / name, name)
    return buffer.getvalue()


def read_file(content: bytes, name: str, *, where: str) -> bytes:
    """One file of a zip. Raises RehearsalError, reported with `where`, where it is missing."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        try:
            return archive.read(name)
        except KeyError:
            held = ", ".join(archive.namelist()) or "nothing"
            raise RehearsalError(f"{where}: the artifact has no {name}; it holds {held}.") from None


def _s3(stage: OfflineStage, operation: str, what: str, **params: Any) -> Any:
    from botocore.exceptions import ClientError

    aws = stage.provider.aws
    with LOCK:
        client = aws.open().client("s3", aws.region)
        try:
            return getattr(client, operation)(**params)
        except ClientError as error:
            message = error.response["Error"].get("Message", "")
            raise RehearsalError(f"{what}: {error.response['Error'].get('Code', '')}: {message}") from None
