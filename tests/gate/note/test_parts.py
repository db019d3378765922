"""Parts of a note."""

from gate.note.parts import count, folded, part, some, word


def test_words_and_counts() -> None:
    assert [count(1, "policy"), count(2, "policy"), count(1_000, "resource")] == [
        "1 policy",
        "2 policies",
        "1,000 resources",
    ]
    assert some([str(number) for number in range(12)]).endswith("8, 9 and 2 more")
    assert (word("prd"), word(""), len(word("a" * 500))) == ("prd", "`(empty)`", 202)


def test_a_folded_part_takes_no_markup_from_its_title() -> None:
    assert folded("</code> @all\n", "x") == (
        "<details><summary><code>&lt;/code&gt; @all\\n</code></summary>\n\nx\n\n</details>"
    )


def test_a_part_is_a_list_where_its_lines_are_and_else_its_first_paragraph() -> None:
    assert part("Fix", "- one: @all\n- two") == "- **Fix:**\n  - one: `@all`\n  - two"
    assert part("Found", "63 of 60.\n\nworkload  limit\n- no list") == "- **Found:** 63 of 60."
    assert part("Fix", "- alone") == "- **Fix:** `-` alone"
