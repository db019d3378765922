"""Policies about image repositories and keys."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.facts.delivery.image_rules import image_rules
from policies.facts.iam.patterns import like
from policies.facts.naming import COMMIT_TAG
from policies.resources.graph import Resource
from policies.resources.outcomes import Absent, Undecided
from policies.resources.reading import optional, read_list, read_text, required
from policies.resources.references import belonging
from policies.resources.requested import asked_flag, asked_list, asked_text
from policies.resources.tokens import KEY, REGISTRY_SCANNING, REPOSITORY, REPOSITORY_LIFECYCLE
from policies.rules.property_checks import stated
from policies.rules.rule import Problem, Stack, about, policy


@policy(
    what="Images are scanned for known vulnerabilities when they are pushed.",
    why="Nobody else reports that last year's base image has this year's hole.",
    severity="medium",
    how_to_fix="Set imageScanningConfiguration with scanOnPush true.",
    references="CKV_AWS_163 ECR.1",
    types=(REPOSITORY,),
    also=(REGISTRY_SCANNING,),
)
def images_scanned(stack: Stack, repository: Resource) -> Iterator[Problem]:
    by_registry = any(_scans(registry, repository) for registry in stack.graph.of_type(REGISTRY_SCANNING))
    scanned = asked_flag(repository, "imageScanningConfiguration", "scanOnPush")
    if not optional(scanned, False) and not by_registry:
        yield Problem(stated("imageScanningConfiguration.scanOnPush", scanned, "false"), "true")


def _scans(registry: Resource, repository: Resource) -> bool:
    """Whether a registry's own rules scan a repository's images; a filter without a wildcard is part of its name."""
    name = optional(asked_text(repository, "name"), "")
    with about(registry):
        for position in range(len(optional(asked_list(registry, "rules"), []))):
            frequency = required(read_text(registry, "rules", position, "scanFrequency"))
            filters = range(len(required(read_list(registry, "rules", position, "repositoryFilters"))))
            path = ("rules", position, "repositoryFilters")
            patterns = [required(read_text(registry, *path, at, "filter")) for at in filters]
            patterns = [pattern if "*" in pattern else f"*{pattern}*" for pattern in patterns]
            if frequency in ("SCAN_ON_PUSH", "CONTINUOUS_SCAN") and any(like(name, pattern) for pattern in patterns):
                return True
    return False


@policy(
    what="A repository removes images that nothing names any more.",
    why="Every build leaves one, and storage is paid by the month.",
    severity="low",
    how_to_fix="Add an aws.ecr.LifecyclePolicy that expires untagged images.",
    references="ECR.3",
    types=(REPOSITORY,),
    also=(REPOSITORY_LIFECYCLE,),
)
def images_expire(stack: Stack, repository: Resource) -> Iterator[Problem]:
    found = belonging(stack.graph, repository, REPOSITORY_LIFECYCLE, "repository")
    if not found:
        yield Problem("it has no lifecycle policy", "one that expires untagged images")
    for item in found:
        with about(item):
            rules = image_rules(item)
        if not any(rule.expires and rule.status != "tagged" for rule in rules):
            yield Problem(f"no rule of {item.name} expires untagged images", 'one with tagStatus "untagged" or "any"')


@policy(
    what="A key is rotated by itself, and in use.",
    why="The longer a key is used, the more a leak of it opens.",
    severity="medium",
    how_to_fix="Set enableKeyRotation to true, and isEnabled not to false.",
    references="CKV_AWS_7 CKV_AWS_227 AwsSolutions-KMS5 KMS.4",
    types=(KEY,),
)
def key_rotation(_: Stack, key: Resource) -> Iterator[Problem]:
    if not optional(asked_flag(key, "isEnabled"), True):
        yield Problem("isEnabled is false", "true")
    if optional(asked_text(key, "customerMasterKeySpec"), "SYMMETRIC_DEFAULT") != "SYMMETRIC_DEFAULT":
        return  # AWS cannot rotate asymmetric keys by itself
    store = asked_text(key, "customKeyStoreId")
    if isinstance(store, Undecided) or optional(store, ""):
        return  # nor those of a store of one's own (KMS Developer Guide, Rotating AWS KMS keys)
    rotated = asked_flag(key, "enableKeyRotation")
    if not optional(rotated, False):
        yield Problem(stated("enableKeyRotation", rotated, "false"), "true")


@policy(
    what="A repository's tags cannot be moved to another image, but for one that no task names.",
    why="Otherwise the image that was tested and the one that runs may differ under one name.",
    severity="medium",
    how_to_fix="Set imageTagMutability to IMMUTABLE; or to IMMUTABLE_WITH_EXCLUSION, with exclusions that name single tags, "
    "such as a build's cache.",
    references="CKV_AWS_51 ECR.2",
    types=(REPOSITORY,),
)
def image_tags_immutable(_: Stack, repository: Resource) -> Iterator[Problem]:
    wanted = "IMMUTABLE, or IMMUTABLE_WITH_EXCLUSION for single tags"
    found = asked_text(repository, "imageTagMutability")
    value = "MUTABLE" if isinstance(found, Absent) else required(found)
    if value not in ("IMMUTABLE", "IMMUTABLE_WITH_EXCLUSION"):
        shown = "not set" if isinstance(found, Absent) else f'"{value[:80]}"'
        yield Problem(f"imageTagMutability is {shown}", wanted)
    if value != "IMMUTABLE_WITH_EXCLUSION":
        return
    exclusions = "imageTagMutabilityExclusionFilters"
    for position in range(len(optional(asked_list(repository, exclusions), []))):
        tag = required(asked_text(repository, exclusions, position, "filter"))
        # image-pinned holds tasks to digests and tags of commits: what can be neither may move.
        if "*" in tag or re.fullmatch(COMMIT_TAG, tag):
            yield Problem(f'an exclusion is "{tag[:80]}", which tags of images match', wanted)
