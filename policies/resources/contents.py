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


def _contents(sentence: str, *replaced_by: str, given_up: str = "", emptied_first: bool = False) -> Contents:
    return Contents(sentence=sentence, replaced_by=replaced_by, given_up=given_up, emptied_first=emptied_first)


_DATABASE: Final = "with its data; a snapshot is kept only where one is asked for."

CONTENTS: Final[Mapping[str, Contents]] = {
    "aws:rds/instance:Instance": _contents(
        "The database {name} is {how} " + _DATABASE,
        # RDS API Reference, ModifyDBInstance: none of these can be modified.
        "availabilityZone", "characterSetName", "dbName", "engine", "kmsKeyId", "storageEncrypted", "timezone", "username",
    ),
    "aws:rds/cluster:Cluster": _contents(
        "The database cluster {name} is {how} " + _DATABASE,
        "databaseName", "engine", "kmsKeyId", "masterUsername", "storageEncrypted",  # RDS API Reference, ModifyDBCluster
    ),
    "aws:s3/bucket:Bucket": _contents(
        "The bucket {name} is {how} with the objects in it.", "bucket", given_up="forceDestroy", emptied_first=True
    ),
    "aws:ecr/repository:Repository": _contents(
        "The repository {name} is {how} with all of its images.", "name", "encryptionConfigurations",
        given_up="forceDelete", emptied_first=True,
    ),
    "aws:cloudwatch/logGroup:LogGroup": _contents(
        "The log group {name} is {how} with all of its logs.", "name", "logGroupClass", given_up="skipDestroy"
    ),
    "aws:sqs/queue:Queue": _contents("The queue {name} is {how} with the messages in it.", "name", "fifoQueue"),
    "aws:iam/serviceSpecificCredential:ServiceSpecificCredential": _contents(
        "The credentials {name} are {how}: whoever logs in with them has to be given new ones.", "userName"
    ),
    "aws:dynamodb/table:Table": _contents(
        "The table {name} is {how} with all of its items.", "name", "hashKey", "rangeKey"
    ),
    "aws:efs/fileSystem:FileSystem": _contents(
        "The file system {name} is {how} with all of its files.", "creationToken", "encrypted", "kmsKeyId"
    ),
    "aws:secretsmanager/secret:Secret": _contents("The secret {name} is {how} with its values.", "name"),
    "aws:ssm/parameter:Parameter": _contents("The parameter {name} is {how} with its history.", "name"),
    "aws:kms/key:Key": _contents("The key {name} is {how}: what it encrypted cannot be read any more."),
    "aws:codecommit/repository:Repository": _contents(
        "The repository {name} is {how} with its commits.", "repositoryName"
    ),
}  # fmt: skip
"""By type; a policy knows `bucketV2` and the like by the one token of tokens.py."""
