"""What is written and can do nothing is reported where it is written; a default that does something for one service is not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from settings.problems import SettingsError
from settings.reader import read
from settings.rules.effect_rules import WORKLOADS
from settings.workloads import JobFields, ServiceFields
from tests.project import PROJECT

Values = dict[str, Any]


def reported(values: Values, root: Path, stage: str = "dev") -> list[tuple[str, str]]:
    try:
        read(values, project=PROJECT, stage=stage, project_dir=root)
    except SettingsError as error:
        return [(problem.key, problem.example) for problem in error.problems]
    return []


@pytest.mark.parametrize(
    ("stage", "key", "name", "change", "expected"),
    [
        ("dev", "serviceOverrides", "gateway", {"readOnlyRoot": True}, "serviceOverrides.gateway.readOnlyRoot"),
        ("dev", "services", "gateway", {"readOnlyRoot": True}, "serviceOverrides.gateway.readOnlyRoot"),
        ("dev", "services", "gateway", {"readOnlyRoot": False}, None),
        ("prd", "services", "gateway", {"readOnlyRoot": True}, None),
        ("dev", "services", "gateway", {"processes": 2}, "services.gateway.processes"),
        ("dev", "serviceOverrides", "gateway", {"dbConnLimit": 2}, "serviceOverrides.gateway.dbConnLimit"),
        ("dev", "services", "datalab-api", {"processes": 1}, None),
        ("dev", "services", "hidden-api", {"priority": 7}, "services.hidden-api.priority"),
        ("prd", "serviceOverrides", "gateway", {"requestsPerTarget": 9}, "serviceOverrides.gateway.requestsPerTarget"),
        ("prd", "services", "gateway", {"cpuTargetPercent": 50}, None),
        ("dev", "serviceOverrides", "gateway", {"cpuTargetPercent": 50}, "serviceOverrides.gateway.cpuTargetPercent"),
        ("dev", "services", "legacy-api", {"docsLoginPath": "/x"}, "services.legacy-api.docsLoginPath"),
        ("dev", "services", "gateway", {"deploy": False, "repository": "gw"}, "services.gateway.repository"),
        ("dev", "services", "gateway", {"promote": True}, None),
        ("dev", "serviceOverrides", "gateway", {"promote": True}, "serviceOverrides.gateway.promote"),
        ("dev", "jobs", "ranking-batch", {"schedule": "rate(1 day)", "timezone": "Asia/Seoul"}, "jobs.ranking-batch.timezone"),
        ("dev", "jobs", "ranking-batch", {"timezone": "Asia/Seoul"}, None),
        ("dev", "loadBalancer", None, {"hostedZoneId": "Z0123456789ABCDEFGHIJ"}, "loadBalancer.hostedZoneId"),
        ("dev", "database", None, {"extendedSupport": True}, "database.extendedSupport"),
        ("prd", "database", None, {"existing": {"host": "db", "securityGroupId": "sg-0a1b2c3d"}}, "database.multiAz"),
        ("dev", "serviceDefaults", None, {"docsLoginPath": "/x"}, None),
        ("dev", "serviceDefaults", None, {"readOnlyRoot": True}, "serviceDefaults.readOnlyRoot"),
        ("dev", "jobDefaults", None, {"processes": 2}, None),
    ],
)  # fmt: skip
def test_a_setting_that_does_nothing(
    stage_values: Callable[[str], Values],
    project_root: Path,
    stage: str,
    key: str,
    name: str | None,
    change: Values,
    expected: str | None,
) -> None:
    values = stage_values(stage)
    document = values.setdefault(f"{PROJECT}:{key}", {})
    (document if name is None else document.setdefault(name, {})).update(change)
    found = reported(values, project_root, stage)
    if expected is None:
        assert found == []
    else:
        name_of_it = expected.rpartition(".")[2]
        assert (expected, "readOnlyRoot: false" if name_of_it == "readOnlyRoot" else f"remove {name_of_it}") in found


@pytest.mark.parametrize("stage", ["dev", "prd"])
def test_the_real_stages_hold_nothing_idle(
    stage_values: Callable[[str], Values], project_root: Path, stage: str
) -> None:
    assert reported(stage_values(stage), project_root, stage) == []


def test_every_key_of_the_list_is_a_setting() -> None:
    known = {info.alias for model in (ServiceFields, JobFields) for info in model.model_fields.values()}
    assert WORKLOADS.keys() <= known
