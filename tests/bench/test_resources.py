"""The number of resources: a stage as shipped, and what a further service adds."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.resources import further_service, print_counts


def test_what_a_further_service_with_its_pipeline_adds(project_root: Path) -> None:
    """Each of them is a request in every preview and often a cost: a new one is a decision (docs/decisions/0019)."""
    assert further_service(project_root) == (28, 28)


def test_the_counts_of_the_real_stages(project_root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    print_counts(project_root)
    assert "dev 229 (target 230), prd 252" in capsys.readouterr().out
