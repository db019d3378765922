"""The house's rules, read from the source: who imports whom, what is pure, how a file begins and how long it may be."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("cli", "components", "delivery", "offline", "policies", "settings", "bench", "tests")
LONGEST_FILE = 300


def git_files(*patterns: str) -> list[Path]:
    """The project's files, new ones included, ignored ones not."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [path for line in listed.splitlines() if (path := ROOT / line).is_file()]


def sources(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def module_name(path: Path, root: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path, root: Path = ROOT) -> Iterator[str]:
    """Every module a file imports, at any depth of it; relative imports resolved against `root`."""
    package = (
        module_name(path, root).split(".") if path.name == "__init__.py" else module_name(path, root).split(".")[:-1]
    )
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def under(module: str, *packages: str) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def test_imports_are_read_as_python_reads_them(tmp_path: Path) -> None:
    package = tmp_path / "a" / "b"
    package.mkdir(parents=True)
    (package / "c.py").write_text(
        "import os.path\nfrom . import d\nfrom ..e import f\ndef g():\n    from tools import h\n"
    )
    assert list(imports(package / "c.py", tmp_path)) == ["os.path", "a.b", "a.b.d", "a.e", "a.e.f", "tools", "tools.h"]


@pytest.mark.parametrize(
    ("folder", "own"),
    [("components/calc", "components.calc"), ("policies/budget", "policies.budget")],
)
def test_calculations_are_pure(folder: str, own: str) -> None:
    """Pure: the standard library without files, network and processes, and the package itself."""
    impure = {"asyncio", "ctypes", "http", "io", "multiprocessing", "os", "pathlib", "random", "shutil", "signal"}
    impure |= {"socket", "sqlite3", "ssl", "subprocess", "tempfile", "threading", "time", "urllib"}
    found = [
        f"{relative(path)} imports {module}"
        for path in sources(folder)
        for module in imports(path)
        if not under(module, own) and (module.split(".")[0] not in sys.stdlib_module_names or under(module, *impure))
    ]
    assert found == []


def test_components_import_nothing_of_tools_and_of_policies_only_the_budget() -> None:
    found = [
        f"{relative(path)} imports {module}"
        for path in [*sources("components"), ROOT / "__main__.py"]
        for module in imports(path)
        if under(module, "cli", "offline", "bench", "delivery", "tests")
        or (under(module, "policies") and not under(module, "policies.budget"))
    ]
    assert found == []


def test_the_policy_pack_stands_alone() -> None:
    """Its only packages are the SDK's and its own, under one name: it is published as a folder."""
    # PyYAML comes with the SDK, which requires it.
    allowed = ("pulumi", "pulumi_policy", "google.protobuf", "yaml", "policies")
    found = [
        f"{relative(path)} imports {module}"
        for path in sources("policies")
        for module in imports(path)
        if module.split(".")[0] not in sys.stdlib_module_names and not under(module, *allowed)
    ]
    assert found == []


def test_the_policy_pack_has_one_import_name() -> None:
    """Its folder stands on the path of its own process: a second name would make a second module of each file."""
    rooms = {path.stem for path in (ROOT / "policies").iterdir() if path.is_dir()} | {"pack"}
    found = [
        f"{relative(path)} imports {module}"
        for path in sources(*ROOMS)
        for module in imports(path)
        if under(module, *(rooms - {"__pycache__"})) and not (ROOT / module.split(".")[0]).exists()
    ]
    assert found == []


FLOORS = ("budget", "resources", "facts", "rules", "serving")


@pytest.mark.parametrize("room", FLOORS)
def test_the_policy_packs_imports_run_one_way(room: str) -> None:
    """resources < facts < rules < serving; the budget's arithmetic by itself, for everybody."""
    below = {"policies.budget", *(f"policies.{floor}" for floor in FLOORS[: FLOORS.index(room) + 1])}
    below -= {"policies.budget"} if room == "resources" else set()
    found = [
        f"{relative(path)} imports {module}"
        for path in sources(f"policies/{room}")
        for module in imports(path)
        # `from policies import rules` names the package beside what is taken from it.
        if under(module, "policies") and module != "policies" and not under(module, *below)
    ]
    assert found == []


def test_no_folder_of_the_policy_pack_has_more_than_twenty_modules() -> None:
    folders = {path.parent for path in sources("policies")}
    counts = {relative(folder): len(list(folder.glob("*.py"))) for folder in folders}
    assert {name: count for name, count in counts.items() if count > 21} == {}  # __init__.py is no module of its own


def test_the_delivery_stands_alone() -> None:
    """It is shipped to the pipeline as a folder: the standard library, boto3 and itself."""
    found = [
        f"{relative(path)} imports {module}"
        for path in sources("delivery")
        for module in imports(path)
        if module.split(".")[0] not in sys.stdlib_module_names and not under(module, "boto3", "botocore", "delivery")
    ]
    assert found == []


def test_no_module_of_the_pack_hides_one_of_the_standard_library() -> None:
    """The pack's folder stands first on its sys.path."""
    names = {path.stem for path in (ROOT / "policies").iterdir()} - {"__main__", "__pycache__"}
    assert names & sys.stdlib_module_names == set()


def test_the_program_runs_without_tools() -> None:
    """Everything that `pulumi up` imports, followed from __main__.py: nothing of cli/ and offline/ is reached."""
    seen: set[Path] = set()
    waiting = [ROOT / "__main__.py"]
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        for module in imports(path):
            place = ROOT.joinpath(*module.split("."))
            waiting += [file for file in (place.with_suffix(".py"), place / "__init__.py") if file.is_file()]
            waiting += [file for parent in place.parents if (file := parent / "__init__.py").is_file()]
    reached = {relative(path) for path in seen}
    assert "components/platform.py" in reached
    assert {path for path in reached if path.startswith(("cli/", "offline/", "bench/", "tests/"))} == set()


@pytest.mark.parametrize("room", ROOMS)
def test_every_file_says_first_what_it_does(room: str) -> None:
    silent = [relative(path) for path in sources(room) if not path.read_text("utf-8").startswith('"""')]
    assert silent == []


def test_no_file_is_longer_than_a_room() -> None:
    files = git_files("*.py", "run", ".ci/run", ".gitlab-ci.yml", "Pulumi*.yaml")
    lengths = {relative(path): len(path.read_text("utf-8").splitlines()) for path in files}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_the_tests_mirror_the_tree() -> None:
    """tests/offline/engine/test_urn.py is about offline/engine: the folder exists outside tests/ too."""
    # Storms put the budget to the test on a real server.
    places = {
        "storms": "policies/budget",
        "platform": ".",
        # A real Nginx and a real browser in front of what components/api_docs.py configures.
        "docs_site": "components",
    }
    lost: list[str] = []
    for path in sources("tests"):
        folder = path.parent.relative_to(ROOT / "tests").as_posix()
        if path.stem.startswith("test_") and not (ROOT / places.get(folder, folder)).is_dir():
            lost.append(relative(path))
    assert lost == []


def test_test_folders_are_no_packages() -> None:
    """pytest imports by path; an __init__.py would let two folders of one name collide with the code's packages."""
    assert [relative(path) for path in sources("tests") if path.name == "__init__.py"] == []


def test_no_path_of_a_machine_and_no_registry_host_is_written_down() -> None:
    pattern = re.compile(
        r"(?:^|[^\w.$-])/(?:work|farm|root|home)/[A-Za-z.]"
        r"|proxy\.golang\.org|registry\.npmjs\.org|files\.pythonhosted\.org|pypi\.org/simple|deb\.debian\.org"
    )
    found = [
        f"{relative(path)}:{number}"
        for path in git_files()
        if path != Path(__file__)
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), start=1)
        if pattern.search(line)
    ]
    assert found == []
