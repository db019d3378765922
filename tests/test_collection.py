"""A test file that gives no test fails the whole run, and only the whole run."""

import shutil
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]


@pytest.fixture
def suite(pytester: pytest.Pytester, project_root: Path) -> pytest.Pytester:
    """A suite with this project's conftest and pytest settings, a test, and a file that holds none."""
    paths = f'testpaths = ["tests"]\npythonpath = [".", "{project_root.as_posix()}"]'
    pytester.makefile(".toml", pyproject=f"[tool.pytest.ini_options]\n{paths}\n")
    tests = pytester.mkdir("tests")
    shutil.copyfile(project_root / "tests" / "conftest.py", tests / "conftest.py")
    (tests / "test_some.py").write_text("def test_it():\n    assert 1 + 1 == 2\n")
    (tests / "test_none.py").write_text("def tset_it():\n    assert 1 + 1 == 3\n")
    return pytester


def test_a_file_without_tests_is_named(suite: pytest.Pytester) -> None:
    result = suite.runpytest_subprocess()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: no test was collected from: tests/test_none.py"])


def test_deselected_tests_count_as_collected(suite: pytest.Pytester) -> None:
    (suite.path / "tests" / "test_none.py").unlink()
    assert suite.runpytest_subprocess("-k", "nothing").ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_a_part_of_the_suite_may_be_asked_for(suite: pytest.Pytester) -> None:
    assert suite.runpytest_subprocess("tests/test_some.py").ret == pytest.ExitCode.OK
