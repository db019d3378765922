"""A document as the gate writes it, by hand: one stage that passes and one that is refused. And a small run, event by event."""

import functools
from pathlib import Path

import pytest

from gate.document import Document
from tests.gate.inputs.sample_run import Run


@pytest.fixture
def example() -> Document:
    """tests/gate/example.json; nobody changes it."""
    return read_example()


@functools.cache
def read_example() -> Document:
    return Document.model_validate_json((Path(__file__).parent / "example.json").read_bytes())


@pytest.fixture
def run() -> Run:
    return Run()
