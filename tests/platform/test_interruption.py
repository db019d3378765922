"""`./run up` interrupted at six random points, two each by SIGINT, SIGTERM and SIGKILL: the next one ends complete, nothing doubled."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.platform.renaming import Dev, edit, made_small, project_to_edit, remove

ROOT = Path(__file__).parents[2]
SEED = 20261122
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
TURNS, FARTHEST = 6, 20

pytestmark = pytest.mark.slow


def interrupted_up(dev: Dev, after: int, number: signal.Signals) -> int:
    """Start `up`, send the signal once `after` resources are done, and return how the process ended."""
    command = [
        sys.executable,
        "-m",
        "cli",
        "up",
        "-s",
        "dev",
        "--json",
        "--state",
        str(dev.state),
        "--project",
        str(dev.project),
    ]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        done = 0
        for line in process.stdout:
            metadata = json.loads(line).get("resOutputsEvent", {}).get("metadata", {})
            done += metadata.get("op") == "create"
            if done == after:
                process.send_signal(number)
                break
        process.stdout.read()
        return process.wait()


def test_an_interrupted_up_is_completed_by_the_next(tmp_path: Path) -> None:
    dev = Dev(project=project_to_edit(tmp_path / "project"), state=tmp_path / "state")
    made_small(dev.project)
    remove(dev.project, "legacy-api")
    edit(dev.project / "Pulumi.dev.yaml", ("  enabled: true\n    branch", "  enabled: false\n    branch"))
    points = random.Random(SEED)
    print(f"seed {SEED}")
    for turn in range(TURNS):
        number = SIGNALS[turn % len(SIGNALS)]
        code = interrupted_up(dev, points.randint(1, FARTHEST), number)
        assert code == (-signal.SIGKILL if number is signal.SIGKILL else 1)
    outcome, ask = dev.run()
    assert (outcome.result, outcome.errors) == ("succeeded", ())
    assert (outcome.changes["update"], outcome.changes["replace"], outcome.changes["delete"]) == (0, 0, 0)
    assert outcome.changes["create"] > 0
    names = Counter(
        [
            *(group["GroupName"] for group in ask("ec2", "describe_security_groups")["SecurityGroups"]),
            *(subnet["CidrBlock"] for subnet in ask("ec2", "describe_subnets")["Subnets"]),
            *ask("ecs", "list_services", cluster="dev-item")["serviceArns"],
            *(role["RoleName"] for role in ask("iam", "list_roles")["Roles"]),
        ]
    )
    ours = {name: count for name, count in names.items() if name != "default" and not name.startswith("172.31.")}
    assert [name for name, count in ours.items() if count > 1] == []
    again, _ = dev.run()
    assert again.changes["same"] == sum(again.changes.values())
