"""The pack by itself: its lock file holds what it imports, at the versions that this project tests it with."""

import ast
import re
import sys
from pathlib import Path

PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^ \\]+)", re.MULTILINE)
DISTRIBUTIONS = {"google": "protobuf", "pulumi": "pulumi", "pulumi_policy": "pulumi-policy", "yaml": "pyyaml"}


def pins(lock: Path) -> dict[str, str]:
    """Distribution to version."""
    return {name.lower(): version for name, version in PIN.findall(lock.read_text("utf-8"))}


def test_its_pins_are_those_of_the_project(project_root: Path) -> None:
    own, ours = pins(project_root / "policies/requirements.txt"), pins(project_root / "requirements.txt")
    assert {name: ours.get(name) for name in own} == own


def test_its_lock_holds_what_it_imports(project_root: Path) -> None:
    imported = {
        name.partition(".")[0]
        for path in (project_root / "policies").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom) and node.level == 0
            else []
        )
    }
    foreign = imported - set(sys.stdlib_module_names) - {"policies"}
    assert foreign == DISTRIBUTIONS.keys()
    assert {DISTRIBUTIONS[name] for name in foreign} <= pins(project_root / "policies/requirements.txt").keys()


def test_every_pin_has_hashes_and_no_host(project_root: Path) -> None:
    text = (project_root / "policies/requirements.txt").read_text("utf-8")
    assert "://" not in text
    assert text.count("--hash=sha256:") >= len(pins(project_root / "policies/requirements.txt"))
