"""What the packs of a run are told by their environment, such as `--accept-loss`, by the variable that `pulumi up` knows as well."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Generator

from policies.rules.change.losses import ACCEPT_VARIABLE


@contextlib.contextmanager
def told(variable: str, value: str) -> Generator[None]:
    """Packs that start meanwhile find this value."""
    before = os.environ.get(variable)
    os.environ[variable] = value
    try:
        yield
    finally:
        os.environ.pop(variable, None)
        if before is not None:
            os.environ[variable] = before


def accepting() -> contextlib.AbstractContextManager[None]:
    """Packs that start meanwhile let go what a deployment loses."""
    return told(ACCEPT_VARIABLE, "yes")
