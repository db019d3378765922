"""What runs, asked of the CLI: its export as it is, and why there is none in half a sentence."""

import os
from pathlib import Path

import pytest

from policies.resources.exported import ExportError, export_of


def cli(folder: Path, script: str) -> dict[str, str]:
    """An environment with a CLI of that script on PATH."""
    program = folder / "pulumi"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", "STATE": "mine"}


def test_it_is_asked_for_the_stack_with_what_the_user_has_set(tmp_path: Path) -> None:
    environment = cli(tmp_path, 'echo "$STATE $*"')
    assert export_of("organization/shop/dev", environment) == (
        b"mine stack export --stack organization/shop/dev --non-interactive\n"
    )


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("echo first >&2; echo 'error: no stack named dev' >&2; exit 255", "failed: error: no stack named dev"),
        ("exit 1", "failed: it said nothing"),
    ],
)
def test_what_it_says_is_why_there_is_none(tmp_path: Path, script: str, why: str) -> None:
    with pytest.raises(ExportError, match=why):
        export_of("organization/shop/dev", cli(tmp_path, script))


def test_without_a_cli_there_is_nobody_to_ask() -> None:
    with pytest.raises(ExportError, match="there is no pulumi on PATH to ask"):
        export_of("organization/shop/dev", {"PATH": ""})
