"""The registry on loopback, started and stopped for real."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil
import urllib.error
import urllib.request
from base64 import b64encode
from pathlib import Path

import pytest

from offline.rehearse import registry as module
from offline.rehearse.errors import MissingProgramError, RehearsalError
from offline.rehearse.registry import Registry, running_registry

pytestmark = pytest.mark.usefixtures("real_parts")


def put(registry: Registry, path: str, content: bytes, kind: str, *, method: str = "PUT") -> str:
    """One request of a push; the address it answers with."""
    credentials = b64encode(f"AWS:{registry.password}".encode()).decode()
    request = urllib.request.Request(
        path if path.startswith("http") else f"http://{registry.address}/v2/{path}",
        data=content,
        method=method,
        headers={"Content-Type": kind, "Authorization": f"Basic {credentials}"},
    )
    with urllib.request.urlopen(request) as answer:
        return str(answer.headers["Location"])


def pushed(registry: Registry) -> str:
    """An image without layers under dev-api:1, pushed by the registry's API; its digest."""
    config = json.dumps({"architecture": "arm64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": []}}).encode()
    digest = f"sha256:{hashlib.sha256(config).hexdigest()}"
    place = put(registry, "dev-api/blobs/uploads/", b"", "application/octet-stream", method="POST")
    put(registry, f"{place}&digest={digest}", config, "application/octet-stream")
    kind = "application/vnd.docker.distribution.manifest.v2+json"
    described = {"mediaType": "application/vnd.docker.container.image.v1+json", "size": len(config), "digest": digest}
    manifest = json.dumps({"schemaVersion": 2, "mediaType": kind, "config": described, "layers": []}).encode()
    put(registry, "dev-api/manifests/1", manifest, kind)
    return f"sha256:{hashlib.sha256(manifest).hexdigest()}"


def test_digests_are_the_registrys(tmp_path: Path) -> None:
    with running_registry(tmp_path / "registry") as registry:
        digest = pushed(registry)
        assert registry.digest("dev-api", "1") == digest
        assert registry.digest("dev-api", digest) == digest
        assert registry.digest("dev-api", "2") is None
        assert registry.digest("dev-other", "1") is None


def test_nobody_gets_in_without_the_password(tmp_path: Path) -> None:
    with running_registry(tmp_path / "registry") as registry:
        wrong = dataclasses.replace(registry, password="wrong")
        with pytest.raises(RehearsalError, match="answers 401 for dev-api"):
            wrong.digest("dev-api", "1")
        with pytest.raises(urllib.error.HTTPError, match="401"):
            put(wrong, "dev-api/blobs/uploads/", b"", "application/octet-stream", method="POST")


def test_a_registry_that_is_gone_is_told(tmp_path: Path) -> None:
    with running_registry(tmp_path / "registry") as registry:
        pass
    assert registry.process.poll() is not None
    with pytest.raises(RehearsalError, match=rf"on {registry.address} cannot be reached: .*refused"):
        registry.digest("dev-api", "1")


def test_two_run_side_by_side(tmp_path: Path) -> None:
    with running_registry(tmp_path / "a") as first, running_registry(tmp_path / "b") as second:
        assert first.address != second.address


def test_one_that_does_not_start_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "docker-registry"
    program.write_text("#!/bin/sh\necho no space >&2\nexit 1\n")
    program.chmod(0o755)
    found = shutil.which
    monkeypatch.setattr(module.shutil, "which", lambda name: str(program) if name == "docker-registry" else found(name))
    with (
        pytest.raises(RehearsalError, match="docker-registry did not start:\nno space"),
        running_registry(tmp_path / "r"),
    ):
        pass


def test_a_missing_one_is_told_with_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.shutil, "which", lambda name: None)
    with pytest.raises(MissingProgramError) as failure, running_registry(tmp_path / "registry"):
        pass
    assert str(failure.value) == "docker-registry is missing: it stands for ECR. Debian: apt install docker-registry"
    assert failure.value.package == "docker-registry"
