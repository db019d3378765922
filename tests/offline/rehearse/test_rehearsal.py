"""A whole delivery of the sample: real git, shell, builder and registry, into the offline AWS."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cli.main import main
from offline.rehearse.rehearsal import Delivered

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("real_parts")]
Bench = Any
HOST = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com"


def children() -> set[str]:
    """Programs of a rehearsal that still run, as /proc shows their command lines."""
    found: set[str] = set()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
            parent = path.with_name("stat").read_text().rsplit(")", 1)[1].split()[1]
        except OSError:
            continue
        if parent == str(os.getpid()) and words[0]:
            found.add(words[0].decode())
    return found


@dataclass(frozen=True, kw_only=True)
class Rehearsed:
    """A rehearsal of the sample that several tests look at."""

    bench: Bench
    before: dict[str, Any]
    after: dict[str, Any]
    delivered: Delivered
    left_running: set[str]

    @property
    def digest(self) -> str:
        return str(self.after["image"]).partition("@")[2]

    def blob(self, digest: str) -> bytes:
        """The registry's own file of something it holds."""
        blobs = self.delivered.folder / "registry" / "images" / "docker" / "registry" / "v2" / "blobs" / "sha256"
        return (blobs / digest[7:9] / digest.removeprefix("sha256:") / "data").read_bytes()


@pytest.fixture(scope="module")
def rehearsed(
    real_parts: None, new_bench: Callable[[Path], Bench], sample: Path, tmp_path_factory: pytest.TempPathFactory
) -> Rehearsed:
    bench = new_bench(tmp_path_factory.mktemp("rehearsed"))
    before, programs = bench.seen(), children()
    delivered = bench.rehearse(sample, keep=True)
    return Rehearsed(
        bench=bench, before=before, after=bench.seen(), delivered=delivered, left_running=children() - programs
    )


def test_the_sample_goes_from_its_folder_to_a_running_revision(rehearsed: Rehearsed) -> None:
    assert rehearsed.before["revision"] == "dev-datalab-api:1"
    assert rehearsed.before["parameter"] is None
    image = f"{HOST}/dev-datalab-api@{rehearsed.digest}"
    assert rehearsed.after == {
        "revision": "dev-datalab-api:3",
        "image": image,
        "command": None,  # the image's own; the placeholder had one
        "job": image,
        "parameter": image,
    }
    assert rehearsed.delivered.images == {"datalab-api": image}
    assert rehearsed.left_running == set()


def test_the_registry_holds_the_image_under_its_digest(rehearsed: Rehearsed) -> None:
    manifest = rehearsed.blob(rehearsed.digest)
    assert f"sha256:{hashlib.sha256(manifest).hexdigest()}" == rehearsed.digest
    config = json.loads(rehearsed.blob(json.loads(manifest)["config"]["digest"]))
    assert (config["architecture"], config["config"]["Cmd"]) == ("arm64", ["node", "server.mjs"])


def test_the_image_holds_the_application_and_no_env_file(rehearsed: Rehearsed) -> None:
    names: set[str] = set()
    for layer in json.loads(rehearsed.blob(rehearsed.digest))["layers"]:
        with tarfile.open(fileobj=io.BytesIO(rehearsed.blob(layer["digest"]))) as archive:
            names |= {name for name in archive.getnames() if archive.getmember(name).isfile()}
    assert names == {"app/package.json", "app/server.mjs"}


def test_every_stage_tells_of_itself(rehearsed: Rehearsed) -> None:
    told = rehearsed.bench.told
    headings = [line for line in told if not line.startswith(" ")]
    assert re.fullmatch(r"images: (docker|buildah); ECR: docker-registry on 127\.0\.0\.1:\d+", headings[0])
    assert headings[1:] == [
        "Source: git push --mirror into dev-datalab-api, branch develop",
        "Build: CodeBuild dev-datalab-api-build",
        "Deploy: HandOver: CodeBuild dev-verify",
        "Deploy: ECS service dev-datalab-api in dev-item",
        "Deploy: Verify: CodeBuild dev-verify",
        "Check: dev-datalab-api runs dev-datalab-api:3; the registry holds its image",
    ]
    assert "  no git repository: its files as they are make one commit" in told
    assert "  dev-datalab-api:2 -> dev-datalab-api:3" in told


def test_what_the_pipeline_left_is_no_change_for_the_program_and_the_next_delivery_goes_on_from_it(
    bench: Bench, sample: Path
) -> None:
    bench.rehearse(sample)
    outcome = bench.up()
    assert outcome.changes["same"] == sum(outcome.changes.values())
    bench.rehearse(sample)
    assert bench.seen()["revision"] == "dev-datalab-api:4"
    assert "  | dev-datalab-api runs its own command already." in bench.told


def test_an_env_file_is_given_to_a_source_without_one(bench: Bench, repository: Path, tmp_path: Path, git: Any) -> None:
    git("-C", repository, "switch", "--quiet", "develop")
    git("-C", repository, "rm", "--quiet", ".env.development")
    git("-C", repository, "commit", "--quiet", "-m", "No env file")
    (tmp_path / "preset").write_text("LOG_LEVEL=info\n")
    delivered = bench.rehearse(repository, env_file=tmp_path / "preset", keep=True)
    copied = delivered.folder / "sources" / "Build-Build" / ".env.development"
    assert copied.read_text() == "LOG_LEVEL=info\n"


def test_the_command_leaves_nothing_but_the_record(
    bench: Bench, sample: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (bench.state / "dev.rehearsal" / "programs").mkdir(parents=True)  # of one that was killed
    code = main(["rehearse", "datalab-api", "-s", "dev", "--source", str(sample), "--state", str(bench.state)])
    lines = capsys.readouterr().out.splitlines()
    assert code == 0
    assert lines[0] == "offline AWS, nothing deployed: rehearsal of stage dev, service datalab-api"
    assert sorted(path.name for path in bench.state.iterdir()) == ["dev.jsonl", "dev.key"]
    assert lines[-2] == f"datalab-api = {bench.seen()['image']}"
    assert re.fullmatch(
        r"rehearsal succeeded: datalab-api runs dev-datalab-api:3; [\d.]+ s \(offline AWS, nothing deployed\)",
        lines[-1],
    )
