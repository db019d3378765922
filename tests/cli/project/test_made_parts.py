"""A part that is made stands where its comments are, and what people wrote around it stays."""

from cli.project.made_parts import filled


def test_each_part_is_made_anew_at_its_place() -> None:
    text = "# Head\n\n<!-- made: a -->\n\nold\n\n<!-- end of a -->\n\nBetween.\n\n<!-- made: b --><!-- end of b -->\n"
    assert filled(text, a=["1\\n", ""], b=["2", ""]) == (
        "# Head\n\n<!-- made: a -->\n\n1\\n\n\n<!-- end of a -->\n\nBetween.\n\n<!-- made: b -->\n\n2\n\n<!-- end of b -->\n"
    )


def test_a_part_without_a_place_is_added_at_the_end() -> None:
    once = filled("# Head\n", a=["1", ""])
    assert once == "# Head\n<!-- made: a -->\n\n1\n\n<!-- end of a -->\n"
    assert filled(once, a=["1", ""]) == once
