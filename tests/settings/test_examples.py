"""Every example in a message, put in place of what was found, removes the problem: over all models and both stages."""

import copy
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from settings.explained import model_in
from settings.problems import Problem, SettingsError
from settings.reader import read
from settings.schema import PROJECT_MODELS, STAGE_MODELS
from settings.workloads import JobFields, ServiceFields
from tests.conftest import stage_configuration
from tests.project import PROJECT
from tests.settings.repair import Values, repair

KINDS = {"services": ServiceFields, "serviceOverrides": ServiceFields, "jobs": JobFields, "jobOverrides": JobFields}
NAMES = {
    "services": "tracking-api",
    "serviceOverrides": "legacy-api",
    "jobs": "ranking-batch",
    "jobOverrides": "category-batch",
}


def _fields(model: type[BaseModel], path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for name, info in model.model_fields.items():
        here = (*path, info.alias or name)
        yield here
        inner = model_in(info.annotation)
        if inner is not None:
            yield from _fields(inner, here)


def _all_paths() -> list[tuple[str, ...]]:
    paths: list[tuple[str, ...]] = []
    for key, model in {**PROJECT_MODELS, **STAGE_MODELS}.items():
        path = (key, NAMES[key]) if key in KINDS else (key,)
        paths += [(key,), path, *_fields(KINDS.get(key, model), path)]
    return sorted(set(paths))


PATHS = _all_paths()
HOSTILE = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([-1, 0, 1, 2, 3, 5, 10, 100, 128, 256, 500, 512, 1024, 1150, 3000, 4096, 4318, 50_000, 65_536, 10**6, 10**30]),
    st.integers(-5, 70_000),
    st.sampled_from([0.5, 1e300]),
    st.sampled_from(
        ["", " ", "x", "dev", "prd", "mysql", "8.0", "db.t2.micro", "db.t4g.micro", "10.0.0.0/8", "banana", "/x y", "/*",
         "/datalab*", "/api-docs/datalab", "n" * 70, "a..b", "나", "cron(* * *)", "rate(1 day)", "Asia/Seol", "gateway",
         "itemscout", "connection", "true", "5", "n" * 300, "dev-itemscout-ns", "A_B", "nobody", "\n", "yes", "#1"]
    ),
    st.text(max_size=5),
    st.sampled_from(
        [[], ["STAGE"], ["DB_HOST"], ["lower"], ["MSI_API_KEY"], [5], {}, {"a": 1}, {"A": 1}, {"A": True}, {"LOG_LEVEL": "x"},
         {"DB_CONN_LIMIT": "77"}, {"SERVICE": "x"}, {"PORT": "99999"}, {"MSI_API_KEY": "x"}, {"min": 3, "max": 1}, {"min": 0}, {"a b": "c"},
         {"X": "http://gateway.dev-itemscout-ns:3000"}]
    ),
)  # fmt: skip


def found(values: Values, stage: str, folder: Path) -> tuple[Problem, ...]:
    try:
        read(values, project=PROJECT, stage=stage, project_dir=folder)
    except SettingsError as error:
        return error.problems
    return ()


def change(values: Values, path: tuple[str, ...], value: Any) -> None:
    holder = values
    for key in (f"{PROJECT}:{path[0]}", *path[1:-1])[: len(path) - 1]:
        if not isinstance(holder.get(key), dict):
            holder[key] = {}
        holder = holder[key]
    holder[path[-1] if len(path) > 1 else f"{PROJECT}:{path[0]}"] = value


def healed(values: Values, stage: str, folder: Path) -> None:
    """Follow the examples, one problem at a time, until nothing is left."""
    problems = found(values, stage, folder)
    for _ in range(40):  # as many as a section has keys: each of them may be a problem of its own
        if not problems:
            return
        problem = problems[0]
        note(str(problem))
        before = copy.deepcopy(values)
        repair(values, folder, PROJECT, problem)
        problems = found(values, stage, folder)
        left = {(p.at.file, p.at.key, p.found) for p in problems}
        assert (problem.at.file, problem.at.key, problem.found) not in left, (str(problem), before)
    assert not problems, [str(problem) for problem in problems]


@pytest.mark.parametrize("path", PATHS, ids=".".join)
@settings(max_examples=4, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_an_example_removes_the_problem(path: tuple[str, ...], data: st.DataObject) -> None:
    stage = data.draw(st.sampled_from(["dev", "prd"]))
    values = stage_configuration(stage)
    change(values, path, copy.deepcopy(data.draw(HOSTILE)))
    with tempfile.TemporaryDirectory() as folder:
        healed(values, stage, Path(folder))
