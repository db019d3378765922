"""Copies an image, by manifest, from one ECR repository to another: prd then runs the very digest that dev verified."""

from __future__ import annotations

import hashlib
import re
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from delivery.json_text import read_json

from .aws import Aws, RequestError
from .image_definitions import IMAGE_BY_DIGEST, ImageDefinitionsError

_INDEXES = ("application/vnd.docker.distribution.manifest.list.v2+json", "application/vnd.oci.image.index.v1+json")
_MANIFESTS = (
    *_INDEXES,
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
)
_ECR = re.compile(r"(?P<registry>[0-9]{12})\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(\.cn)?/(?P<name>[a-z0-9._/-]+)")
_CHECKED_AT_ONCE = 100  # BatchCheckLayerAvailability takes 1 to 100 digests

Fetch = Callable[[str], Iterable[bytes]]
"""The content behind an address, in pieces."""


@dataclass(frozen=True, slots=True)
class Repository:
    """An ECR repository, in the AWS that holds it; `registry` is the account it belongs to."""

    aws: Aws
    name: str
    registry: str

    def call(self, operation: str, **params: Any) -> dict[str, Any]:
        """A request about it. Raises RequestError."""
        return self.aws.call("ecr", operation, repositoryName=self.name, registryId=self.registry, **params)


def image_in_ecr(aws: Aws, image: str) -> tuple[Repository, str]:
    """Repository and digest of an ECR image by digest. Raises ImageDefinitionsError for any other."""
    match = IMAGE_BY_DIGEST.fullmatch(image)
    found = match and _ECR.fullmatch(match["repository"])
    if not match or not found:
        raise ImageDefinitionsError(
            f"{image!r} is no image of an ECR repository by digest "
            "(<account>.dkr.ecr.<region>.amazonaws.com/<name>@sha256:<64 hex digits>): nothing else is promoted."
        )
    return Repository(aws, found["name"], found["registry"]), match["digest"]


def download(url: str) -> Iterator[bytes]:
    """The content behind an HTTPS address, in pieces of 1 MiB. Raises RequestError."""
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            while piece := answer.read(1 << 20):
                yield piece
    except OSError as error:
        raise RequestError(f"A layer could not be downloaded: {error}", transient=True) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """Copies images between two repositories; what the target has already is not copied again."""

    source: Repository
    target: Repository
    report: Callable[[str], None]
    fetch: Fetch = download

    def copy(self, digest: str) -> None:
        """Copy an image with its tags; an image without any gets one, as the target's lifecycle expires untagged ones.

        Raises RequestError. What was copied before a failure is used by the next attempt.
        """
        tags = self._tags(digest) or [digest.removeprefix("sha256:")[:12]]
        self._copy(digest, tags)

    def _copy(self, digest: str, tags: list[str]) -> None:
        manifest, media_type = self._manifest(digest)
        content = _content(manifest, digest)
        if media_type in _INDEXES:
            for child in content["manifests"]:
                self._copy(child["digest"], [])
        else:
            # Layers with addresses of their own (Windows bases) are not held by a registry.
            blobs = [content["config"], *(layer for layer in content["layers"] if not layer.get("urls"))]
            for blob in self._missing([blob["digest"] for blob in blobs]):
                self._copy_blob(blob)
        for tag in tags or [None]:
            self._put(manifest, media_type, digest, tag)
        self.report(" ".join([f"{self.target.name} has {digest}", *tags]))

    def _manifest(self, digest: str) -> tuple[str, str]:
        answer = self.source.call(
            "batch_get_image", imageIds=[{"imageDigest": digest}], acceptedMediaTypes=list(_MANIFESTS)
        )
        if not answer["images"]:
            reasons = [str(item.get("failureReason", "")) for item in answer.get("failures", [])]
            raise RequestError(
                f"The repository {self.source.name} has no image {digest}: {', '.join(reasons) or 'no reason given'}.",
                code="ImageNotFoundException",
            )
        manifest: str = answer["images"][0]["imageManifest"]
        found = f"sha256:{hashlib.sha256(manifest.encode()).hexdigest()}"
        if found != digest:
            raise RequestError(f"The manifest that {self.source.name} answers for {digest} has the digest {found}.")
        return manifest, answer["images"][0].get("imageManifestMediaType") or _content(manifest, digest).get(
            "mediaType", ""
        )

    def _tags(self, digest: str) -> list[str]:
        answer = self.source.call("describe_images", imageIds=[{"imageDigest": digest}])
        return sorted(tag for detail in answer["imageDetails"] for tag in detail.get("imageTags", []))

    def _missing(self, digests: list[str]) -> list[str]:
        missing: list[str] = []
        unique = sorted(set(digests))
        for start in range(0, len(unique), _CHECKED_AT_ONCE):
            part = unique[start : start + _CHECKED_AT_ONCE]
            answer = self.target.call("batch_check_layer_availability", layerDigests=part)
            there = {
                layer["layerDigest"] for layer in answer["layers"] if layer.get("layerAvailability") == "AVAILABLE"
            }
            missing += [digest for digest in part if digest not in there]
        return missing

    def _copy_blob(self, digest: str) -> None:
        url = self.source.call("get_download_url_for_layer", layerDigest=digest)["downloadUrl"]
        upload = self.target.call("initiate_layer_upload")
        first = 0
        for part in _parts(self.fetch(url), int(upload["partSize"])):
            self.target.call(
                "upload_layer_part",
                uploadId=upload["uploadId"],
                partFirstByte=first,
                partLastByte=first + len(part) - 1,
                layerPartBlob=part,
            )
            first += len(part)
        try:
            # ECR computes the digest itself and refuses another one.
            self.target.call("complete_layer_upload", uploadId=upload["uploadId"], layerDigests=[digest])
        except RequestError as error:
            if error.code != "LayerAlreadyExistsException":
                raise

    def _put(self, manifest: str, media_type: str, digest: str, tag: str | None) -> None:
        try:
            self.target.call(
                "put_image",
                imageManifest=manifest,
                imageManifestMediaType=media_type,
                imageDigest=digest,
                **({"imageTag": tag} if tag else {}),
            )
        except RequestError as error:
            if error.code != "ImageAlreadyExistsException":
                raise


def _parts(pieces: Iterable[bytes], size: int) -> Iterator[bytes]:
    """The same bytes in parts of `size`, the last one shorter."""
    buffer = bytearray()
    for piece in pieces:
        buffer += piece
        while len(buffer) >= size:
            yield bytes(buffer[:size])
            del buffer[:size]
    if buffer:
        yield bytes(buffer)


def _content(manifest: str, digest: str) -> dict[str, Any]:
    """What a manifest says. Raises RequestError."""
    try:
        content = read_json(manifest)
    except ValueError as error:
        raise RequestError(f"The manifest of {digest} is not JSON that can be read: {error}.") from None
    if not isinstance(content, dict):
        raise RequestError(f"The manifest of {digest} is no JSON object.")
    return content
