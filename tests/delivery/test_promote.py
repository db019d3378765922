"""Promotion between two ECR repositories, against a registry that checks digests and the order of parts as ECR does."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from delivery import __main__ as delivery
from delivery.aws import RequestError
from delivery.image_definitions import ImageDefinitionsError
from delivery.promote import Promotion, Repository, image_in_ecr
from tests.refusals import refusal

HOST = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
SOURCE, TARGET = "dev-api", "prd-api"


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


@dataclass
class Registry:
    """Two repositories: manifests by digest, tags, blobs."""

    manifests: dict[str, dict[str, tuple[str, str]]] = field(default_factory=lambda: {SOURCE: {}, TARGET: {}})
    tags: dict[str, dict[str, str]] = field(default_factory=lambda: {SOURCE: {}, TARGET: {}})
    blobs: dict[str, dict[str, bytes]] = field(default_factory=lambda: {SOURCE: {}, TARGET: {}})
    uploads: dict[str, bytearray] = field(default_factory=dict)
    part_sizes: list[int] = field(default_factory=list)
    part_size: int = 4
    parameters: dict[str, str] = field(default_factory=dict)

    def add_image(self, *layers: bytes, tag: str | None = None) -> str:
        """An image with these layers in the source repository."""
        blobs = [b'{"config": 1}', *layers]
        for blob in blobs:
            self.blobs[SOURCE][digest_of(blob)] = blob
        described = [{"digest": digest_of(blob), "size": len(blob)} for blob in blobs]
        manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": described[0], "layers": described[1:]}
        return self.add_manifest(json.dumps(manifest), MANIFEST, tag)

    def add_manifest(self, manifest: str, media_type: str, tag: str | None = None) -> str:
        digest = digest_of(manifest.encode())
        self.manifests[SOURCE][digest] = (manifest, media_type)
        if tag:
            self.tags[SOURCE][tag] = digest
        return digest

    def fetch(self, url: str) -> Iterator[bytes]:
        blob = self.blobs[SOURCE][url]
        for start in range(0, len(blob), 3):
            yield blob[start : start + 3]

    def call(self, service: str, operation: str, /, **params: Any) -> dict[str, Any]:
        if operation == "get_parameter":
            if params["Name"] not in self.parameters:
                raise RequestError("There is none.", code="ParameterNotFound")
            return {"Parameter": {"Value": self.parameters[params["Name"]]}}
        assert (service, params["registryId"]) == ("ecr", "123456789012")
        handler = getattr(self, f"_{operation}")
        answer: dict[str, Any] = handler(params["repositoryName"], params)
        return answer

    def _batch_get_image(self, name: str, params: dict[str, Any]) -> dict[str, Any]:
        [wanted] = params["imageIds"]
        found = self.manifests[name].get(wanted["imageDigest"])
        if found is None:
            return {"images": [], "failures": [{"failureReason": "Requested image not found"}]}
        assert found[1] in params["acceptedMediaTypes"]
        return {"images": [{"imageManifest": found[0], "imageManifestMediaType": found[1]}], "failures": []}

    def _describe_images(self, name: str, params: dict[str, Any]) -> dict[str, Any]:
        [wanted] = params["imageIds"]
        tags = [tag for tag, digest in self.tags[name].items() if digest == wanted["imageDigest"]]
        return {"imageDetails": [{"imageTags": tags} if tags else {}]}

    def _batch_check_layer_availability(self, name: str, params: dict[str, Any]) -> dict[str, Any]:
        there = [digest for digest in params["layerDigests"] if digest in self.blobs[name]]
        return {"layers": [{"layerDigest": digest, "layerAvailability": "AVAILABLE"} for digest in there]}

    def _get_download_url_for_layer(self, name: str, params: dict[str, Any]) -> dict[str, Any]:
        assert name == SOURCE
        return {"downloadUrl": params["layerDigest"]}

    def _initiate_layer_upload(self, name: str, params: dict[str, Any]) -> dict[str, Any]:
        upload = str(len(self.uploads))
        self.uploads[upload] = bytearray()
        return {"uploadId": upload, "partSize": self.part_size}

    def _upload_layer_part(self, name: str, params: dict[str, Any]) -> dict[str, Any]:
        part = params["layerPartBlob"]
        upload = self.uploads[params["uploadId"]]
        assert (params["partFirstByte"], params["partLastByte"]) == (len(upload), len(upload) + len(part) - 1)
        upload += part
        self.part_sizes.append(len(part))
        return {}

    def _complete_layer_upload(self, name: str, params: dict[str, Any]) -> dict[str, Any]:
        content = bytes(self.uploads[params["uploadId"]])
        if [digest_of(content)] != params["layerDigests"]:
            raise RequestError("The digest is another.", code="InvalidLayerException")
        self.blobs[name][digest_of(content)] = content
        return {}

    def _put_image(self, name: str, params: dict[str, Any]) -> dict[str, Any]:
        manifest, digest, tag = params["imageManifest"], params["imageDigest"], params.get("imageTag")
        content = json.loads(manifest)
        needed = [content["config"], *content["layers"]] if "config" in content else []
        assert all(blob["digest"] in self.blobs[name] for blob in needed if not blob.get("urls"))
        assert all(child["digest"] in self.manifests[name] for child in content.get("manifests", []))
        assert digest == digest_of(manifest.encode())
        if digest in self.manifests[name] and (tag is None or self.tags[name].get(tag) == digest):
            raise RequestError("It is there.", code="ImageAlreadyExistsException")
        if tag and tag in self.tags[name]:
            raise RequestError("The tag is taken.", code="ImageTagAlreadyExistsException")
        self.manifests[name][digest] = (manifest, params["imageManifestMediaType"])
        if tag:
            self.tags[name][tag] = digest
        return {}

    def promotion(self, told: list[str] | None = None) -> Promotion:
        def repository(name: str) -> Repository:
            return Repository(self, name, "123456789012")

        return Promotion(
            source=repository(SOURCE),
            target=repository(TARGET),
            fetch=self.fetch,
            report=(told if told is not None else []).append,
        )


def test_an_image_keeps_its_digest_and_its_tags() -> None:
    registry, told = Registry(), list[str]()
    digest = registry.add_image(b"0123456789", b"abc", tag="4f2a9c1")
    registry.promotion(told).copy(digest)
    assert registry.manifests[TARGET] == registry.manifests[SOURCE]
    assert registry.blobs[TARGET] == registry.blobs[SOURCE]
    assert registry.tags[TARGET] == {"4f2a9c1": digest}
    assert told == [f"prd-api has {digest} 4f2a9c1"]
    assert set(registry.part_sizes) <= {1, 2, 3, 4}
    assert registry.part_sizes.count(4) >= 2


def test_what_is_there_is_not_copied_again() -> None:
    registry = Registry()
    digest = registry.add_image(b"0123456789", tag="4f2a9c1")
    registry.promotion().copy(digest)
    uploads = len(registry.uploads)
    registry.promotion().copy(digest)
    assert len(registry.uploads) == uploads == 2


def test_an_untagged_image_gets_a_tag_that_keeps_it_from_expiring() -> None:
    registry = Registry()
    digest = registry.add_image(b"layer")
    registry.promotion().copy(digest)
    assert registry.tags[TARGET] == {digest[7:19]: digest}


def test_an_index_is_copied_with_its_images() -> None:
    registry = Registry()
    children = [registry.add_image(b"arm64"), registry.add_image(b"amd64")]
    described = [{"digest": child, "mediaType": MANIFEST} for child in children]
    index = registry.add_manifest(json.dumps({"mediaType": INDEX, "manifests": described}), INDEX, tag="4f2a9c1")
    registry.promotion().copy(index)
    assert registry.manifests[TARGET].keys() == {index, *children}
    assert registry.tags[TARGET] == {"4f2a9c1": index}


def test_layers_with_addresses_of_their_own_are_left_where_they_are() -> None:
    registry = Registry()
    config = b"{}"
    registry.blobs[SOURCE][digest_of(config)] = config
    foreign = {"digest": digest_of(b"base"), "urls": ["https://example.com/base"]}
    manifest = {"mediaType": MANIFEST, "config": {"digest": digest_of(config)}, "layers": [foreign]}
    digest = registry.add_manifest(json.dumps(manifest), MANIFEST)
    registry.promotion().copy(digest)
    assert registry.blobs[TARGET] == {digest_of(config): config}


def test_an_image_that_the_source_lacks() -> None:
    assert refusal(lambda: Registry().promotion().copy(f"sha256:{'0' * 64}"), RequestError) == (
        f"The repository dev-api has no image sha256:{'0' * 64}: Requested image not found."
    )


def test_a_manifest_that_is_not_the_one_asked_for() -> None:
    registry = Registry()
    digest = registry.add_image(b"layer", tag="4f2a9c1")
    registry.manifests[SOURCE][digest] = ("{}", MANIFEST)
    with pytest.raises(RequestError, match=f"answers for {digest} has the digest {digest_of(b'{}')}"):
        registry.promotion().copy(digest)
    assert registry.manifests[TARGET] == {}


def test_a_layer_that_was_damaged_on_the_way() -> None:
    registry = Registry()
    digest = registry.add_image(b"layer", tag="4f2a9c1")
    registry.blobs[SOURCE][digest_of(b"layer")] = b"other"
    with pytest.raises(RequestError, match="The digest is another"):
        registry.promotion().copy(digest)
    assert registry.manifests[TARGET] == {}


def test_a_tag_that_means_another_image_is_not_moved() -> None:
    registry = Registry()
    digest = registry.add_image(b"layer", tag="4f2a9c1")
    registry.tags[TARGET]["4f2a9c1"] = "sha256:other"
    with pytest.raises(RequestError, match="The tag is taken"):
        registry.promotion().copy(digest)


@pytest.mark.parametrize(
    "image",
    [
        f"{HOST}/dev-api:4f2a9c1",
        f"nginx@sha256:{'a' * 64}",
        f"public.ecr.aws/nginx/nginx@sha256:{'a' * 64}",
        f"{HOST}@sha256:{'a' * 64}",
    ],
)
def test_only_images_in_ecr_by_digest_are_promoted(image: str) -> None:
    assert refusal(lambda: image_in_ecr(Registry(), image), ImageDefinitionsError) == (
        f"{image!r} is no image of an ECR repository by digest "
        "(<account>.dkr.ecr.<region>.amazonaws.com/<name>@sha256:<64 hex digits>): nothing else is promoted."
    )


def test_where_an_image_is() -> None:
    registry = Registry()
    found = image_in_ecr(registry, f"{HOST}/team/dev-api@sha256:{'a' * 64}")
    assert found == (Repository(registry, "team/dev-api", "123456789012"), f"sha256:{'a' * 64}")


def arguments(file: Path) -> list[str]:
    given = ["promote", "--region", "ap-northeast-2", "--parameter", "/dev/images/api", "--container", "api"]
    return [*given, "--repository-uri", f"{HOST}/prd-api", "--image-definitions", str(file)]


def test_the_command_writes_what_the_ecs_action_takes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    registry = Registry()
    digest = registry.add_image(b"layer", tag="4f2a9c1")
    registry.parameters["/dev/images/api"] = f"{HOST}/dev-api@{digest}"
    file = tmp_path / "imagedefinitions.json"
    assert delivery.main(arguments(file), account=lambda _region: registry, fetch=registry.fetch) == 0
    assert json.loads(file.read_text()) == [{"name": "api", "imageUri": f"{HOST}/prd-api@{digest}"}]
    assert capsys.readouterr().out.splitlines()[-1] == f"api = {HOST}/prd-api@{digest}"


def test_nothing_is_promoted_that_no_stage_has_verified(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "imagedefinitions.json"
    assert delivery.main(arguments(file), account=lambda _region: Registry()) == 1
    assert capsys.readouterr().out == (
        "error: /dev/images/api does not exist: the other stage has verified no image yet.\n"
    )
    assert not file.exists()
