"""The generated project of the benchmark has the size it says."""

from __future__ import annotations

from pathlib import Path

import yaml

from bench.catalogue import write_project


def test_as_many_services_as_asked_for(project_root: Path, tmp_path: Path) -> None:
    write_project(project_root, tmp_path, services=20)
    catalogue = yaml.safe_load((tmp_path / "Pulumi.yaml").read_text())["config"]["services"]["value"]
    assert len(catalogue) == 20
    assert len({service["priority"] for service in catalogue.values()}) == 20
    assert {"gateway", "generated-004", "generated-019"} <= catalogue.keys()
    assert (tmp_path / "__main__.py").read_bytes() == (project_root / "__main__.py").read_bytes()
