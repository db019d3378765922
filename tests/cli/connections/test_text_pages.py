"""The pages of `./run connections` for the real stages, character by character."""

from collections.abc import Callable

Command = Callable[..., tuple[int, str, str]]

DEV_PAGE = """\
Connection budget of stage dev, from its resources as previewed

dev-db: 53 of 60 connections, 7 to spare
workload            limit  pools  tasks  demand  tasks alive at once
-------------------------------------------------------------------------
dev-datalab-api         5    x 1    x 2      10  at most 1, rolling 200 %
dev-legacy-api          5    x 1    x 2      10  at most 1, rolling 200 %
dev-tracking-api       10    x 1    x 2      20  at most 1, rolling 200 %
dev-category-batch      2    x 1    x 2       4  1 every 1 h, runs 40 min
dev-ranking-batch       2    x 1    x 2       4  1 every 24 h, runs 3 h
-------------------------------------------------------------------------
demand                                       48  all workloads at once
reserve                                       5  administrators and RDS
max_connections                              60  literal in
                                                 dev-db-mysql8-4
headroom                                      7  left over

  dev-datalab-api     ########                                       10   16.7 %
  dev-legacy-api      ########                                       10   16.7 %
  dev-tracking-api    ###############                                20   33.3 %
  dev-category-batch  ===                                             4    6.7 %
  dev-ranking-batch   ===                                             4    6.7 %
  all                 ##############################======++++.....  53   88.3 %
                      # service 40   = job 8   + reserve 5   . headroom 7

Timeouts agree: dev-db: wait_timeout 60 s, interactive_timeout 60 s; pools let go after at most 30 s.

dev: fits: no connection can be refused with all workloads at their maximum
"""

WHAT_IF = """\
What if (no file is changed):
  service prd-tracking-api: limit 32 -> 200, demand 384 -> 2400

  before  prd-db: 1172 of 2540 connections, 1368 to spare
  all                 #################===+......................  1172   46.1 %

  after   prd-db: 3188 of 2540 connections, 648 too many
  all                 ##################################!!!!!!!!!  3188  125.5 %

prd-db: 3188 of 2540 connections, 648 too many
workload            limit  pools  tasks  demand  tasks alive at once
-------------------------------------------------------------------------
prd-datalab-api        32    x 1   x 12     384  at most 6, rolling 200 %
prd-legacy-api         32    x 1    x 8     256  at most 4, rolling 200 %
prd-tracking-api      200    x 1   x 12    2400  at most 6, rolling 200 %
"""

WAYS_OUT = """\
Ways out, each of these alone is enough:
  - prd-db: max_connections 3188 on db.r5.xlarge (now 2540)
  - prd-tracking-api: DB_CONN_LIMIT at most 146 (now 200)
  - prd-tracking-api: at most 4 tasks (now 6)
  - prd-db: max_connections 3188 on db.r5.2xlarge (now 2540)
"""

WAITS = """\
Is the limit enough? 100 requests at once and 100 requests a second, each holding a connection for 300 ms; 99 of 100 to wait at most 50 ms
Load is spread evenly over the tasks; each request waits at the pool of its own process.
  workload          tasks             load   limit  in use  mean wait  p99 wait  last wait  all done  limit needed
  prd-tracking-api  one task          burst     32             324 ms    900 ms     900 ms   1200 ms            99
  prd-tracking-api  one task          rate      32  93.8 %    94.5 ms    622 ms                                 41
  prd-tracking-api  at the fewest, 2  burst     32             108 ms    300 ms     300 ms    600 ms            50
  prd-tracking-api  at the fewest, 2  rate      32  46.9 %  < 0.01 ms      0 ms                                 24
  prd-tracking-api  at the most, 6    burst     32               0 ms      0 ms       0 ms    300 ms            17
  prd-tracking-api  at the most, 6    rate      32  15.6 %       0 ms      0 ms                                 11
"""


def test_the_real_dev_stage(command: Command) -> None:
    assert command() == (0, DEV_PAGE, "")


def test_the_real_prd_stage(command: Command) -> None:
    code, out, _ = command("-s", "prd")
    assert code == 0
    assert "\nprd-db: 1172 of 2540 connections, 1368 to spare\n" in out
    assert "  all                 #################===+......................  1172   46.1 %\n" in out


def test_what_if_shows_before_and_after(command: Command) -> None:
    code, out, _ = command("-s", "prd", "--set", "tracking-api.limit=200")
    assert code == 1
    assert WHAT_IF in out
    assert WAYS_OUT in out
    assert out.endswith("\nprd: does not fit: with all workloads at their maximum the database refuses clients\n")


def test_the_scaling_maximum_alone_breaks_it(command: Command) -> None:
    code, out, _ = command("-s", "prd", "--set", "prd-tracking-api.tasks=60")
    assert code == 1
    assert "prd-db: 4628 of 2540 connections, 2088 too many" in out
    assert "  - prd-tracking-api: at most 27 tasks (now 60)\n" in out


def test_a_literal_beyond_the_memory_is_a_warning(command: Command) -> None:
    code, out, _ = command("--set", "max-connections=500")
    assert code == 0
    assert "Warning: max_connections 500 is more than 170, 2 times what db.t4g.micro has by default: " in out


def test_waits_of_one_workload(command: Command) -> None:
    load = ("--burst", "100", "--rate", "6000/min", "--hold-ms", "300", "--p99-ms", "50")
    code, out, _ = command("tracking-api", "-s", "prd", *load)
    assert code == 0
    assert WAITS in out


def test_waits_of_every_service_and_a_limit_that_does_not_fit(command: Command) -> None:
    _, out, _ = command("--rate", "100/s", "--hold-ms", "200", "--p99-ms", "50")
    assert [line.split()[0] for line in out.splitlines() if "one task  " in line] == [
        "dev-datalab-api",
        "dev-legacy-api",
        "dev-tracking-api",
    ]
    [row] = [line for line in out.splitlines() if line.startswith("  dev-tracking-api  one task")]
    assert row.split()[5:] == ["200.0", "%", "endless", "endless", "28", "(at", "most", "13", "fit)"]
    assert (
        "  dev-tracking-api, one task: overloaded. On average the requests hold 20 connections, and there are 10: they queue up "
        "without end.\n"
    ) in out
