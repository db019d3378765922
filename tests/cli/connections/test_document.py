"""`./run connections --json`: the keys that programs rely on."""

import json
from collections.abc import Callable

Command = Callable[..., tuple[int, str, str]]


def test_json_is_one_document_with_every_key(command: Command) -> None:
    code, out, err = command("--json")
    found = json.loads(out)
    assert (code, err) == (0, "")
    assert {key: found[key] for key in ("stage", "verdict", "changes", "effects", "before", "waits", "live")} == {
        "stage": "dev",
        "verdict": "fits",
        "changes": [],
        "effects": [],
        "before": None,
        "waits": None,
        "live": None,
    }
    assert found["timeouts"] == {
        "agree": True,
        "summary": "dev-db: wait_timeout 60 s, interactive_timeout 60 s; pools let go after at most 30 s",
        "findings": [],
    }
    [database] = found["databases"]
    assert database["workloads"][2] == {
        "name": "dev-tracking-api",
        "kind": "service",
        "limit": 10,
        "processes": 1,
        "pools": 1,
        "outside_pool": 0,
        "tasks": 1,
        "tasks_alive": 2,
        "why": "at most 1, rolling 200 %",
        "demand": 20,
        "largest_limit": 13,
        "largest_tasks": 1,
    }
    del database["workloads"]
    assert database == {
        "database": "dev-db",
        "verdict": "fits",
        "findings": [],
        "max_connections": 60,
        "estimated": False,
        "source": "literal in dev-db-mysql8-4",
        "engine": "mysql",
        "engine_version": "8.4",
        "instance_class": "db.t4g.micro",
        "reserve": 5,
        "demand": 48,
        "used": 53,
        "headroom": 7,
        "ways_out": [],
        "warnings": [],
    }


def test_json_of_a_change_and_of_waits(command: Command) -> None:
    asked = ("--set", "tracking-api.limit=20", "--burst", "100", "--hold-ms", "200", "--p99-ms", "400")
    code, out, _ = command("tracking-api", "--json", *asked)
    found = json.loads(out)
    assert (code, found["verdict"], found["changes"]) == (1, "broken", ["dev-tracking-api.limit=20"])
    assert [entry[0]["used"] for entry in (found["before"], found["databases"])] == [53, 73]
    assert found["databases"][0]["ways_out"] == [
        "dev-db: max_connections 73 on db.t4g.micro (now 60)",
        "dev-tracking-api: DB_CONN_LIMIT at most 13 (now 20)",
        "dev-db: max_connections 73 on db.t4g.small (now 60)",
    ]
    assert found["waits"][0] == {
        "workload": "dev-tracking-api",
        "kind": "burst",
        "scope": "one task",
        "tasks": 1,
        "pools": 1,
        "limit": 20,
        "overload": False,
        "utilisation": None,
        "mean_ms": 400.0,
        "p99_ms": 800.0,
        "last_ms": 800.0,
        "all_done_ms": 1000.0,
        "smallest_limit": 33,
        "fits": False,
    }


def test_a_change_that_fits_and_that_another_policy_denies_ends_1(command: Command) -> None:
    arguments = ["-s", "prd", "--set", "class=db.t4g.micro", "--set", "max-connections=5000"]
    code, out, _ = command(*arguments, "--json")
    found = json.loads(out)
    assert code == 1
    assert (found["verdict"], found["databases"][0]["headroom"] > 0) == ("fits", True)
    assert ["max-connections-fits-class denies it" in sentence for sentence in found["refused"]] == [True]
    code, out, _ = command(*arguments)
    assert code == 1
    assert "but a policy refuses it:\n  max_connections 5000 is more than " in out
