"""What a deployment changes of Python's own settings it puts back, also when it is nested."""

import gc
import sys

from offline.engine.interpreter import tuned


def settings() -> tuple[tuple[int, int, int], float]:
    return gc.get_threshold(), round(sys.getswitchinterval(), 6)


def test_collections_are_rare_and_turns_are_prompt_until_the_outermost_ends() -> None:
    # Python's own: a test before may have run a program that sets another in this process.
    gc.set_threshold(700, 10, 10)
    before = settings()
    with tuned():
        inside = settings()
        with tuned():
            assert settings() == inside
        assert settings() == inside
    assert inside[0] > before[0]
    assert inside[1] < before[1]
    assert settings() == before
    assert gc.get_freeze_count() == 0
