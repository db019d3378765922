"""The tests that `./run test --quick` chooses, in a repository of its own."""

import subprocess
from pathlib import Path

import pytest

from cli.project.changed_tests import ALWAYS, changed_tests

FILES = (
    "policies/budget/solve.py",
    "policies/budget/table.py",
    "tests/policies/budget/test_solve.py",
    "tests/policies/budget/test_table.py",
    "tests/policies/mutations/bad/storage/stores.yaml",
    "tests/policies/test_mutations.py",
    "docs/settings.md",
    ALWAYS,
)


def git(root: Path, *words: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
    subprocess.run(["git", "-C", str(root), *identity, *words], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1\n")
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "first")
    git(tmp_path, "checkout", "-qb", "work")
    return tmp_path


def write(root: Path, *names: str) -> None:
    for name in names:
        (root / name).write_text("2\n")


def test_committed_and_uncommitted_changes_count(repository: Path) -> None:
    write(repository, "policies/budget/solve.py")
    git(repository, "commit", "-qam", "second")
    write(repository, "policies/budget/table.py", "docs/settings.md", "policies/budget/without_a_test.py")
    assert changed_tests(repository) == [
        ALWAYS,
        "tests/policies/budget/test_solve.py",
        "tests/policies/budget/test_table.py",
    ]


def test_a_table_of_cases_however_deep_has_its_test_and_a_test_is_its_own(repository: Path) -> None:
    write(repository, "tests/policies/mutations/bad/storage/stores.yaml", "tests/policies/budget/test_solve.py")
    assert changed_tests(repository) == [
        ALWAYS,
        "tests/policies/budget/test_solve.py",
        "tests/policies/test_mutations.py",
    ]


def test_a_deleted_test_is_not_chosen(repository: Path) -> None:
    (repository / "tests/policies/budget/test_solve.py").unlink()
    assert changed_tests(repository) == [ALWAYS]
