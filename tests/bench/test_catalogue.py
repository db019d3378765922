"""The generated project of the benchmark has the size it says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import yaml

from bench.catalogue import used_services, write_bare_program, write_project
from offline.engine.outcome import Outcome


def test_as_many_services_as_asked_for(project_root: Path, tmp_path: Path) -> None:
    write_project(project_root, tmp_path, services=20)
    catalogue = yaml.safe_load((tmp_path / "Pulumi.yaml").read_text())["config"]["services"]["value"]
    assert len(catalogue) == 20
    assert len({service["priority"] for service in catalogue.values()}) == 20
    assert {"gateway", "generated-004", "generated-019"} <= catalogue.keys()
    assert (tmp_path / "__main__.py").read_bytes() == (project_root / "__main__.py").read_bytes()


def test_the_bare_program_loads_the_modules_of_the_resources_of_both_stages(
    preview: Callable[..., Outcome], project_root: Path, tmp_path: Path
) -> None:
    types = {record.type for stage in ("dev", "prd") for record in preview(stage).resources}
    assert used_services(project_root) == sorted(
        {name.split(":")[1].split("/")[0] for name in types if name.startswith("aws:")}
    )
    write_bare_program(project_root, project_root, tmp_path, resources=3)
    program = (tmp_path / "__main__.py").read_text()
    compile(program, "__main__.py", "exec")
    assert "range(3)" in program
    assert "'ec2', " in program
