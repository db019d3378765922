"""How Python itself is set while a deployment runs: rare garbage collection, prompt turns between threads."""

from __future__ import annotations

import contextlib
import gc
import sys
from collections.abc import Generator

_THRESHOLDS = (200_000, 50, 100)
_TURN_SECONDS = 0.00025


@contextlib.contextmanager
def tuned() -> Generator[None]:
    """May be nested: what a caller does with the outcome is quick, too, where the caller has it around itself.

    The graph of resources grows and almost nothing in it is garbage, so a collection finds nothing. The thread that asks the
    policy pack needs its turn often, each time for a moment: by Python's own 5 ms it waits until the program has ended.
    """
    thresholds, turn = gc.get_threshold(), sys.getswitchinterval()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
    sys.setswitchinterval(_TURN_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(turn)
        gc.freeze()  # what is young now would all be looked through as soon as the thresholds are low again
        gc.set_threshold(*thresholds)
        gc.unfreeze()
