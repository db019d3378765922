"""How many processes, and threads of a process, a container's command and variables state: counted where a number can be read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from policies.facts.ecs.command_words import base_name, commands, flag_values, segments
from policies.facts.ecs.stated.concurrency_table import ONE_PROCESS_POOLS, PROCESS_VARIABLES, PROGRAMS, RUNTIMES
from policies.facts.ecs.stated.shell_loops import Loop, without_loops
from policies.facts.ecs.stated.tool_table import Program

_BY_NAME = {
    name: [program for program in PROGRAMS if name in program.names.split()]
    for row in PROGRAMS
    for name in row.names.split()
}
_SUBSTITUTED = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)(?::?[-=]([^}]*))?\}?")
_ASSIGNED = re.compile(r"([A-Z_][A-Z0-9_]*)=(.*)", re.DOTALL)
_DIRECTIVE = re.compile(r"\b(worker_processes|pm\.max_children)\s*[= ]\s*([0-9a-z]+)")
_NO_NUMBER = re.compile(r"-.*|/.*|.*\.[a-z]+", re.DOTALL)
"""What follows a switch that has no number: another flag, or the folder or script that it names."""
_MOST = 100_000
_GUNICORN = "GUNICORN_CMD_ARGS"
"""What gunicorn reads as its command line (docs.gunicorn.org, Settings)."""
_BESIDE = "beside another"
_CLUSTER_SCRIPT = re.compile(r"(?:.*/)?cluster\.[cm]?[jt]s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Processes:
    """What a container states. number: of processes, at least 1, by the words of `by`; unknown: what shows several without a
    number; threads: the most that a process of it states, 0 for none, by `threads_by`."""

    number: int = 1
    by: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    threads: int = 0
    threads_by: str = ""


@dataclass(slots=True)
class _Tally:
    """What one program, or the environment, states while it is read."""

    numbers: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    unknown: list[str] = field(default_factory=list[str])
    threads: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    beside: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])

    @property
    def most(self) -> tuple[int, str]:
        """The largest of what is stated twice, and what runs beside it."""
        number, by = max(self.numbers, default=(1, ""), key=lambda stated: stated[0])
        further = [text for count, text in self.beside if count]
        return min(number + sum(count for count, _ in self.beside), _MOST), " and ".join(
            [*([by] if by else []), *further]
        )


def stated_processes(environment: Mapping[str, str | None], command: Sequence[str]) -> Processes:
    """The processes of a container. Programs that run beside each other are added; the larger of flags and variables counts."""
    command, repeats = without_loops(command)
    starts = list(commands(command))
    known = dict(environment)
    for segment, _ in starts:
        known.update({match[1]: match[2] for word in segment if (match := _ASSIGNED.fullmatch(word))})
    if _GUNICORN in known and not any(_named(word) == "gunicorn" for segment, _ in starts for word in segment):
        starts.append((["gunicorn"], False))  # which the image starts
    directives = _DIRECTIVE.findall(" ".join(command))
    named = frozenset(name for name, _ in directives)
    tallies = [tally for segment, _ in starts if (tally := _program(known, segment, named)) is not None]
    tallies += _beside(starts, known, named, repeated=bool(repeats))
    tallies += [tally for repeat in repeats if (tally := _repeated(known, repeat, named)) is not None]
    variables = _Tally()
    for name in sorted(PROCESS_VARIABLES.intersection(known)):
        _note(variables, name, known[name], known, zero=1)
    for name, value in directives:
        _note(variables, name, value, known)
    together = sum(tally.most[0] for tally in tallies)
    number, by = variables.most
    texts = (by,) if by else ()
    if together >= number:
        number = together
        texts = tuple(text for count, text in (tally.most for tally in tallies) if count > 1 or text.endswith(_BESIDE))
    unknown = [text for tally in tallies for text in tally.unknown]
    threads, threads_by = max((stated for tally in tallies for stated in tally.threads), default=(0, ""))
    return Processes(
        number=max(number, 1),
        by=texts,
        unknown=tuple(sorted({*unknown, *variables.unknown})),
        threads=threads,
        threads_by=threads_by,
    )


def _program(environment: Mapping[str, str | None], words: Sequence[str], directives: frozenset[str]) -> _Tally | None:
    """What a command of one program states; None where no program of the table stands in it."""
    found = next((place for place, word in enumerate(words) if _named(word) in _BY_NAME), None)
    if found is None:
        return _script(words)
    name, arguments = _named(words[found]), words[found + 1 :]
    rows = (row for row in _BY_NAME[name] if not row.starts or any(_ends(word, row.starts) for word in arguments))
    program = next(rows, None)
    if program is None:
        return None
    if program.launches:
        return _launched(environment, name, program, arguments, directives)
    tally = _Tally()
    tally.unknown.extend(f'"{word}"' for word in arguments if word in program.several.split())
    if name == "gunicorn" and _GUNICORN in environment:
        stated = environment[_GUNICORN]
        if stated is None:
            tally.unknown.append(f"{_GUNICORN}, whose value is not known here,")
        arguments = [*arguments, *(word for segment in segments([stated or "", ""]) for word in segment)]
    pools = (
        {value for _, value in flag_values(arguments, ("-P", "--pool"))} if name.startswith("celery") else set[str]()
    )
    one_process = bool(pools & ONE_PROCESS_POOLS)
    for flag, value in flag_values(arguments, [flag for flag in program.processes.split() if flag[0] == "-"]):
        if one_process:
            _note_threads(tally, flag, value, environment)
        else:
            _note(tally, flag, value, environment, zero=program.zero)
    for flag, value in flag_values(arguments, program.beside.split()):
        _note_beside(tally, flag, value, environment)
    if name == "artisan" and not tally.beside and _on_swoole(arguments, environment):
        tally.unknown.append("octane on Swoole without a number of task workers")
    for flag, value in flag_values(arguments, program.threads.split()):
        _note_threads(tally, flag, value, environment)
    if name.startswith("celery") and "multi" in arguments:
        tally.unknown.append('"celery multi"')
    own = [variable for variable in program.variables.split() if variable in environment]
    if not (tally.numbers or tally.unknown or one_process):
        for variable in own:
            _note(tally, variable, environment[variable], environment, zero=program.zero)
    if not (tally.numbers or tally.unknown or one_process or directives.intersection(program.processes.split())):
        _by_default(tally, name, program, arguments)
    return tally


def _on_swoole(arguments: Sequence[str], environment: Mapping[str, str | None]) -> bool:
    """Whether Octane runs on Swoole, which starts a task worker a CPU by default (laravel.com, Octane; octane:swoole --help)."""
    server = next((value for _, value in flag_values(arguments, ("--server",))), environment.get("OCTANE_SERVER"))
    return "octane:swoole" in arguments or (
        "octane:start" in arguments and (server or "").lower() in ("swoole", "openswoole")
    )


def _launched(
    environment: Mapping[str, str | None],
    name: str,
    program: Program,
    arguments: Sequence[str],
    directives: frozenset[str],
) -> _Tally:
    """What starts another program several times at once: as many times the processes of that one."""
    inner = _program(environment, arguments, directives) or _Tally()
    own = _Tally()
    for flag, value in list(flag_values(arguments, program.processes.split()))[:1]:
        _note(own, flag, value, environment)
    if not (own.numbers or own.unknown) and program.default is None:
        own.unknown.append(f"{name} without a number of processes")
    return _times(own, inner)


def _times(own: _Tally, inner: _Tally) -> _Tally:
    number, by = own.most
    each, inner_by = inner.most
    texts = " times ".join(text for text in (by, inner_by) if text)
    return _Tally(
        numbers=[(min(number * each, _MOST), texts)] if texts else [],
        unknown=[*own.unknown, *inner.unknown],
        threads=inner.threads,
    )


def _repeated(environment: Mapping[str, str | None], loop: Loop, directives: frozenset[str]) -> _Tally | None:
    """What a loop of the shell starts in the background; None where that is no application."""
    started = [words for words, _ in commands((loop.body,)) if words]
    inner = [tally for words in started if (tally := _program(environment, words, directives)) is not None]
    if not inner and not any(_runs(word) for words in started for word in words):
        return None
    own = _Tally(numbers=[(loop.times, f"loop {loop.times}")] if loop.times else [])
    if not loop.times:
        own.unknown.append(f'"{loop.shown} … &"')
    return _times(own, max(inner, key=lambda tally: tally.most[0], default=_Tally()))


def _runs(word: str) -> bool:
    """Whether a word names what starts an application."""
    return base_name(word).rstrip("0123456789.") in RUNTIMES


def _by_default(tally: _Tally, name: str, program: Program, arguments: Sequence[str]) -> None:
    file = next((word for word in arguments if _ends(word, program.files)), "")
    if file:
        tally.unknown.append(f"the configuration file of {name}")
    elif program.default is None:
        tally.unknown.append(f"{name} without a number of processes")
    else:
        tally.numbers.append((program.default, f"{name}'s default of {program.default}"))


def _named(word: str) -> str:
    """The name of a program as the table has it."""
    return word if word in _BY_NAME else base_name(word)


def _beside(
    starts: Sequence[tuple[Sequence[str], bool]],
    environment: Mapping[str, str | None],
    directives: frozenset[str],
    *,
    repeated: bool,
) -> Iterator[_Tally]:
    """One process for each program that runs beside others, and of which nothing else is known: `node api.js & node jobs.js`."""
    if not repeated and not any(background for _, background in starts):
        return
    for words, background in starts:
        started = next((word for word in words if _runs(word)), None)
        last = words is starts[-1][0] or background
        if started is not None and last and _program(environment, words, directives) is None:
            yield _Tally(numbers=[(1, f"{base_name(started)} {_BESIDE}")])


def _script(words: Sequence[str]) -> _Tally | None:
    """Node.js's cluster module: shown by a flag or by the script's name alone."""
    if any(base_name(word) in ("npm", "yarn", "pnpm") for word in words):
        shown = [f'"{word}"' for word in words if re.fullmatch(r"(?:[\w-]+:)*cluster(?::[\w-]+)*", word)]
        return _Tally(unknown=shown) if shown else None
    if not any(base_name(word) in ("node", "nodejs", "tsx", "ts-node", "bun") for word in words):
        return None
    tally = _Tally()
    for flag, value in flag_values(words, ("--cluster", "--workers", "--instances")):
        _note(tally, flag, value, {})
    if "--cluster" in words and not tally.numbers:
        tally.unknown = ['"--cluster"']
    tally.unknown.extend(f'"{word}"' for word in words if _CLUSTER_SCRIPT.fullmatch(word))
    return tally if tally.numbers or tally.unknown else None


def _note(
    tally: _Tally, name: str, value: str | None, environment: Mapping[str, str | None], *, zero: int | None = None
) -> None:
    number = _number(value, environment)
    if number == 0 and zero is not None:
        number = zero
    if number is None or number < 1:
        tally.unknown.append(f'"{name} {(value or "without a value")[:40]}"')
    else:
        tally.numbers.append((number, f"{name} {number}"))


def _note_beside(tally: _Tally, name: str, value: str, environment: Mapping[str, str | None]) -> None:
    """Further processes; a switch without a number is one."""
    number = 1 if not value or _NO_NUMBER.fullmatch(value) else _number(value, environment)
    if number is None:
        tally.unknown.append(f'"{name} {value[:40]}"')
    else:
        tally.beside.append((number, f"{name} {number}"))


def _note_threads(tally: _Tally, name: str, value: str, environment: Mapping[str, str | None]) -> None:
    number = _number(value, environment)
    if number is not None and number > 0:
        tally.threads.append((number, f"{name} {number}"))


def _number(value: str | None, environment: Mapping[str, str | None]) -> int | None:
    """The largest number of "8", "5:16" and "10,3"; variables of the environment and defaults of the shell put in."""
    text = (value or "").strip().strip("\"'")
    for _ in range(3):
        text = _SUBSTITUTED.sub(lambda match: environment.get(match[1]) or match[2] or "?", text)
    parts = re.split(r"[:,]", text)
    if not all(part.isascii() and part.isdigit() and len(part) <= 9 for part in parts):
        return None
    return min(max(int(part) for part in parts), _MOST)


def _ends(word: str, texts: str) -> bool:
    """Whether a word is one of the texts, or ends like one that starts with a dot."""
    return any(
        word == text or word.startswith(f"{text}=") or (text.startswith(".") and word.endswith(text))
        for text in texts.split()
    )
