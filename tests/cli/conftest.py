"""The commands look at the same records of the offline AWS again and again, and at programs that need no process of their own."""

from collections.abc import Iterator

import pytest

from tests.commands import programs_here
from tests.replays import replayed_once as replayed_once


@pytest.fixture(scope="module", autouse=True)
def _no_new_processes() -> Iterator[None]:
    """That the program has one of its own is asked in tests/offline/engine/program."""
    with programs_here():
        yield
