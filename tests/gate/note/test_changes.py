"""The note's changes: which are only a build's, and a component in parts."""

from typing import Any

from gate.document import Document
from gate.note.changes import change_sections, lost, only_churn


def test_only_a_build_is_only_a_build(example: Document) -> None:
    task = example.stages[1].changes[1]
    churn = [difference for difference in task.differences if difference.churn]
    assert [only_churn(change) for change in example.stages[1].changes] == [False, False, False]
    assert only_churn(task.model_copy(update={"differences": churn}))
    assert not only_churn(task.model_copy(update={"differences": churn, "lost": "The state."}))
    assert not only_churn(task.model_copy(update={"differences": ()}))


def test_a_large_component_becomes_several_sections_and_the_losses_come_first(example: Document) -> None:
    stage = example.stages[1]
    many: Any = tuple(stage.changes[0].model_copy(update={"urn": f"urn:{number}"}) for number in range(120))
    document = example.model_copy(update={"stages": (stage.model_copy(update={"changes": (*many, *stage.changes)}),)})
    texts = [section.text.partition("\n")[0] for section in change_sections(document)]
    service = "<details><summary><code>prd: category-analyzer:platform:Service prd-tracking-api: "
    assert (
        texts[0]
        == "<details><summary><code>prd: pulumi:pulumi:Stack category-analyzer-prd: 1 resource</code></summary>"
    )
    assert texts[1:] == [f"{service}{number} resources</code></summary>" for number in (50, 50, 22)]
    [section] = lost(document)
    assert section.text.count("- **prd**") == 1
