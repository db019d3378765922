"""The house's rules, read from the source: who imports whom, what is pure, how a file begins and how long it may be."""

import ast
import graphlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("cli", "components", "delivery", "gate", "offline", "policies", "settings", "bench", "tests")
PRODUCT = ("components", "delivery", "gate", "policies", "settings")
LONGEST_FILE = 300
MOST_MODULES = 20


def git_files(*patterns: str) -> list[Path]:
    """The project's files, new ones included, ignored ones not."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [path for line in listed.splitlines() if (path := ROOT / line).is_file()]


def sources(*folders: str) -> list[Path]:
    found = (path for folder in folders for path in sorted((ROOT / folder).rglob("*.py")))
    return [path for path in found if "node_modules" not in path.parts]


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
    [
        ("components/calc", "components.calc"),
        ("policies/budget", "policies.budget"),
        ("policies/credentials", "policies.credentials"),
    ],
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


@pytest.mark.parametrize("room", PRODUCT)
def test_the_product_imports_nothing_that_is_for_offline_use(room: str) -> None:
    """Neither the commands nor what stands in for Pulumi's CLI and for AWS: both can be deleted."""
    found = [
        f"{relative(path)} imports {module}"
        for path in sources(room)
        for module in imports(path)
        if under(module, "cli", "offline", "bench", "tests")
    ]
    assert found == []


@pytest.mark.parametrize("room", ["offline", "bench"])
def test_only_the_commands_import_the_commands(room: str) -> None:
    found = [f"{relative(path)} imports {module}" for path in sources(room) for module in imports(path)]
    assert [line for line in found if under(line.rpartition(" ")[2], "cli", "tests")] == []


def test_the_gate_stands_alone() -> None:
    """It reads the events of any engine: the budget's arithmetic, what is lost and the readers of JSON and URNs are the pack's, and
    GitLab has its own client."""
    shared = tuple(f"policies.resources.{name}" for name in ("contents", "json_text", "tokens", "urns"))
    allowed = ("gate", "gitlab", "policies.budget", "pydantic", *shared)
    found = [
        f"{relative(path)} imports {module}"
        for path in sources("gate")
        for module in imports(path)
        if module.split(".")[0] not in sys.stdlib_module_names and not under(module, *allowed)
    ]
    assert found == []


def test_components_import_of_policies_only_the_budget() -> None:
    found = [
        f"{relative(path)} imports {module}"
        for path in [*sources("components"), ROOT / "__main__.py"]
        for module in imports(path)
        if under(module, "cli", "offline", "bench", "delivery", "gate", "tests")
        or (under(module, "policies") and not under(module, "policies.budget"))
    ]
    assert found == []


def test_the_files_of_a_stage_are_read_without_the_sdk() -> None:
    """Commands read them before anything heavy is loaded, and the package above them imports nothing."""
    names = ("files/__init__", "files/errors", "files/stack_config", "files/yaml_file", "files/passphrase", "__init__")
    found = [module for name in names for module in imports(ROOT / f"settings/{name}.py")]
    assert [module for module in found if under(module, "pulumi", "pydantic", "settings.reader")] == []


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


def test_the_program_runs_without_the_commands() -> None:
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


def test_the_imports_of_the_offline_aws_run_one_way() -> None:
    """From what is common up to what is served: no circle, whether a module imports at its head or in a function."""
    room = ROOT / "offline/aws"
    graph = {
        module_name(path, ROOT): {
            module
            for module in imports(path)
            if under(module, "offline.aws") and ROOT.joinpath(*module.split(".")).with_suffix(".py").is_file()
        }
        for path in sources("offline/aws")
    }
    tuple(graphlib.TopologicalSorter(graph).static_order())  # raises CycleError, which names the circle
    services = sorted({path.parent.name for path in room.glob("*/*.py")} - {"moto"})
    floors = [
        ["api", "diff", "handler", "planned", "zones", "shapes", "tagging", "mapping", "types"],
        ["moto"],
        ["account"],
        [*services, "invokes"],
        ["provider"],
    ]
    floor_of = {f"offline.aws.{name}": number for number, names in enumerate(floors) for name in names}

    def floor(module: str) -> int:
        return floor_of.get(".".join(module.split(".")[:3]), len(floors))

    # Handlers know an account by its interface alone, and moto not at all.
    wrong = [
        f"{user} imports {used}"
        for user in graph
        for used in graph[user]
        if floor(used) > floor(user) or (floor(user) == 3 and floor(used) in (1, 2))
    ]
    assert wrong == []


@pytest.mark.parametrize("room", ROOMS)
def test_every_file_says_first_what_it_does(room: str) -> None:
    silent = [relative(path) for path in sources(room) if not path.read_text("utf-8").startswith('"""')]
    assert silent == []


def test_no_file_is_longer_than_a_room() -> None:
    files = git_files("*.py", "run", ".ci/run", ".gitlab-ci.yml", "Pulumi*.yaml")
    lengths = {relative(path): len(path.read_text("utf-8").splitlines()) for path in files}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


@pytest.mark.parametrize("room", ["cli", "components", "delivery", "gate", "policies", "settings"])
def test_no_folder_is_a_crowd(room: str) -> None:
    folders = {path.parent for path in sources(room)}
    modules = {relative(folder): len(list(folder.glob("*.py"))) for folder in folders}
    modules.pop("cli/commands", None)  # a list, with a file for each command, that nobody has to find their way in
    assert {name: count for name, count in modules.items() if count > MOST_MODULES} == {}


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
