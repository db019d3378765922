"""The versions that decide: of the CLI and of Go, as go.mod requires them and as the programs print them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from offline.engine.errors import EngineError
from offline.rehearse.commands import stream

MODULE = Path(__file__).resolve().parent / "module"
"""The Go module: go.mod names the one version that is built, go.sum locks everything that is fetched for it."""

PACKAGE = "github.com/pulumi/pulumi/pkg/v3"

OLDEST_CLI = "3.260.0"
"""The event stream and the start of a policy pack were seen as this project needs them with 3.260 to 3.274."""

_ANSWER_S = 20.0


def cli_to_build() -> str:
    """The version of the CLI that go.mod requires, as "3.274.1"."""
    return _of_module(rf"^\s*(?:require )?{re.escape(PACKAGE)} v(\S+)")


def go_required() -> str:
    """The oldest Go that go.mod allows, as "1.26.6"."""
    return _of_module(r"^go (\S+)")


def cli_version(program: str | Path, environment: Mapping[str, str]) -> str:
    """What `pulumi version` prints, without its "v". Raises EngineError."""
    asked = {**environment, "PULUMI_SKIP_UPDATE_CHECK": "true"}
    return _ask([str(program), "version"], r"^v?(\d+\.\d+\.\d+\S*)$", asked)


def go_version(program: str | Path, environment: Mapping[str, str]) -> str:
    """What `go version` says of this Go itself, as "1.26.8". Raises EngineError."""
    return _ask([str(program), "version"], r"^go version .*?go(\d+\.\d+\S*)", {**environment, "GOTOOLCHAIN": "local"})


def at_least(found: str, required: str) -> bool:
    """Whether a version is the required one or newer; what follows the numbers (rc1, -alpha.2) does not count."""
    return _numbers(found) >= _numbers(required)


def _numbers(version: str) -> tuple[int, int, int]:
    found = re.match(r"(\d+)\.(\d+)(?:\.(\d+))?", version)
    assert found is not None, version
    first, second, third = map(int, found.groups("0"))
    return first, second, third


def _of_module(pattern: str) -> str:
    found = re.search(pattern, (MODULE / "go.mod").read_text("utf-8"), re.MULTILINE)
    if found is None:
        raise EngineError(f"{MODULE / 'go.mod'} has no line like {pattern!r}: restore the file.")
    return found[1]


def _ask(command: Sequence[str], pattern: str, environment: Mapping[str, str]) -> str:
    asked = " ".join(command)
    try:
        ended = stream(command, report=lambda _line: None, environment=environment, limit_s=_ANSWER_S)
    except OSError as error:
        raise EngineError(f"`{asked}` cannot be started ({error.strerror}): install it anew.") from error
    if ended.timed_out:
        raise EngineError(f"`{asked}` gave no answer within {_ANSWER_S:.0f} s: install it anew.")
    found = re.search(pattern, ended.output, re.MULTILINE)
    if found is None or ended.exit_status:
        said = " ".join(ended.output.split())[:200] or "nothing"
        raise EngineError(
            f"`{asked}` printed no version but {said!r} (exit status {ended.exit_status}): install it anew."
        )
    return found[1]
