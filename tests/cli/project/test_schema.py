"""What is made from the settings' models, and that the copies in the tree are current."""

import json
from pathlib import Path

import pytest

from cli.project import schema


def test_the_copies_in_the_tree_are_current(project_root: Path) -> None:
    """`./run schema --write` makes them again."""
    made = schema.documents(project_root)
    assert {name: (project_root / name).read_text("utf-8") for name in made} == made


def test_printed_is_one_schema(project_root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert schema.schema(project_root, which="project", write=False) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "Pulumi.yaml of the container platform"


def test_written_are_all_documents(project_root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    assert schema.schema(tmp_path, which="stage", write=True) == 0
    assert capsys.readouterr().out.split() == [
        "schema/project.json",
        "schema/stage.json",
        "schema/gate.schema.json",
        "docs/settings.md",
        "offline/aws/outputs.json",
    ]
    assert "each as `shop:KEY`" in (tmp_path / "docs" / "settings.md").read_text("utf-8")


@pytest.mark.parametrize(
    "row",
    [
        "| `maxConnections` | integer, 10 to 100,000 | required | Literal max_connections of the parameter group "
        "(RDS for MySQL: 1 to 100,000). |",
        "| `owner` | string | the platform's | Value of the Owner tag, where it is not the platform's owner: letters, digits, spaces "
        "and _.:/=+-@. |",
        '| `tasks` | [Tasks](#tasks) | `{"min": 1, "max": 1}` | Bounds of autoscaling. |',
    ],
)
def test_the_reference_has_type_default_and_meaning(project_root: Path, row: str) -> None:
    assert row in schema.documents(project_root)["docs/settings.md"].splitlines()
