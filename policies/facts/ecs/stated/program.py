"""What the tables of programs that start several processes hold of each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A program that starts processes or threads, each with connections of its own.

    names: of its executable, with a row for each of its starts. starts: words of which one has to stand in its command (celery
    `worker`), none for any command. processes, threads: its flags; beside: flags of further processes, which are added. several: words
    that start processes without a number. variables, thread_variables: what it reads from the environment. default: the processes where
    nothing states them, None for what only the machine or a file says. files: flags and endings of a configuration file, which may
    state the processes. zero: the processes that a stated 0 means. launches: it starts the program that its arguments name, as often at
    once.
    """

    names: str
    source: str
    starts: str = ""
    processes: str = ""
    threads: str = ""
    beside: str = ""
    several: str = ""
    variables: str = ""
    thread_variables: str = ""
    default: int | None = 1
    files: str = ""
    zero: int | None = None
    launches: bool = False
