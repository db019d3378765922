"""`--accept-loss`, passed to the policy pack by the variable that `pulumi up` knows as well."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Generator

from policies.rules.change.losses import ACCEPT_VARIABLE


@contextlib.contextmanager
def accepting() -> Generator[None]:
    """Packs that start meanwhile let go what a deployment loses."""
    before = os.environ.get(ACCEPT_VARIABLE)
    os.environ[ACCEPT_VARIABLE] = "yes"
    try:
        yield
    finally:
        os.environ.pop(ACCEPT_VARIABLE, None)
        if before is not None:
            os.environ[ACCEPT_VARIABLE] = before
