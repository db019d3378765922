"""Every file of the folder: the same shape whatever names, tags, values and messages say, and each is there."""

import json
import re
from collections.abc import Mapping
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
from tests.gate.inputs.hostile import HOSTILE, everywhere
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


def shape(files: Mapping[str, str]) -> dict[str, Any]:
    """What no text changes: the files, the page's tags and targets, the suites, the lines that findings are about."""
    page = Tags(files["gate.html"])
    return {
        "files": set(files),
        "page": [item for item in page.shape if item not in ("pre", ("pre", []))],
        "targets": page.targets,
        "suites": [item.tag for item in ElementTree.fromstring(files["junit.xml"].encode()).iter()],
        "lines": [item["location"]["lines"] for item in json.loads(files["codequality.json"])],
    }


@pytest.fixture(scope="module")
def plain() -> dict[str, Any]:
    """The shape of an example with nothing in it but one letter."""
    document = hostile(read_example(), "x")
    return shape(forms(document, drafted(document)))


# Halves of a surrogate pair are no text that a file can hold: gate/stream.py lets none in.
@pytest.mark.parametrize("text", [text for text in HOSTILE if not re.search("[\ud800-\udfff]", text)])
def test_a_hostile_text_changes_no_shape(example: Document, plain: dict[str, Any], text: str) -> None:
    document = hostile(example, text or "y")
    found = forms(document, drafted(document))
    assert shape(found) == plain
    assert found["gate.html"].count("<script") == 1
    for name in ("gate.html", "junit.xml", "codequality.json", "gate.sarif", "gate.md"):
        assert INVISIBLE.findall(found[name].replace("\t", "")) == [], name
    assert Document.model_validate_json(found["gate.json"]) == document
    log = terminal(found["gate.md"])
    assert re.findall(r"^\s*::|##\w*\[|\x1b|\r", log, re.MULTILINE) == []


def test_every_file_is_written_and_named(example: Document, tmp_path: Path) -> None:
    paths = write_all(example, tmp_path / "new" / "folder", drafted(example))
    assert [path.name for path in paths] == [
        "gate.json", "gate.md", "gate.sarif", "gate.html", "codequality.json", "junit.xml", "terraform-dev.json",
        "terraform-prd.json",
    ]  # fmt: skip
    assert {path.name: path.read_text("utf-8") for path in paths} == forms(example, drafted(example))
