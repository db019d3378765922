"""Artifacts: the stage's encrypted bucket for what pipelines pass on, with the delivery scripts that they run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pulumi import ComponentResource, Resource, ResourceOptions
from pulumi_aws import s3

from ..calc.canonical import canonical_json
from ..calc.delivery.artifacts import ARTIFACT_DAYS, bucket_name, scripts_key
from ..calc.delivery.buildspec import Scripts
from ..calc.iam.resource_policies import bucket_tls_policy
from ..scope import COMPONENT_PACKAGE, StageScope

DELIVERY = Path(__file__).resolve().parents[2] / "delivery"
NONCURRENT_DAYS = 30
UNFINISHED_UPLOAD_DAYS = 7


def delivery_scripts(folder: Path = DELIVERY) -> str:
    """The scripts that run inside the pipelines, as one JSON object: `delivery/<file>` to its text.

    Raises ValueError where there are none: every deployment would fail at its verification.
    """
    files = {f"delivery/{path.name}": path.read_text("utf-8") for path in sorted(folder.glob("*.py"))}
    if "delivery/__main__.py" not in files:
        raise ValueError(
            f"The delivery scripts are missing: {folder} has no __main__.py, and every pipeline runs it to verify its "
            "deployment. Restore the folder delivery/ beside components/."
        )
    return canonical_json(files)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactsArgs:
    """The artifact bucket of one stage."""

    scope: StageScope
    scripts: str
    """What `delivery_scripts` answers."""


class Artifacts(ComponentResource):
    """S3 bucket, encrypted, closed to the public, over TLS only, emptied after any rollback could need it."""

    bucket: str
    """Name of the bucket; known at preview."""
    scripts: Scripts
    """Where the delivery scripts lie."""
    ready: Sequence[Resource]
    """What must exist before a pipeline runs."""

    def __init__(self, name: str, args: ArtifactsArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(f"{COMPONENT_PACKAGE}:Artifacts", name, None, opts)
        scope = args.scope
        self.bucket = bucket_name(scope.location, scope.stage)
        self.scripts = Scripts(bucket=self.bucket, key=scripts_key(args.scripts))
        bucket = s3.Bucket(
            "artifacts",
            bucket=self.bucket,
            # In production the artifacts are what a rollback needs.
            force_destroy=scope.environment == "development",
            tags=scope.tags("delivery", name=self.bucket),
            opts=self._child(),
        )
        policy = self._configure(scope, bucket)
        scripts = s3.BucketObjectv2(
            "delivery-scripts",
            bucket=bucket.id,
            key=self.scripts.key,
            content=args.scripts,
            content_type="application/json",
            tags=scope.tags("delivery"),
            opts=self._child(policy),
        )
        self.ready = (policy, scripts)
        self.register_outputs({"bucket": self.bucket, "scripts": self.scripts.key})

    def _child(self, *depends_on: Resource) -> ResourceOptions:
        return ResourceOptions(parent=self, depends_on=list(depends_on))

    def _configure(self, scope: StageScope, bucket: s3.Bucket) -> s3.BucketPolicy:
        closed = s3.BucketPublicAccessBlock(
            "artifacts",
            bucket=bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=self._child(),
        )
        by_default = s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
            # The account's key for S3: whoever may read the object may use it, and nobody outside the account.
            sse_algorithm="aws:kms"
        )
        s3.BucketServerSideEncryptionConfiguration(
            "artifacts",
            bucket=bucket.id,
            rules=[
                s3.BucketServerSideEncryptionConfigurationRuleArgs(
                    apply_server_side_encryption_by_default=by_default, bucket_key_enabled=True
                )
            ],
            opts=self._child(),
        )
        versioning = s3.BucketVersioning(
            "artifacts",
            bucket=bucket.id,
            versioning_configuration=s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
            opts=self._child(),
        )
        self._lifecycle(scope, bucket, versioning)
        return s3.BucketPolicy(
            "artifacts",
            bucket=bucket.id,
            policy=bucket_tls_policy(scope.location, self.bucket),
            opts=self._child(closed),
        )

    def _lifecycle(self, scope: StageScope, bucket: s3.Bucket, versioning: s3.BucketVersioning) -> None:
        """Pipelines are named after the stage, and their keys after them: the delivery scripts stay."""
        s3.BucketLifecycleConfiguration(
            "artifacts",
            bucket=bucket.id,
            rules=[
                s3.BucketLifecycleConfigurationRuleArgs(
                    id="artifacts",
                    status="Enabled",
                    filter=s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=f"{scope.stage}-"),
                    expiration=s3.BucketLifecycleConfigurationRuleExpirationArgs(days=ARTIFACT_DAYS),
                ),
                s3.BucketLifecycleConfigurationRuleArgs(
                    id="leftovers",
                    status="Enabled",
                    filter=s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
                    noncurrent_version_expiration=(
                        s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
                            noncurrent_days=NONCURRENT_DAYS
                        )
                    ),
                    abort_incomplete_multipart_upload=(
                        s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
                            days_after_initiation=UNFINISHED_UPLOAD_DAYS
                        )
                    ),
                ),
            ],
            opts=self._child(versioning),
        )
