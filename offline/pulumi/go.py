"""Go on this machine: found and new enough, started so that it fetches exactly what go.sum locks, its failures reported."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from offline.engine.errors import EngineError
from offline.pulumi.versions import MODULE, PACKAGE, at_least, cli_to_build, go_required, go_version
from offline.rehearse.commands import stream

FETCHING = "go: downloading "
"""How Go begins a line when it fetches a module."""

GET_GO = "https://go.dev/doc/install, then go on PATH"
_PACKAGE_LINE = re.compile(r"[\w.~+-]+(?:/[\w.~+-]+)*")
_LINES_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Go:
    """A Go that is new enough."""

    path: str
    version: str


def find_go(environment: Mapping[str, str]) -> Go:
    """The Go on PATH. Raises EngineError where there is none or it is too old."""
    required = go_required()
    path = shutil.which("go", path=environment.get("PATH", ""))
    if path is None:
        raise EngineError(f"Go is missing: it builds the real engine. Install {required} or newer: {GET_GO}.")
    version = go_version(path, environment)
    if not at_least(version, required):
        raise EngineError(
            f"Go is too old to build the real engine: {path} is {version}, required is {required} or newer: {GET_GO}."
        )
    return Go(path=path, version=version)


def is_package(line: str) -> bool:
    """Whether a line of `go build -v` names a package that is built."""
    return _PACKAGE_LINE.fullmatch(line) is not None


def go_build(
    go: Go,
    *,
    output: Path,
    temporary: Path,
    environment: Mapping[str, str],
    report: Callable[[str], None],
    inherit: Sequence[int],
) -> None:
    """Build the CLI; each line that Go prints goes to `report`. Raises EngineError.

    `temporary` takes what Go writes besides its caches; the file descriptors `inherit` stay open as long as Go runs.
    """
    kept = {name: value for name, value in environment.items() if name not in ("GOOS", "GOARCH")}
    linked = f"-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version={cli_to_build()}"
    ended = stream(
        [
            *(go.path, "build", "-v", "-mod=readonly", "-buildvcs=false"),
            *("-ldflags", linked, "-o", str(output), f"{PACKAGE}/cmd/pulumi"),
        ],
        report=report,
        # local: another Go than the machine's own would be fetched past go.sum.
        environment={**kept, "GOTOOLCHAIN": "local", "GOWORK": "off", "GOTMPDIR": str(temporary)},
        folder=MODULE,
        inherit=inherit,
    )
    if ended.exit_status:
        raise EngineError(_failure(ended.output, ended.exit_status))


_CAUSES = (
    (
        r"no space left on device|disk quota exceeded",
        "The disk is full: {line}. Make room for about 4 GB (the build and Go's caches: go env GOCACHE GOMODCACHE)",
    ),
    (
        r"checksum mismatch|SECURITY ERROR",
        "What was fetched is not what go.sum locks: {line}. Try go clean -modcache; if it stays, do not trust the module proxy",
    ),
    (
        r"signal: killed|cannot allocate memory|out of memory",
        "The memory was not enough for the build: {line}. Close other programs, or compile one package at a time: GOFLAGS=-p=1",
    ),
    (
        r"dial tcp|proxyconnect|no such host|i/o timeout|TLS handshake|x509:|connection re(?:fused|set)|unexpected EOF"
        r"|: \d{3} [A-Z][a-z]+|GOPROXY|unrecognized import path|terminal prompts disabled",
        "Go's modules cannot be fetched: {line}. Check the network and the module proxy (go env GOPROXY)",
    ),
)


def _failure(output: str, exit_status: int) -> str:
    """A failed build in a sentence: the line that decides, and what to try."""
    lines = [line.strip() for line in output.splitlines()]
    lines = [line for line in lines if line and not line.startswith((FETCHING, "# ")) and not is_package(line)]
    again = "; then run ./run engine again, it goes on from Go's cache."
    for pattern, sentence in _CAUSES:
        for line in lines:
            if re.search(pattern, line):
                return sentence.format(line=line.rstrip(".")) + again
    shown = "".join(f"\n    {line}" for line in lines[:_LINES_SHOWN]) or " nothing"
    return f"go build failed with exit status {exit_status} and said:{shown}"
