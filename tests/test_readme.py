"""README.md and README.ko.md state the same commands and figures, and link to what exists."""

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.main import main
from tests.commands import programs_here

ROOT = Path(__file__).resolve().parents[1]
READMES = ("README.md", "README.ko.md")
_FENCED = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\((?P<target>[^)]+)\)")


def blocks(text: str) -> list[str]:
    return _FENCED.findall(text)


def spans(text: str) -> Counter[str]:
    return Counter(re.findall(r"`([^`\n]+)`", _FENCED.sub("", text)))


def figures(text: str) -> Counter[str]:
    """Numbers of the prose, but those that English writes as words and Korean as digits."""
    prose = re.sub(r"`[^`\n]+`", "", _LINK.sub("]", _FENCED.sub("", text)))
    return Counter(number for number in re.findall(r"\d+(?:\.\d+)?", prose) if float(number) > 6)


@pytest.mark.parametrize("read", [blocks, spans, figures])
def test_both_languages_state_the_same(read: object) -> None:
    assert callable(read)
    english, korean = (read((ROOT / name).read_text("utf-8")) for name in READMES)
    assert english
    assert korean == english


@pytest.mark.parametrize("name", [*READMES, "CONTRIBUTING.md", "SECURITY.md"])
def test_every_link_leads_somewhere(name: str) -> None:
    targets = [found["target"] for found in _LINK.finditer((ROOT / name).read_text("utf-8"))]
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_the_licence_is_apache_2() -> None:
    text = (ROOT / "LICENSE").read_text("utf-8")
    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    """The files that a reader edits, and the pack."""
    for name in ("Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.prd.yaml", "__main__.py"):
        shutil.copyfile(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "env", tmp_path / "env")
    with programs_here():
        yield tmp_path


def shown(language: str, about: str) -> str:
    """The one block of that language in which the text stands; both languages have the same."""
    found = [block for block in blocks((ROOT / "README.md").read_text("utf-8")) if block.startswith(f"```{language}\n")]
    [text] = (block.removeprefix(f"```{language}\n").removesuffix("```") for block in found if about in block)
    return text


def test_the_refusal_is_what_a_preview_says(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """After the edit above it; a list's signs and what a sentence goes on with aside."""
    path = project / "Pulumi.dev.yaml"
    text = path.read_text("utf-8")
    assert text.count("dbConnLimit: 10\n") == 1
    path.write_text(text.replace("dbConnLimit: 10\n", "dbConnLimit: 20\n"), "utf-8")
    assert main(["preview", "-s", "dev", "--project", str(project)]) == 1
    said = [line.strip(" -*") for line in capsys.readouterr().out.splitlines()]
    wanted = [line.strip(" -*") for line in shown("text", "too many").splitlines()]
    wanted = [line for line in wanted if not line.startswith("How to fix it")]
    assert len(wanted) > 12
    assert [line for line in wanted if not any(each.startswith(line) for each in said)] == []


def test_five_minutes_to_an_own_service(project: Path) -> None:
    path = project / "Pulumi.yaml"
    text = path.read_text("utf-8")
    head, section, rest = text.partition("  services:\n    value:\n")
    assert section
    path.write_text(head + section + shown("yaml", "search-api") + rest, "utf-8")
    assert main(["preview", "-s", "dev", "--project", str(project)]) == 0
    path.write_text(path.read_text("utf-8").replace("dbConnLimit: 3\n", "dbConnLimit: 4\n"), "utf-8")
    assert main(["preview", "-s", "dev", "--project", str(project)]) == 1
