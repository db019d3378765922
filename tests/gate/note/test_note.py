"""The note: the golden one, what stands on the first screen, nothing that acts, and whole sections over a limit."""

import json
import os
import re
import time
from pathlib import Path
from typing import Any

import pytest

from gate.document import Document
from gate.note.note import GITHUB_LIMIT, GITLAB_LIMIT, drafted
from tests.gate.inputs.hostile import HOSTILE, everywhere
from tests.gate.rendered import acting, rendered

GOLDEN = Path(__file__).parent / "example_note.md"
_OURS = re.compile(r"<details><summary><code>[^<>]*</code></summary>\n|</details>\n?|<br>")


def note(document: Document, *, limit: int = GITLAB_LIMIT) -> str:
    return drafted(document).within(limit)


def test_the_golden_note(example: Document) -> None:
    if os.environ.get("WRITE_GOLDEN"):
        GOLDEN.write_text(note(example), "utf-8")
    assert note(example) == GOLDEN.read_text("utf-8")


def test_the_first_screen_decides(example: Document) -> None:
    first = note(example).partition("<details>")[0]
    positions = [
        first.index(part)
        for part in (
            "⛔ `category-analyzer`: refused",
            "**dev**: ok",
            "- ⛔ **prd**",
            "prd-exports",
            "after   ███",
            "**Fix:**",
        )
    ]
    assert positions == sorted(positions)
    assert "596 used, 1,944 left" in first
    assert "3,284 used, 744 too many" in first


def test_churn_is_counted_and_left_out_and_what_is_not_shown_says_so(example: Document) -> None:
    text = note(example)
    assert "sha256" not in text
    assert "1 value more only with the build" in text
    assert "OLD_TOKEN: [secret]" in text


def changed(document: Document, **stage: Any) -> Document:
    """The example with other parts in its second stage."""
    data = document.model_dump()
    data["stages"][1].update(stage)
    return Document.model_validate(data)


def test_a_change_that_is_only_churn_is_no_section(example: Document) -> None:
    churn = example.model_dump()["stages"][1]["changes"][0] | {
        "differences": [{"path": "image", "after": {"kind": "unknown"}, "churn": True}]
    }
    text = note(changed(example, changes=[churn]))
    assert "1 of them only with the build" in text
    assert "aws:appautoscaling" not in text
    assert "[unknown until it is deployed]" in note(
        changed(example, changes=[churn | {"differences": [{"path": "endpoint", "after": {"kind": "unknown"}}]}])
    )


def structure(markdown: str) -> list[str]:
    return [
        kind
        for kind in rendered(markdown).kinds
        if kind not in ("code_inline", "html_inline", "strong_open", "strong_close")
    ]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_text_in_every_place_does_nothing(example: Document, text: str) -> None:
    document = Document.model_validate(everywhere(json.loads(example.model_dump_json()), text))
    markdown = note(document)
    tree = rendered(markdown)
    assert [link for link in tree.links if "gitlab.example" not in link] == []
    assert [html for html in tree.html if not _OURS.fullmatch(html)] == []
    assert sum(html.startswith("<details>") for html in tree.html) == sum(
        html.startswith("</details>") for html in tree.html
    )
    assert {language for language, _ in tree.fences} <= {"diff", "text"}
    headings = [kind for kind in tree.kinds if kind == "heading_open"]
    assert len(headings) == (6 if text else 5)  # an empty text loses nothing
    for html in {re.sub(r"<code>.*?</code>", "", html, flags=re.DOTALL) for html in tree.html}:
        assert acting(html) == []
    known = re.sub(r"https://gitlab\.example/\S+", "", markdown)
    assert acting(known) == []


def test_a_hostile_address_is_no_link(example: Document) -> None:
    for address in ("javascript:alert(1)", "https://a) @all [x](https://b", "https://a\n/close", "<b>"):
        source = example.source.model_copy(update={"job_url": address, "pipeline_url": address})
        markdown = note(example.model_copy(update={"source": source}), limit=6_000)
        assert rendered(markdown).links == []
        assert acting(markdown) == []


def large(document: Document, resources: int) -> Document:
    """The example with so many resources more, a hundred a component."""
    data = json.loads(document.model_dump_json())
    pattern = data["stages"][1]["changes"][0]
    data["stages"][1]["changes"] += [
        pattern
        | {
            "urn": f"{pattern['urn']}-{number}",
            "name": f"part-{number}",
            "component": {"urn": f"urn:{number // 100}", "type": "x:y:Z", "name": f"component-{number // 100}"},
        }
        for number in range(resources)
    ]
    return Document.model_validate(data)


@pytest.mark.parametrize("limit", [1_000_000, GITHUB_LIMIT, 6_000])
def test_over_the_limit_whole_sections_go_and_the_artifact_is_linked(example: Document, limit: int) -> None:
    document = large(example, 20_000)
    text = note(document, limit=limit)
    assert len(text) <= limit
    assert "**Too long for one note.**" in text
    assert "[the artifacts of this job](https://gitlab.example/shop/platform/-/jobs/4711)" in text
    assert text.count("\n<details>") == text.count("\n</details>")
    assert "⛔ `category-analyzer`: refused" in text
    left_out = re.search(r"changes of a component \((\d+)\)", text)
    assert left_out
    whole = note(document, limit=100_000_000)
    sections = whole.count("<details><summary><code>prd: x:y:Z")
    assert text.count("<details><summary><code>prd: x:y:Z") >= sections - int(left_out[1])
    assert "Too long" not in whole


def test_what_was_not_decided_is_no_pass(example: Document) -> None:
    failed = changed(
        example,
        verdict="failed",
        reasons=["The event stream broke off."],
        counts={},
        messages=[{"severity": "error", "text": "exit status 255\n/close"}],
        budgets=[],
        budget_missing="The run ended before the pack was asked.",
    ).model_copy(update={"verdict": "failed"})
    text = note(failed)
    assert "❌ `category-analyzer`: failed: nothing was decided, which is no pass" in text
    assert "no changes are known" in text
    assert "exit status 255\n│ /close" in text
    assert "The run ended before the pack was asked." in text


def test_a_platform_of_thousands_is_written_in_seconds(example: Document) -> None:
    """6,800 resources that all change: their preview takes far longer than twice this."""
    document = large(example, 6_800)
    began = time.perf_counter()
    assert len(note(document)) < 1_000_000
    assert document.model_dump_json()
    assert time.perf_counter() - began < 5
