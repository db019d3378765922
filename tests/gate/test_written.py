"""Every file of the folder: the same shape whatever names, tags, values and messages say, and each is there."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from gate.document import Document
from gate.inert import terminal
from gate.note.note import drafted
from gate.written import forms, write_all
from tests.gate.conftest import read_example
from tests.gate.hostile import HOSTILE, everywhere
from tests.gate.rendered import INVISIBLE

_OWN = re.compile(r"<(?P<tag>style|script)>.*?</(?P=tag)>", re.DOTALL)


class Tags(HTMLParser):
    """The tags of a page with the names of their attributes, and what it would load or run."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.shape: list[Any] = []
        self.targets: list[str] = []
        self.feed(_OWN.sub("", page))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.shape.append((tag, [name for name, _ in attrs]))
        self.targets += [str(value) for name, value in attrs if name in ("href", "src", "action", "style", "srcset")]

    def handle_endtag(self, tag: str) -> None:
        self.shape.append(tag)

    def handle_comment(self, data: str) -> None:
        self.shape.append(data)

    def handle_decl(self, decl: str) -> None:
        self.shape.append(decl)

    def handle_pi(self, data: str) -> None:
        self.shape.append(data)


def hostile(example: Document, text: str) -> Document:
    """The example with the text in every place, but for its stages: each is one of the command line."""
    data = everywhere(json.loads(example.model_dump_json()), text)
    for stage, own in zip(data["stages"], example.stages, strict=True):
        stage["name"] = own.name
    return Document.model_validate(data)


def outline(page: str) -> list[Any]:
    return [item for item in Tags(page).shape if item not in ("pre", ("pre", []))]


@pytest.fixture(scope="module")
def plain() -> dict[str, str]:
    """The files of an example with nothing in it but one letter."""
    return dict(forms(hostile(read_example(), "x")))


# Halves of a surrogate pair are no text that a file can hold: gate/stream.py lets none in.
@pytest.mark.parametrize("text", [text for text in HOSTILE if not re.search("[\ud800-\udfff]", text)])
def test_a_hostile_text_changes_no_shape(example: Document, plain: dict[str, str], text: str) -> None:
    found = forms(hostile(example, text or "y"))
    assert found.keys() == plain.keys()
    page = found["gate.html"]
    assert outline(page) == outline(plain["gate.html"])
    assert Tags(page).targets == Tags(plain["gate.html"]).targets
    assert page.count("<script") == 1
    for name in ("gate.html", "junit.xml", "codequality.json", "gate.sarif", "gate.md"):
        assert INVISIBLE.findall(found[name].replace("\t", "")) == [], name
    suites = [ElementTree.fromstring(form["junit.xml"].encode()) for form in (plain, found)]
    assert [item.tag for item in suites[0].iter()] == [item.tag for item in suites[1].iter()]
    assert [item["location"]["lines"] for item in json.loads(found["codequality.json"])] == [
        item["location"]["lines"] for item in json.loads(plain["codequality.json"])
    ]
    assert Document.model_validate_json(found["gate.json"]) == hostile(example, text or "y")
    log = terminal(found["gate.md"])
    assert re.findall(r"^\s*::|##\w*\[|\x1b|\r", log, re.MULTILINE) == []


def test_every_file_is_written_and_named(example: Document, tmp_path: Path) -> None:
    paths = write_all(example, tmp_path / "new" / "folder")
    assert [path.name for path in paths] == [
        "gate.json", "gate.md", "gate.sarif", "gate.html", "codequality.json", "junit.xml", "terraform-dev.json",
        "terraform-prd.json",
    ]  # fmt: skip
    assert {path.name: path.read_text("utf-8") for path in paths} == forms(example)
    assert forms(example, drafted(example)) == forms(example)
