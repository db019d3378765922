"""A whole delivery of the sample: real git, shell, builder and registry, into the offline AWS."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tools.cli.main import main

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


def test_the_sample_goes_from_its_folder_to_a_running_revision(bench: Bench, sample: Path) -> None:
    before, programs = bench.seen(), children()
    assert before["revision"] == "dev-datalab-api:1"
    assert before["parameter"] is None

    delivered = bench.rehearse(sample, keep=True)

    after = bench.seen()
    digest = after["image"].partition("@")[2]
    assert after == {
        "revision": "dev-datalab-api:3",
        "image": f"{HOST}/dev-datalab-api@{digest}",
        "command": None,  # the image's own; the placeholder had one
        "job": after["image"],
        "parameter": after["image"],
    }
    assert delivered.images == {"datalab-api": after["image"]}
    # The registry's own file: the digest is what its content comes to.
    blobs = delivered.folder / "registry" / "images" / "docker" / "registry" / "v2" / "blobs" / "sha256"
    manifest = (blobs / digest[7:9] / digest.removeprefix("sha256:") / "data").read_bytes()
    assert hashlib.sha256(manifest).hexdigest() == digest.removeprefix("sha256:")
    config = json.loads((blobs / _place(json.loads(manifest)["config"]["digest"])).read_bytes())
    assert (config["architecture"], config["config"]["Cmd"]) == ("arm64", ["node", "server.mjs"])
    assert children() == programs


def _place(digest: str) -> str:
    return f"{digest[7:9]}/{digest.removeprefix('sha256:')}/data"


def test_the_image_holds_the_application_and_no_env_file(bench: Bench, sample: Path, tmp_path: Path) -> None:
    folder = bench.rehearse(sample, keep=True).folder
    names: set[str] = set()
    for blob in (folder / "registry" / "images").rglob("data"):
        listed = subprocess.run(["tar", "-tzf", blob], capture_output=True, text=True, check=False)
        names |= {name.strip("/") for name in listed.stdout.splitlines()}
    assert names >= {"app/server.mjs", "app/package.json"}
    assert not [name for name in names if ".env" in name]


def test_what_the_pipeline_left_is_no_change_for_the_program_and_the_next_delivery_goes_on_from_it(
    bench: Bench, sample: Path
) -> None:
    bench.rehearse(sample)
    outcome = bench.up()
    assert outcome.changes["same"] == sum(outcome.changes.values())
    bench.rehearse(sample)
    assert bench.seen()["revision"] == "dev-datalab-api:4"
    assert "  | dev-datalab-api runs its own command already." in bench.told


def test_every_stage_tells_of_itself(bench: Bench, repository: Path, git: Callable[..., str]) -> None:
    commit = git("-C", repository, "rev-parse", "develop")
    bench.rehearse(repository)
    headings = [line for line in bench.told if not line.startswith(" ")]
    assert re.fullmatch(r"images: (docker|buildah); ECR: docker-registry on 127\.0\.0\.1:\d+", headings[0])
    assert headings[1:] == [
        "Source: git push --mirror into dev-datalab-api, branch develop",
        "Build: CodeBuild dev-datalab-api-build",
        "Deploy: HandOver: CodeBuild dev-datalab-api-verify",
        "Deploy: ECS service dev-datalab-api in dev-item",
        "Deploy: Verify: CodeBuild dev-datalab-api-verify",
        "Check: dev-datalab-api runs dev-datalab-api:3; the registry holds its image",
    ]
    assert f"  commit {commit[:12]} The application" in bench.told
    assert "  dev-datalab-api:2 -> dev-datalab-api:3" in bench.told


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
    code = main(["rehearse", "datalab-api", "--source", str(sample), "--state", str(bench.state)])
    lines = capsys.readouterr().out.splitlines()
    assert code == 0
    assert lines[0] == "offline AWS, nothing deployed: rehearsal of stage dev, service datalab-api"
    assert lines[-2] == f"datalab-api = {bench.seen()['image']}"
    assert re.fullmatch(
        r"rehearsal succeeded: datalab-api runs dev-datalab-api:3; [\d.]+ s \(offline AWS, nothing deployed\)",
        lines[-1],
    )
    assert [path.name for path in bench.state.iterdir()] == ["dev.jsonl"]
