"""The table of tools that do several things at once: starters of other programs, task runners and clients of a database. Data only."""

from __future__ import annotations

from policies.facts.ecs.stated.program import Program

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
