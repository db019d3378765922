"""An env file is read as python-dotenv reads it, or refused with its line; what lies beside it is not overlooked."""

import os
import tempfile
from pathlib import Path
from typing import get_args
from unittest import mock

import pytest
from dotenv import dotenv_values
from hypothesis import given
from hypothesis import strategies as st

from settings.files.env_files import ENVIRONMENTS, EnvFile, env_path, parse_env_file, read_env_files
from settings.problems import Problem
from settings.stage import Stage

PATH = "env/datalab-api/.env.development"
SERVICES = ("datalab-api", "gateway")


def parse(text: str | bytes) -> EnvFile:
    return parse_env_file(text if isinstance(text, bytes) else text.encode(), PATH)


def as_dotenv_reads(content: bytes) -> dict[str, str | None]:
    """python-dotenv itself, on a machine where nothing is set."""
    with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ, clear=True):
        path = Path(folder) / ".env"
        path.write_bytes(content)
        return dict(dotenv_values(path))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("A=1", {"A": "1"}),
        ("A=1\r\nB=2\r\n", {"A": "1", "B": "2"}),
        ("\ufeffA=1\n", {"A": "1"}),
        ("# a comment\n\n  A = 1  # another\n", {"A": "1"}),
        ("export A=1\n", {"A": "1"}),
        ("A=\nB=''\n", {"A": "", "B": ""}),
        ("A=a b#c\n", {"A": "a b#c"}),
        ("A='# no comment' # one\n", {"A": "# no comment"}),
        ("A='it\\'s \\n'\n", {"A": "it's \\n"}),
        ('A="say \\"hi\\"\\n\\ttwice"\n', {"A": 'say "hi"\n\ttwice'}),
        ('A="first\nsecond"\nB=2', {"A": "first\nsecond", "B": "2"}),
        ("GREETING=안녕하세요 🙂\n", {"GREETING": "안녕하세요 🙂"}),
        ("HOST=api\nURL=http://${HOST}:${PORT_OF_IT:-3000}/$x\n", {"HOST": "api", "URL": "http://api:3000/$x"}),
        ("A=a=b=c\n", {"A": "a=b=c"}),
    ],
)
def test_it_is_read_as_python_dotenv_reads_it(text: str, expected: dict[str, str]) -> None:
    file = parse(text)
    assert file.problems == ()
    assert file.variables == expected == as_dotenv_reads(text.encode())


@pytest.mark.parametrize(
    ("text", "key", "found"),
    [
        ("A=1\nthis is text\nB=2", "2", "a statement that is not NAME=value, or a quote that is never closed"),
        ('A=1\n\n\nB="open\n', "4", "a statement that is not NAME=value, or a quote that is never closed"),
        ("A='x' y\n", "1", "a statement that is not NAME=value, or a quote that is never closed"),
        ("A=1\nB=2\nA=3", "3 A", "A again, after line 1"),
        ("A=1\nB\n", "2 B", "a name without '='"),
        ("log_level=info\n", "1 log_level", "a name that is none of an environment variable"),
        ("A=${HOME}\n", "1 A", "a reference to HOME, which no line above sets"),
        ("A=${B}\nB=1\n", "1 A", "a reference to B, which no line above sets"),
        (
            'A="one\nB=two\nC="\n',
            "1 A",
            "a value over several lines, with a line in it that looks like another variable",
        ),
        ("A=a\0b\n", "1 A", "a NUL character"),
        (b"A=1\nB=\xff\xfe\n", "2", "the byte 0xff, which is no UTF-8"),
    ],
)
def test_it_is_refused_with_the_line(text: str | bytes, key: str, found: str) -> None:
    assert [(str(p.at), p.found) for p in parse(text).problems] == [(f"{PATH}:{key}", found)]


