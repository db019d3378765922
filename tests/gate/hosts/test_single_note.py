"""One note on any host: another pipeline, a deletion or a failure at each step of a pipeline's own leaves the newest text once."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from gate.hosts.mark import Mark, unmarked
from gate.hosts.single_note import GoneError, PassingError, Posted, PublishError, amend, publish


@dataclass
class Host:
    """Notes in memory."""

    notes: dict[int, str] = field(default_factory=dict[int, str])
    next: int = 1


@dataclass
class Notes:
    """A board on the host; `before` is told each step by its number and name before it is taken."""

    host: Host
    before: Callable[[int, str], None] = lambda number, step: None
    steps: list[str] = field(default_factory=list[str])

    def _step(self, name: str) -> None:
        self.steps.append(name)
        self.before(len(self.steps) - 1, name)

    def _present(self, number: int) -> None:
        if number not in self.host.notes:
            raise GoneError

    def state(self) -> str:
        self._step("state")
        return "open"

    def own(self, name: str) -> list[Posted]:
        self._step("own")
        return [Posted(number=number, body=body) for number, body in sorted(self.host.notes.items())]

    def read(self, number: int) -> str:
        self._step("read")
        self._present(number)
        return self.host.notes[number]

    def create(self, body: str) -> None:
        self._step("create")
        self.host.notes[self.host.next] = body
        self.host.next += 1

    def update(self, number: int, body: str) -> None:
        self._step("update")
        self._present(number)
        self.host.notes[number] = body

    def delete(self, number: int) -> None:
        self._step("delete")
        self._present(number)
        del self.host.notes[number]


def run(host: Host, pipeline: int, before: Callable[[int, str], None] = lambda number, step: None) -> Notes:
    board = Notes(host, before)
    publish(board, f"text {pipeline}", mark(pipeline), pause=lambda seconds: None)
    return board


def mark(pipeline: int) -> Mark:
    return Mark(pipeline=pipeline, job=1, name="shop")


def host(*pipelines: int) -> Host:
    found = Host()
    for pipeline in pipelines:
        Notes(found).create(mark(pipeline).on(f"text {pipeline}"))
    return found


def texts(found: Host) -> list[str]:
    return [unmarked(body) for body in found.notes.values()]


STARTS = ((), (1,), (1, 1), (2, 1, 2), (8,))


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize(("own", "other"), [(7, 9), (9, 7), (7, 7)])
def test_another_pipeline_from_start_to_end_before_any_step(start: tuple[int, ...], own: int, other: int) -> None:
    wanted = [f"text {max(own, other, *start)}"]
    count = len(run(host(*start), own).steps)
    for place in range(count):
        found = host(*start)

        def between(number: int, step: str, place: int = place, found: Host = found) -> None:
            # Between an older one's last look and its write nothing can be done: gate/hosts/single_note.py.
            if number == place and not (step == "update" and own < other):
                run(found, other)

        board = run(found, own, between)
        if not (board.steps[place] == "update" and own < other):
            assert texts(found) == wanted, (place, board.steps)


@pytest.mark.parametrize("start", STARTS)
def test_a_deletion_before_any_step(start: tuple[int, ...]) -> None:
    for place in range(len(run(host(*start), 9).steps) - 1):
        found = host(*start)

        def between(number: int, step: str, place: int = place, found: Host = found) -> None:
            if number == place and found.notes:
                del found.notes[min(found.notes)]

        run(found, 9, between)
        assert texts(found) in (["text 9"], []), place
        run(found, 9)
        assert texts(found) == ["text 9"]


@pytest.mark.parametrize("start", STARTS)
def test_a_failure_before_any_step_is_waited_out(start: tuple[int, ...]) -> None:
    for place in range(len(run(host(*start), 9).steps)):
        found = host(*start)

        def between(number: int, step: str, place: int = place) -> None:
            if number == place:
                raise PassingError("503", 1.0)

        run(found, 9, between)
        assert texts(found) == ["text 9"]


def test_the_same_again_writes_nothing() -> None:
    found = host()
    assert run(found, 5).steps == ["state", "own", "create", "state", "own"]
    assert run(found, 5).steps == ["state", "own"]
    assert run(found, 4).steps == ["state", "own"]
    assert run(found, 6).steps == ["state", "own", "read", "update", "state", "own"]


def test_a_note_that_others_keep_writing_is_given_up() -> None:
    found = host(1)

    def between(number: int, step: str) -> None:
        if step == "state":
            for note in found.notes:
                found.notes[note] = mark(1).on(f"other {number}")

    with pytest.raises(PublishError, match="did not settle"):
        run(found, 9, between)


def test_a_change_of_the_text_there_is_made_once() -> None:
    found = host(3)

    def change(body: str) -> str:
        return mark(3).on(f"line\n{unmarked(body).removeprefix(f'line{chr(10)}')}")

    for _ in range(2):
        amend(Notes(found), "shop", change, pause=lambda seconds: None)
    assert texts(found) == ["line\ntext 3"]
