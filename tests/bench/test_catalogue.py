"""The generated project of the benchmark has the size it says."""

import runpy
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pulumi
import pytest
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
    preview: Callable[..., Outcome], project_root: Path
) -> None:
    types = {record.type for stage in ("dev", "prd") for record in preview(stage).resources}
    assert used_services(project_root) == sorted(
        {name.split(":")[1].split("/")[0] for name in types if name.startswith("aws:")}
    )


def test_the_bare_program_loads_each_of_them(
    project_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Package:
        __spec__ = None

        def __getattr__(self, service: str) -> object:
            return Service(service)

    class Service:
        """Loaded, as pulumi_aws has it, by the first name asked for that is none of Python's own."""

        def __init__(self, name: str) -> None:
            self._name = name

        def __getattr__(self, name: str) -> object:
            loaded.append(self._name)
            raise AttributeError(name)

    loaded: list[str] = []
    monkeypatch.setitem(sys.modules, "pulumi_aws", cast("Any", Package()))
    monkeypatch.setattr(pulumi, "run", lambda program: None)
    write_bare_program(project_root, project_root, tmp_path, resources=3)
    runpy.run_path(str(tmp_path / "__main__.py"))
    assert loaded == used_services(project_root)