def test_a_secret_is_refused_with_line_and_reason_and_without_its_value() -> None:
    (problem,) = parse("LOG_LEVEL=info\nMSI_API_KEY=hunter2hunter2\n").problems
    assert str(problem) == (
        "env/datalab-api/.env.development:2 MSI_API_KEY\n"
        "    found:   a value that is not shown: its name is a secret's\n"
        "    allowed: plain values only: this file is committed, and whoever may describe the task definition reads it. "
        "Name the variable under secrets and store it with ./run secrets datalab-api -s STAGE --put MSI_API_KEY; "
        "if it is no secret, end the line with  # pragma: allowlist secret\n"
        "    example: remove MSI_API_KEY"
    )


def test_a_secret_over_several_lines_is_refused_at_its_first() -> None:
    begin = "-----BEGIN " + "PRIVATE KEY-----"
    (problem,) = parse(f'A=1\nCERTIFICATE="{begin}\nMIIB\n-----END"\n').problems
    assert (str(problem.at), problem.found) == (f"{PATH}:2 CERTIFICATE", "a value that is not shown: a private key")


def test_a_line_that_someone_looked_at_passes() -> None:
    file = parse("PASSWORD_RESET_URL=https://example.com/reset # pragma: allowlist secret\n")
    assert (file.problems, file.variables) == ((), {"PASSWORD_RESET_URL": "https://example.com/reset"})


def test_every_entry_knows_its_line() -> None:
    file = parse('# head\nA="x\ny"\n\nB=2\n')
    assert [str(file.place(name)) for name in ("A", "B")] == [f"{PATH}:2 A", f"{PATH}:5 B"]


_TEXTS = st.lists(
    st.sampled_from(["A", "B", "KEY_1", "=", "'", '"', "\\", "\n", "\r\n", " ", "#", "$", "${A}", "${A:-x}", "é", "1", "export "]),
    max_size=25,
).map("".join)  # fmt: skip


@given(_TEXTS)
def test_whatever_passes_is_what_python_dotenv_reads(text: str) -> None:
    file = parse(text)
    if not file.problems:
        assert file.variables == as_dotenv_reads(text.encode())


def write(root: Path, path: str, text: str = "A=1\n") -> None:
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)


def problems(root: Path) -> list[tuple[str, str, str]]:
    return [(p.file, p.key, p.found) for p in read_env_files(root, "production", SERVICES)[1]]


def test_the_file_of_the_environment_is_read_and_no_other(tmp_path: Path) -> None:
    write(tmp_path, env_path("gateway", "development"), "A=dev\n")
    write(tmp_path, env_path("gateway", "production"), "A=prd\n")
    files, found = read_env_files(tmp_path, "production", SERVICES)
    assert ({name: file.variables for name, file in files.items()}, found) == ({"gateway": {"A": "prd"}}, [])


def test_a_project_without_env_files_has_none(tmp_path: Path) -> None:
    assert read_env_files(tmp_path, "production", SERVICES) == ({}, [])


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (
            "env/gateway/.env.development",
            ("env/gateway/.env.production", "the file", "no such file, but .env.development"),
        ),
        (
            "env/gateway/.env.prodution",
            ("env/gateway/.env.prodution", "the file", "a file that no stage reads; did you mean .env.production?"),
        ),
        (
            "env/datalab-ap/.env.production",
            ("env/datalab-ap", "the folder", "no service of that name; did you mean datalab-api?"),
        ),
        ("env/.env.production", ("env/.env.production", "the file", "no service of that name")),
    ],
)
def test_a_file_that_would_not_be_read_is_a_problem(tmp_path: Path, path: str, expected: tuple[str, str, str]) -> None:
    write(tmp_path, path)
    assert problems(tmp_path) == [expected]


def test_a_file_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / env_path("gateway", "production")).mkdir(parents=True)
    assert problems(tmp_path) == [("env/gateway/.env.production", "the file", "is a directory")]


def test_the_files_are_named_after_the_environments_of_stages() -> None:
    assert get_args(Stage.model_fields["environment"].annotation) == ENVIRONMENTS


def test_the_real_files_have_no_problem(project_root: Path) -> None:
    services = ("datalab-api", "gateway", "legacy-api", "tracking-api")
    found: list[Problem] = []
    for environment in ("development", "production"):
        files, more = read_env_files(project_root, environment, services)
        found += more
        assert sorted(files) == sorted(services)
    assert found == []
