"""The number of resources: a stage as shipped, and what a further service adds."""

from pathlib import Path

import pytest

from bench.resources import print_counts
from tests.commands import programs_here


def test_the_counts_of_the_real_stages_and_what_a_further_service_with_its_pipeline_adds(
    project_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each of them is a request in every preview and often a cost: a new one is a decision (docs/decisions/0019)."""
    with programs_here():
        print_counts(project_root)
    printed = capsys.readouterr().out
    assert "dev 229 (target 230), prd 252" in printed
    assert "a further service with pipeline  28, 28 with a database (target 30)" in printed
