"""The stage's artifact bucket: its name, what lies where in it, and how long."""

from __future__ import annotations

import hashlib
from typing import Final

from ..arns import Location
from ..names import check_name, resource_name

ARTIFACT_DAYS: Final = 400
"""A stage rolls back to an execution in the pipeline's history, which CodePipeline keeps for 12 months (CodePipeline
User Guide, "View executions"); its artifacts must still be there."""
_PIPELINE_IN_KEY: Final = 20


def bucket_name(location: Location, stage: str) -> str:
    """Globally unique and known before the bucket exists: by account and region."""
    return check_name("s3-bucket", resource_name(stage, f"artifacts-{location.account_id}-{location.region}"))


def artifact_prefix(pipeline: str) -> str:
    """What the keys of a pipeline's artifacts begin with, for IAM documents.

    CodePipeline puts the first 20 characters of the pipeline's name before the first slash of a key. Only names that
    long share what they are granted, with names that begin alike.
    """
    return pipeline[:_PIPELINE_IN_KEY] + "/"


def scripts_key(archive: str) -> str:
    """The key of the scripts' archive; another content gets another key.

    A build that runs while the program is updated keeps the scripts its buildspec names.
    """
    return f"delivery/{hashlib.sha256(archive.encode()).hexdigest()}.json"
