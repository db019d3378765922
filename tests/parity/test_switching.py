"""A stage that one engine has brought up is refused by the other one, with a sentence, before anything is started or written."""

from __future__ import annotations

from pathlib import Path

import pytest

from offline.engine.errors import StateError
from tests.parity.engines import Kind, Pair, Run, Stage

pytestmark = pytest.mark.slow


def content(folder: Path) -> dict[str, bytes]:
    """Every file of a folder but locks, which hold nothing, and what the recording pack wrote."""
    files = [
        path for path in folder.rglob("*") if path.is_file() and path.name != "sent.jsonl" and "lock" not in path.name
    ]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.mark.parametrize("kind", ["preview", "up", "destroy"])
@pytest.mark.parametrize("recorded", ["embedded", "pulumi"])
def test_the_other_engine_is_refused(edits: dict[str, tuple[Run, Run]], small: Pair, recorded: str, kind: Kind) -> None:
    there, other = (small.embedded, small.real) if recorded == "embedded" else (small.real, small.embedded)
    wrong = Stage(engine=other.engine, cli=other.cli, project=there.project, state=there.state)
    before = content(there.state)
    with pytest.raises(StateError) as refused:
        wrong.run(kind)
    sentence = str(refused.value)
    names = {"embedded": "the embedded engine", "pulumi": "the real engine"}
    assert sentence.startswith(
        f"Stage dev is up with {names[there.engine]}, whose record {names[other.engine]} cannot read."
    )
    option = " --engine pulumi" if there.engine == "pulumi" else ""
    assert f"./run up -s dev{option})" in sentence
    assert f"./run destroy -s dev{option})" in sentence
    assert before
    assert content(there.state) == before
