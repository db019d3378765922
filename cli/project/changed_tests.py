"""Which tests are about what differs from the main branch: tests mirror the tree, file by file."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

ALWAYS = "tests/test_architecture.py"
_MAIN = ("origin/main", "main")


def changed_tests(root: Path) -> list[str]:
    """Test files, relative to `root`, the architecture's first.

    Files that were committed since the branch left the main one count, and those that are not committed. Raises OSError
    where git cannot be run.
    """
    base = next((found for name in _MAIN if (found := _git(root, "merge-base", "HEAD", name))), "HEAD")
    changed = [
        *_git(root, "diff", "--name-only", base).splitlines(),
        *_git(root, "ls-files", "--others", "--exclude-standard").splitlines(),
    ]
    return [ALWAYS, *sorted(set(tests_of(root, changed)) - {ALWAYS})]


def tests_of(root: Path, changed: Iterable[str]) -> Iterable[str]:
    """The test files about these files: themselves, `test_<name>.py` at the mirrored place, or the reader of a table."""
    for name in changed:
        path = PurePosixPath(name)
        if path.parts[0] == "tests":
            candidates = [path] if path.name.startswith("test_") else sorted(_beside(root, path))
        else:
            mirrored = PurePosixPath("tests") / path.parent
            candidates = [mirrored / f"test_{path.stem}.py"]
        yield from (str(each) for each in candidates if each.suffix == ".py" and (root / each).is_file())


def _beside(root: Path, path: PurePosixPath) -> Iterable[PurePosixPath]:
    """The test that a table of cases below a folder is read by: `tests/policies/mutations/bad/x.yaml`, `test_mutations.py`."""
    tests = (folder.parent / f"test_{folder.name}.py" for folder in path.parents if folder.name)
    return [test for test in tests if path.suffix in (".yaml", ".json") and (root / test).is_file()]


def _git(root: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""
