"""The command line: what is listed, what is refused, what reaches an operation."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from cli import main
from cli.stages import operation


@pytest.fixture
def operations(monkeypatch: pytest.MonkeyPatch) -> list[operation.Operation]:
    asked: list[operation.Operation] = []

    def operate(asked_for: operation.Operation) -> int:
        asked.append(asked_for)
        return 0

    monkeypatch.setattr(operation, "operate", operate)
    return asked


def test_alone_it_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main([]) == 0
    listed = capsys.readouterr().out
    assert re.findall(r"^    ([a-z]+)(?= |$)", listed, re.MULTILINE) == [
        "preview", "up", "destroy", "gate", "connections", "buildspec", "verify", "rehearse", "secrets", "env",
        "parity", "stage", "job", "test", "lint", "engine", "doctor", "schema", "policies", "bench", "version",
        "completion", "help",
    ]  # fmt: skip
    assert "offline AWS, nothing deployed" in listed


def test_each_file_of_the_commands_is_one(project_root: Path) -> None:
    files = {path.stem for path in (project_root / "cli/commands").rglob("*.py")} - {"__init__"}
    found = main.find()
    assert found.keys() == files
    places = [command.place for command in found.values()]
    assert places == sorted(set(places))


def test_the_list_imports_nothing_that_a_command_runs(project_root: Path) -> None:
    script = (
        "import sys; sys.path[:0] = ['.', 'policies']\n"
        "from cli.main import main\n"
        "main([])\n"
        "loaded = {name.partition('.')[0] for name in sys.modules}\n"
        "heavy = {'boto3', 'dataclasses', 'delivery', 'offline', 'pulumi', 'rich', 'settings'}\n"
        "print(sorted(loaded & heavy), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=project_root, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "[]\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["up", "--stak", "dev"], "unrecognized arguments: --stak"),
        (["up", "-s"], "expected one argument"),
        (["up", "--port", "many"], "./run up: error: argument --port: 'many' is not an integer from 0 to 65535"),
        (["up", "--port", "65536"], "argument --port: '65536' is not an integer from 0 to 65535"),
        (["bench", "--runs", "0"], "argument --runs: '0' is not an integer from 1 to 1000"),
        (["bench", "--services", "-1"], "argument --services: '-1' is not an integer from 1 to 1000"),
        (["preview", "--serve"], "unrecognized arguments: --serve"),
        (["destroy", "gateway"], "unrecognized arguments: gateway"),
        (["destroy", "--policy-pack", "a"], "unrecognized arguments: --policy-pack a"),
        (
            ["preview", "--policy-pack", "a", "--policy-pack", "b"],
            "--policy-pack is given twice; a run has one pack: run it again for the other.",
        ),
    ],
)
def test_misuse_is_exit_code_2(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main.main(arguments)
    assert ended.value.code == 2
    assert message in capsys.readouterr().err


def test_dev_is_the_default_and_state_stands_in_the_project(
    operations: list[operation.Operation], project_root: Path
) -> None:
    assert main.main(["preview"]) == 0
    [asked] = operations
    assert (asked.kind, asked.stage, asked.only, asked.target) == ("preview", "dev", None, "-s dev")
    assert (asked.project_dir, asked.state_dir) == (project_root, project_root / ".state")


def test_every_option_reaches_the_operation(operations: list[operation.Operation], tmp_path: Path) -> None:
    options = [
        "--state",
        str(tmp_path / "a b"),
        "--project",
        str(tmp_path),
        "--json",
        "--yes",
        "--serve",
        "--port",
        "81",
    ]
    assert main.main(["up", "gateway", "-s", "prd", *options]) == 0
    [asked] = operations
    assert asked == operation.Operation(
        kind="up",
        stage="prd",
        project_dir=tmp_path,
        state_dir=tmp_path / "a b",
        target=f"-s prd --project {tmp_path} --state '{tmp_path}/a b'",
        only="gateway",
        as_json=True,
        yes=True,
        serve=True,
        port=81,
    )


def test_another_pack_judges_and_the_next_command_names_it_too(operations: list[operation.Operation]) -> None:
    assert main.main(["preview", "--policy-pack", "../other", "--policy-pack-config", "levels.json"]) == 0
    [asked] = operations
    assert (asked.policy_pack, asked.policy_pack_config) == (Path("../other"), Path("levels.json"))
    assert asked.target == "-s dev --policy-pack ../other --policy-pack-config levels.json"


def test_a_projects_state_stands_beside_it(operations: list[operation.Operation], tmp_path: Path) -> None:
    main.main(["destroy", "-s", "dev", "--project", str(tmp_path)])
    assert operations[0].state_dir == tmp_path / ".state"


def test_ctrl_c_ends_in_a_word(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(_: operation.Operation) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(operation, "operate", interrupted)
    assert main.main(["preview"]) == 1
    assert capsys.readouterr().err == "\nInterrupted.\n"


def test_an_output_that_takes_nothing_more_is_reported_in_one_line(
    operations: list[operation.Operation], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(asked: operation.Operation) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(operation, "operate", full)
    monkeypatch.setattr(main, "_silence", lambda: None)
    assert main.main(["preview"]) == 1
    assert capsys.readouterr().err == "error: No space left on device.\n"


@pytest.mark.parametrize(
    ("verb", "hint"), [("preveiw", " Did you mean preview?"), ("polices", " Did you mean policies?"), ("xyz", "")]
)
def test_a_command_that_there_is_not_is_reported_with_the_nearest(
    verb: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.main([verb, "-s", "dev"]) == 2
    assert capsys.readouterr().err == f"./run: error: There is no command {verb!r}.{hint} ./run alone lists them.\n"


@pytest.mark.parametrize(
    "arguments", [["up"], ["destroy"], ["secrets", "gateway", "--put", "A"], ["job", "a", "--execute"]]
)
def test_what_changes_a_stage_asks_which(
    arguments: list[str], operations: list[operation.Operation], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main.main(arguments)
    assert capsys.readouterr().err == "error: This changes a stage: name it with -s. Stages: dev, prd.\n"
    assert operations == []


def test_a_person_at_a_terminal_is_asked(
    operations: list[operation.Operation], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda text: "prd" if text == "Which stage? (dev, prd) " else "")
    assert main.main(["up", "--yes"]) == 0
    assert (operations[0].stage, operations[0].target) == ("prd", "-s prd")


def test_help_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main.main(["help", "verify"])
    assert capsys.readouterr().out.startswith("usage: ./run verify")
    with pytest.raises(SystemExit, match="0"):
        main.main(["help"])
    assert "commands:" in capsys.readouterr().out
    assert (main.main(["version"]), main.main(["--version"])) == (0, 0)
    one, two = capsys.readouterr().out.splitlines()
    assert one == two
    assert re.fullmatch(
        r"\S+ \d+\.\d+\.\d+ \(pulumi [\d.]+, pulumi-aws [\d.]+, pulumi-policy [\d.]+, Python 3[\d.]+\)", one
    )


@pytest.mark.parametrize(
    ("line", "found"),
    [("./run pre", "preview"), ("./run preview -s ", "dev prd"), ("./run connections --li", "--live")],
)
def test_bash_completes_commands_options_and_stages(project_root: Path, line: str, found: str) -> None:
    """As bash does it: the script is read, the words of the line are set, the function is called."""
    words = line.split(" ")
    script = (
        f'eval "$({sys.executable} cli/__main__.py completion bash)"\n'
        f"COMP_WORDS=({' '.join(repr(word) for word in words)}); COMP_CWORD={len(words) - 1}\n"
        "$(complete -p run | sed 's/.*-F \\([^ ]*\\).*/\\1/')\necho ${COMPREPLY[@]}"
    )
    done = subprocess.run(["bash", "-c", script], cwd=project_root, capture_output=True, text=True, check=True)
    assert done.stdout.split() == found.split()
