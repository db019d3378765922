"""Hostile texts: what they say is shown in Markdown, HTML, XML, SARIF and on a terminal, and nothing of it acts."""

import io
import re
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate import inert
from tests.gate.inputs.hostile import HOSTILE
from tests.gate.rendered import INVISIBLE, REFERENCES, acting, in_order, rendered

markup = st.text(
    alphabet=st.one_of(st.sampled_from("`~*_#@!<>[]()/\\\n\r\t -+=.:|&$%{}1aZ"), st.characters()), max_size=60
)


def test_there_are_enough_and_no_two_are_the_same() -> None:
    assert len(HOSTILE) == len(set(HOSTILE)) >= 300


def shown(text: str) -> str:
    """Without blanks, line ends and what stands for an empty text: what a reader can compare."""
    return "".join(text.split())


def in_prose(text: str) -> None:
    markdown = f"- **Fix:** {inert.prose(text)}"
    tree = rendered(markdown)
    assert set(tree.html) <= {"<br>"}
    assert tree.links == []
    structure = [kind for kind in tree.kinds if kind not in ("code_inline", "html_inline")]
    paragraph = ["paragraph_open", "strong_open", "strong_close", "paragraph_close"]
    assert structure == ["bullet_list_open", "list_item_open", *paragraph, "list_item_close", "bullet_list_close"]
    assert acting(markdown) == []


def in_code(text: str) -> None:
    markdown = f"- {inert.code(text)} is replaced\n"
    tree = rendered(markdown)
    expected = inert.line(text)
    if expected.strip():
        assert tree.codes == [expected]
    assert (tree.texts, tree.html, tree.links) == (["", " is replaced"], [], []) or tree.texts == [" is replaced"]
    assert acting(markdown) == []


def in_fence(text: str) -> None:
    rows = inert.lines(text)
    markdown = f"before\n\n{inert.fence(rows, 'diff')}\n\nafter\n"
    tree = rendered(markdown)
    assert tree.kinds == ["paragraph_open", "paragraph_close", "fence", "paragraph_open", "paragraph_close"]
    [(language, content)] = tree.fences
    assert language == "diff"
    assert [row.removeprefix("│ ") for row in content.removesuffix("\n").split("\n")] == rows
    assert acting(markdown) == []


def in_html(text: str) -> None:
    tags: list[Any] = []
    data: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: Any) -> None:
            tags.append((tag, attrs))

        def handle_endtag(self, tag: str) -> None:
            tags.append(tag)

        def handle_data(self, content: str) -> None:
            data.append(content)

        def handle_comment(self, content: str) -> None:
            tags.append(content)

    reader = Reader()
    reader.feed(f'<p title="{inert.html(text)}">{inert.html(text)}</p>')
    reader.close()
    assert tags == [("p", [("title", inert.plain(text))]), "p"]
    assert "".join(data) == inert.plain(text)


def in_xml(text: str) -> None:
    case = ElementTree.Element("testcase", name=inert.line(text))
    case.text = inert.plain(text)
    written = io.BytesIO()
    ElementTree.ElementTree(case).write(written, encoding="utf-8", xml_declaration=True)
    read = ElementTree.fromstring(written.getvalue())
    assert (read.get("name"), read.text or "", list(read)) == (inert.line(text), inert.plain(text), [])


def on_a_terminal(text: str) -> None:
    written = inert.terminal(text)
    assert INVISIBLE.findall(written) == []
    assert re.findall(r"^\s*::|##\w*\[", written, re.MULTILINE) == []
    written.encode("utf-8")


def in_sarif(text: str) -> None:
    written = inert.message(text)
    assert re.findall(r"\[[^\]]*\]\(", written) == []
    assert INVISIBLE.findall(written) == []


FORMS = (in_prose, in_code, in_fence, in_html, in_xml, on_a_terminal, in_sarif)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_text_is_shown_and_does_nothing(text: str) -> None:
    for form in FORMS:
        form(text)


@pytest.mark.parametrize("form", FORMS)
@given(text=markup)
def test_any_text_is_shown_and_does_nothing(form: Any, text: str) -> None:
    form(text)


@given(text=markup)
def test_prose_loses_no_word(text: str) -> None:
    said = [item for item in in_order(f"x {inert.prose(text)}") if item != "<br>"]
    assert shown("".join(said)) == "x" + shown("".join(inert.lines(text)))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Lower DB_CONN_LIMIT to 9 (8 × 2 tasks).", "Lower `DB_CONN_LIMIT` to 9 (8 × 2 tasks)."),
        ("Use a class such as db.r5.2xlarge, or less.", "Use a class such as `db.r5.2xlarge`, or less."),
        ("as in services.api.tasks and env/.env.prd", "as in `services.api.tasks` and `env/.env.prd`"),
        ("a call f(x) of it", "a call `f(x)` of it"),
        ("1. first", "`1`. first"),
        ("two\nlines", "two<br>lines"),
        ("한국어 서비스 it's", "한국어 서비스 it's"),
        ("", ""),
    ],
)
def test_prose_stays_readable(text: str, written: str) -> None:
    assert inert.prose(text) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("prd-api", "prd-api"),
        ("\x1b[31m", "\\x1b[31m"),
        ("a\nb\tc\r", "a\\nb\\tc\\r"),
        ("\u202egpj", "\\u202egpj"),
        ("\U000e0041", "\\U000e0041"),
        ("ㅤ", "\\u3164"),
        ("조합 é ü", "조합 é ü"),
        ("e\u0301", "e\u0301"),
        ("e" + "\u0301" * 5, "e" + "\u0301" * 4 + "\\u0301"),
        ("\ud800", "\\ud800"),
    ],
)
def test_what_cannot_be_seen_is_written_out(text: str, written: str) -> None:
    assert inert.line(text) == written


@pytest.mark.parametrize(("text", "written"), [("", "`(empty)`"), ("  ", "`(2 blanks)`"), ("`", "`` ` ``")])
def test_a_code_span_is_never_empty(text: str, written: str) -> None:
    assert inert.code(text) == written


def test_the_test_itself_sees_what_acts() -> None:
    assert acting("hello @all") == ["@a"]
    assert acting("/close") == ["/c"]
    assert rendered("see www.evil.com and https://evil.example").links != []
    assert rendered("<b>x</b>").html == ["<b>", "</b>"]
    assert REFERENCES.search("deadbeef1")
