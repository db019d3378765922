"""A small run whose events a model takes in, and the texts of what is shown of it."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.gate.inputs.sample_run import Run


@pytest.fixture
def run() -> Run:
    return Run()


@pytest.fixture
def texts() -> Callable[[Any], list[str]]:
    """The texts of styled lines."""
    return lambda lines: [line.plain for line in lines]
