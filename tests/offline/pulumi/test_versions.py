"""Versions are read from go.mod and from what programs print, and compared by their numbers."""

import re

import pytest

from offline.engine.errors import EngineError
from offline.pulumi import versions
from tests.offline.pulumi.fake_go import FakeGo


def test_go_mod_names_one_version_of_the_cli_and_the_sdk() -> None:
    text = (versions.MODULE / "go.mod").read_text("utf-8")
    assert re.findall(r"github\.com/pulumi/pulumi/(?:pkg|sdk)/v3 v(\S+)", text) == [versions.cli_to_build()] * 2
    assert versions.at_least(versions.cli_to_build(), versions.OLDEST_CLI)
    assert re.fullmatch(r"1\.\d+\.\d+", versions.go_required())
    lock = (versions.MODULE / "go.sum").read_text("utf-8")
    assert f"github.com/pulumi/pulumi/pkg/v3 v{versions.cli_to_build()} h1:" in lock


@pytest.mark.parametrize(
    ("found", "required", "enough"),
    [
        ("3.260.0", "3.260.0", True),
        ("3.259.9", "3.260.0", False),
        ("3.1000.0", "3.260.0", True),
        ("4.0.0", "3.260.0", True),
        ("3.260.0-alpha.1+dirty", "3.260.0", True),
        ("1.27rc1", "1.26.6", True),
        ("1.19", "1.26.6", False),
        ("1.26.5", "1.26.6", False),
    ],
)
def test_versions_are_compared_by_their_numbers(found: str, required: str, enough: bool) -> None:
    assert versions.at_least(found, required) is enough


@pytest.mark.parametrize(
    ("script", "version"),
    [
        ("echo v3.260.0", "3.260.0"),
        ("echo 3.274.1", "3.274.1"),
        ("echo v3.275.0-alpha.1+dirty", "3.275.0-alpha.1+dirty"),
        ("echo 'warning: version 3.1.0 is out of date' >&2; echo v3.260.0", "3.260.0"),
        ('echo "v3.300.0-$PULUMI_SKIP_UPDATE_CHECK"', "3.300.0-true"),
    ],
)
def test_the_cli_is_asked_for_its_version(go: FakeGo, script: str, version: str) -> None:
    assert versions.cli_version(go.program("pulumi", script), go.environment) == version


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("echo hello", "`{}` printed no version but 'hello' (exit status 0): install it anew."),
        ("exit 3", "`{}` printed no version but 'nothing' (exit status 3): install it anew."),
        ("echo v3.260.0; exit 1", "`{}` printed no version but 'v3.260.0' (exit status 1): install it anew."),
        ("PATH=/usr/bin:/bin; sleep 1000", "`{}` gave no answer within 0 s: install it anew."),
    ],
)
def test_a_program_without_a_version_is_named(
    go: FakeGo, monkeypatch: pytest.MonkeyPatch, script: str, message: str
) -> None:
    if "sleep" in script:
        monkeypatch.setattr(versions, "_ANSWER_S", 0.2)
    program = go.program("pulumi", script)
    with pytest.raises(EngineError) as refused:
        versions.cli_version(program, go.environment)
    assert str(refused.value) == message.format(f"{program} version")


def test_a_program_that_cannot_be_started_is_named(go: FakeGo) -> None:
    program = go.folder / "pulumi"
    program.write_bytes(b"\x7fELF of another machine")
    program.chmod(0o755)
    with pytest.raises(EngineError, match=r"version` cannot be started \(Exec format error\): install it anew\.$"):
        versions.cli_version(program, go.environment)


@pytest.mark.parametrize(
    ("printed", "version"),
    [
        ("go version go1.26.8 linux/amd64", "1.26.8"),
        ("go version go1.19 linux/amd64", "1.19"),
        ("go version go1.27rc1 darwin/arm64", "1.27rc1"),
        ("go version devel go1.28-3f2a1b linux/amd64", "1.28-3f2a1b"),
    ],
)
def test_go_is_asked_for_its_own_version(go: FakeGo, printed: str, version: str) -> None:
    assert versions.go_version(go.program("go", f'[ "$GOTOOLCHAIN" = local ] && echo "{printed}"'), {}) == version
