"""What the tables of programs hold of each, and the one of tools that do several things at once: starters, task runners, clients."""

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


TOOLS = (
    Program(names="xargs gxargs", processes="-P --max-procs -0P -rP -r0P -0rP -tP", launches=True,
            source="GNU findutils, xargs: -P, 0 for as many as possible, one by default"),
    Program(names="parallel env_parallel", processes="-j --jobs -P --max-procs", default=None, launches=True,
            source="GNU parallel: -j, the CPUs by default; -j 0, 200 % and +2 depend on the machine"),
    Program(names="make gmake", processes="-j --jobs",
            source="GNU make: -j, without a number as many as there are targets"),
    Program(names="torchrun mpirun mpiexec", processes="--nproc_per_node --nproc-per-node -np -n --np", launches=True,
            source="docs.pytorch.org, torchrun; Open MPI, mpirun -np"),
    Program(names="concurrently run-p", default=None, source="concurrently's README; npm-run-all, run-p"),
    Program(names="npm-run-all", starts="-p --parallel", default=None, source="npm-run-all's README: --parallel"),
    Program(names="lerna", starts="run exec", processes="--concurrency", default=None,
            source="lerna.js.org: --concurrency"),
    Program(names="nx", starts="run-many", processes="--parallel", default=3, source="nx.dev, run-many: --parallel, 3"),
    Program(names="turbo", starts="run", processes="--concurrency", default=10,
            source="turborepo.com, run: --concurrency, 10"),
    Program(names="dask-worker dask", starts="--nworkers --nprocs", processes="--nworkers --nprocs",
            threads="--nthreads", source="docs.dask.org, Command line: --nworkers, --nthreads"),
    Program(names="luigi", processes="--workers", source="luigi.readthedocs.io, Configuration: --workers"),
    Program(names="locust", processes="--processes", source="docs.locust.io: --processes, -1 for the CPUs"),
    Program(names="pg_restore pg_dump", processes="-j --jobs", source="postgresql.org, pg_dump: -j"),
    Program(names="pgbench", processes="-c --client", source="postgresql.org, pgbench: -c"),
    Program(names="mydumper myloader", processes="-t --threads", default=4, source="mydumper's manual: --threads, 4"),
    Program(names="mysqlslap", processes="-c --concurrency", source="dev.mysql.com, mysqlslap: --concurrency"),
    Program(names="sysbench", processes="--threads", source="sysbench's README: --threads"),
)  # fmt: skip
"""Beside the servers of concurrency_table.py; what is not said, such as CPUs, is None."""
