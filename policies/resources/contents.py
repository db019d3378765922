"""What resources hold that no program makes again: said by the policy about losses, and by the gate about every deletion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What goes with one type of resource.

    sentence: with {name} and {how} (deleted, replaced). replaced_by: inputs whose change replaces it.
    given_up: a property that is true where the program says that the contents may go. emptied_first: whether AWS otherwise deletes
    it only once nothing is in it.
    """

    sentence: str
    replaced_by: tuple[str, ...] = ()
    given_up: str = ""
    emptied_first: bool = False


_DATABASE: Final = "with its data; a snapshot is kept only where one is asked for."

CONTENTS: Final[Mapping[str, Contents]] = {
    "aws:rds/instance:Instance": Contents(
        sentence="The database {name} is {how} " + _DATABASE,
        # RDS API Reference, ModifyDBInstance: none of these can be modified.
        replaced_by=(
            "availabilityZone", "characterSetName", "dbName", "engine", "kmsKeyId", "storageEncrypted", "timezone", "username",
        ),
    ),
    "aws:rds/cluster:Cluster": Contents(
        sentence="The database cluster {name} is {how} " + _DATABASE,
        # RDS API Reference, ModifyDBCluster.
        replaced_by=("databaseName", "engine", "kmsKeyId", "masterUsername", "storageEncrypted"),
    ),
    "aws:s3/bucket:Bucket": Contents(
        sentence="The bucket {name} is {how} with the objects in it.",
        replaced_by=("bucket",),
        given_up="forceDestroy",
        emptied_first=True,
    ),
    "aws:ecr/repository:Repository": Contents(
        sentence="The repository {name} is {how} with all of its images.",
        replaced_by=("name", "encryptionConfigurations"),
        given_up="forceDelete",
        emptied_first=True,
    ),
    "aws:cloudwatch/logGroup:LogGroup": Contents(
        sentence="The log group {name} is {how} with all of its logs.",
        replaced_by=("name", "logGroupClass"),
        given_up="skipDestroy",
    ),
    "aws:sqs/queue:Queue": Contents(
        sentence="The queue {name} is {how} with the messages in it.", replaced_by=("name", "fifoQueue")
    ),
    "aws:iam/serviceSpecificCredential:ServiceSpecificCredential": Contents(
        sentence="The credentials {name} are {how}: whoever logs in with them has to be given new ones.",
        replaced_by=("userName",),
    ),
    "aws:dynamodb/table:Table": Contents(
        sentence="The table {name} is {how} with all of its items.", replaced_by=("name", "hashKey", "rangeKey")
    ),
    "aws:efs/fileSystem:FileSystem": Contents(
        sentence="The file system {name} is {how} with all of its files.",
        replaced_by=("creationToken", "encrypted", "kmsKeyId"),
    ),
    "aws:secretsmanager/secret:Secret": Contents(
        sentence="The secret {name} is {how} with its values.", replaced_by=("name",)
    ),
    "aws:ssm/parameter:Parameter": Contents(
        sentence="The parameter {name} is {how} with its history.", replaced_by=("name",)
    ),
    "aws:kms/key:Key": Contents(sentence="The key {name} is {how}: what it encrypted cannot be read any more."),
    "aws:codecommit/repository:Repository": Contents(
        sentence="The repository {name} is {how} with its commits.", replaced_by=("repositoryName",)
    ),
}  # fmt: skip
"""By type; a policy knows `bucketV2` and the like by the one token of tokens.py."""
