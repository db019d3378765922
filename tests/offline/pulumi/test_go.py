"""Go is found or refused with what to do, builds from the lock alone, and each way to fail is a sentence."""

from pathlib import Path

import pytest

from offline.engine.errors import EngineError
from offline.pulumi.go import find_go, go_build, is_package
from offline.pulumi.versions import MODULE, cli_to_build, go_required
from tests.offline.pulumi.fake_go import FakeGo
from tests.refusals import refusal


def built(go: FakeGo, tmp_path: Path, **environment: str) -> list[str]:
    told: list[str] = []
    go_build(
        find_go(go.environment),
        output=tmp_path / "pulumi",
        temporary=tmp_path,
        environment={**go.environment, **environment},
        report=told.append,
        inherit=(),
    )
    return told


def test_a_missing_go_says_which_to_install(tmp_path: Path) -> None:
    assert refusal(lambda: find_go({"PATH": str(tmp_path)}), EngineError) == (
        f"Go is missing: it builds the real engine. Install {go_required()} or newer: "
        "https://go.dev/doc/install, then go on PATH."
    )


def test_an_old_go_is_refused_with_both_versions(go: FakeGo) -> None:
    go.does("", version="1.19.8")
    assert f"{go.folder}/go is 1.19.8, required is {go_required()} or newer" in refusal(
        lambda: find_go(go.environment), EngineError
    )


def test_it_builds_from_the_lock_with_the_machines_own_go(go: FakeGo, tmp_path: Path) -> None:
    told = built(go, tmp_path, GOOS="plan9", GOWORK="/elsewhere/go.work", GOTOOLCHAIN="go1.1")
    assert told == ["go: downloading example.com/a v1.0.0", "go: downloading example.com/b v1.0.0", "example.com/a/b-c"]
    flags = f"-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version={cli_to_build()}"
    assert go.called == [
        f"build -v -mod=readonly -buildvcs=false -ldflags {flags} -o {tmp_path}/pulumi "
        f"github.com/pulumi/pulumi/pkg/v3/cmd/pulumi | local off  | {MODULE}"
    ]


@pytest.mark.parametrize(
    ("line", "package"),
    [
        ("internal/goarch", True),
        ("fmt", True),
        ("github.com/pulumi/pulumi/pkg/v3/cmd/pulumi", True),
        ("gopkg.in/yaml.v3", True),
        ("go: downloading example.com/a v1.0.0", False),
        ("# runtime/cgo", False),
        ("", False),
    ],
)
def test_packages_are_told_from_other_lines(line: str, package: bool) -> None:
    assert is_package(line) is package


AGAIN = "; then run ./run engine again, it goes on from Go's cache."


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (
            "runtime/cgo\n# example.com/a\nlink: mapping output file failed: no space left on device",
            "The disk is full: link: mapping output file failed: no space left on device. Make room for about 4 GB "
            f"(the build and Go's caches: go env GOCACHE GOMODCACHE){AGAIN}",
        ),
        (
            'go: downloading a.example/b v1.0.0\na.example/b@v1.0.0: Get "http://p.example/b.zip": dial tcp: no such host',
            'Go\'s modules cannot be fetched: a.example/b@v1.0.0: Get "http://p.example/b.zip": dial tcp: no such host. '
            f"Check the network and the module proxy (go env GOPROXY){AGAIN}",
        ),
        (
            "go: a.example/b@v1.0.0: reading http://p.example/b.zip: 403 Forbidden",
            "Go's modules cannot be fetched: go: a.example/b@v1.0.0: reading http://p.example/b.zip: 403 Forbidden. "
            f"Check the network and the module proxy (go env GOPROXY){AGAIN}",
        ),
        (
            "module lookup disabled by GOPROXY=off",
            "Go's modules cannot be fetched: module lookup disabled by GOPROXY=off. "
            f"Check the network and the module proxy (go env GOPROXY){AGAIN}",
        ),
        (
            "verifying a.example/b@v1.0.0: checksum mismatch\n\tdownloaded: h1:x\n\nSECURITY ERROR",
            "What was fetched is not what go.sum locks: verifying a.example/b@v1.0.0: checksum mismatch. "
            f"Try go clean -modcache; if it stays, do not trust the module proxy{AGAIN}",
        ),
        (
            "# a.example/b\n/go/compile: signal: killed",
            "The memory was not enough for the build: /go/compile: signal: killed. Close other programs, or compile one "
            f"package at a time: GOFLAGS=-p=1{AGAIN}",
        ),
        (
            "fmt\n# a.example/b\nb.go:1:2: undefined: c",
            "go build failed with exit status 1 and said:\n    b.go:1:2: undefined: c",
        ),
        ("fmt", "go build failed with exit status 1 and said: nothing"),
    ],
)
def test_a_failed_build_is_reported_in_a_sentence(go: FakeGo, tmp_path: Path, said: str, message: str) -> None:
    (tmp_path / "said").write_text(said + "\n")
    go.does(f"cat {tmp_path / 'said'} >&2; exit 1")
    assert refusal(lambda: built(go, tmp_path), EngineError) == message
