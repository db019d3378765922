"""A storm: every workload of a platform at its maximum, in the middle of a roll-out, all pools full and pushed further."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from types import TracebackType
from typing import Self

from policies.budget.demand import Workload
from tests.storms.platforms import generations
from tests.storms.pools import Login, PoolClient, Pools, Processes
from tests.storms.server import Server


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """What the clients counted: connections held or requests answered, and errors by number."""

    number: int
    refused: Mapping[str, int]


class Storm:
    """The processes of a platform, wave by wave: generation 0 of every service and run 0 of every job, then the next."""

    def __init__(
        self,
        server: Server,
        client: PoolClient,
        logins: Mapping[str, Login],
        workloads: Sequence[Workload],
        *,
        push: bool = True,
    ) -> None:
        self._push = push
        self._server, self._client, self._logins = server, client, logins
        self._workloads = workloads
        self._waves: list[Processes] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def processes(self) -> int:
        return sum(len(wave) for wave in self._waves)

    def rise(self) -> Count:
        """Start wave after wave until all tasks of the worst moment live, each with its pools full and queues filled."""
        held, refused = 0, Counter[str]()
        for counts in zip_longest(*(generations(workload) for workload in self._workloads), fillvalue=0):
            wave = Processes(self._client, self._server)
            self._waves.append(wave)
            for workload, tasks in zip(self._workloads, counts, strict=True):
                for _ in range(tasks):
                    self._start_task(wave, workload)
            held_here, refused_here = wave.opened()
            held += held_here
            refused += refused_here
        return Count(number=held, refused=refused)

    def end_first_wave(self) -> Count:
        """The roll-out goes on: the old tasks answer what they have begun, and stop."""
        wave = self._waves.pop(0)
        answered, refused = wave.answered()
        wave.stop()
        return Count(number=answered, refused=refused)

    def answer(self) -> Count:
        """Let all requests end, those in the queues included."""
        answered, refused = 0, Counter[str]()
        for wave in self._waves:
            answered_here, refused_here = wave.answered()
            answered += answered_here
            refused += refused_here
        return Count(number=answered, refused=refused)

    def stop(self) -> None:
        for wave in self._waves:
            wave.stop()

    def _start_task(self, wave: Processes, workload: Workload) -> None:
        for number in range(workload.processes):
            outside = workload.outside_pool if number == 0 else 0  # a task's own, which one of its processes opens
            pools = Pools(limit=workload.limit, pools=workload.pools, outside=outside, push=self._push)
            wave.add(self._logins[workload.name], pools)
