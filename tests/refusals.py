"""The sentence with which something is refused, for tests that compare it."""

from collections.abc import Callable

import pytest


def refusal(made: Callable[[], object], kind: type[Exception] = ValueError) -> str:
    """The text of the exception that the call raises, which is of that kind."""
    with pytest.raises(kind) as caught:
        made()
    return str(caught.value)
