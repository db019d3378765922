"""What differs between two stages is reported as meant or as an accident, each with who says so."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cli.comparison.compare import Difference, Pair, compare_stages, compare_variables, compare_workloads
from cli.comparison.variables import Variable
from cli.stages.place import settings_of
from settings.merged import Settings

PAIR = Pair(left="dev", right="prd")
FILE = "env/api/.env.development:1"
OTHER = "env/api/.env.production:1"


def plain(value: str, source: str = FILE) -> Variable:
    return Variable(value=value, source=source)


def differs(left: str, right: str, why: str, *, accident: bool = False) -> Difference:
    return Difference(subject="X", left=left, right=right, why=why, accident=accident)


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (plain("1"), plain("1", OTHER), None),
        (plain("debug"), plain("info", OTHER), differs('"debug"', '"info"', f"{FILE}; {OTHER}")),
        (
            plain("http://api.dev-ns:3000"),
            plain("http://api.prd-ns:3000", OTHER),
            differs('"http://api.dev-ns:3000"', '"http://api.prd-ns:3000"', "each stage's own name"),
        ),
        (
            plain("http://api.dev-ns:3000"),
            plain("http://api.dev-ns:3000", OTHER),
            differs(
                '"http://api.dev-ns:3000"', '"http://api.dev-ns:3000"', "the value in prd names dev", accident=True
            ),
        ),
        (
            plain("https://prd.example.com"),
            plain("https://example.com", OTHER),
            differs('"https://prd.example.com"', '"https://example.com"', "the value in dev names prd", accident=True),
        ),
        (plain("developer"), plain("developer", OTHER), None),
        (plain("1"), None, differs('"1"', "-", f"missing in prd; written in {FILE}", accident=True)),
        (
            None,
            Variable(value=None, source="/prd/api/X"),
            differs("-", "(secret)", "missing in dev; written in /prd/api/X", accident=True),
        ),
        (
            None,
            Variable(value="1", source="the platform", platform=True),
            differs("-", '"1"', "the platform sets it from settings"),
        ),
        (
            plain("abc"),
            Variable(value=None, source="/prd/api/X"),
            differs('"abc"', "(secret)", "plain in dev, a secret in the other stage", accident=True),
        ),
        (Variable(value=None, source="/dev/api/X"), Variable(value=None, source="/prd/api/X"), None),
    ],
)
def test_a_variable_in_two_stages(left: Variable | None, right: Variable | None, expected: Difference | None) -> None:
    one = {} if left is None else {"X": left}
    two = {} if right is None else {"X": right}
    assert list(compare_variables(PAIR, one, two)) == ([] if expected is None else [expected])


@pytest.fixture
def real(project_root: Path) -> Callable[[str], Settings]:
    return lambda stage: settings_of(project_root, stage)


def test_the_settings_of_a_service_differ_as_the_stage_files_say(real: Callable[[str], Settings]) -> None:
    left, right = ({s.name: s for s in real(stage).services}["tracking-api"] for stage in ("dev", "prd"))
    found = {item.subject: item for item in compare_workloads(left, right)}
    assert found["dbConnLimit"] == Difference(
        subject="dbConnLimit",
        left="10",
        right="32",
        why="Pulumi.dev.yaml:35 serviceOverrides.tracking-api.dbConnLimit; Pulumi.prd.yaml:41 serviceDefaults.dbConnLimit",
    )
    assert found["requestsPerTarget"].why == "built in; Pulumi.prd.yaml:43 serviceDefaults.requestsPerTarget"
    assert [item for item in found.values() if item.accident] == []


def test_a_setting_that_no_stage_file_sets_apart_is_an_accident(real: Callable[[str], Settings]) -> None:
    left = real("dev").services[0]
    right = left.model_copy(update={"health_path": "/ok"})
    assert list(compare_workloads(left, right)) == [
        Difference(subject="healthPath", left='"/health"', right='"/ok"', why="no stage file says so", accident=True)
    ]


def test_the_stages_themselves_say_who_is_silent(real: Callable[[str], Settings]) -> None:
    found = {item.subject: item for item in compare_stages(PAIR, real("dev"), real("prd"))}
    assert found["database.maxConnections"].why == "both stage files say so"
    assert found["database.multiAz"] == Difference(
        subject="database.multiAz", left="false", right="true", why="dev has the default"
    )
