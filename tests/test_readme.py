"""README.md and README.ko.md state the same commands and figures, and link to what exists."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

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
