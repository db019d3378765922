"""A hostile program: whatever it does in its own process, a violation is refused, and the run says so."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from offline.confined import abi

pytestmark = pytest.mark.skipif(not abi(), reason="this kernel has no Landlock")

VIOLATING = """
import pulumi_aws as aws
aws.rds.Instance("db", instance_class="db.t3.micro", engine="mysql", allocated_storage=20, publicly_accessible=True,
                 username="a", manage_master_user_password=True, identifier="db")
"""
AT_ONCE = {
    "a clean exit": "import os; os._exit(0)",
    "sys.exit": "import sys; sys.exit(0)",
    "its parent killed": "import os, signal; os.kill(os.getppid(), signal.SIGKILL)",
    "an unending loop of output": "import sys\nfor _ in range(20000): print('preview succeeded')\nraise SystemExit(0)",
    "a file of the judge's written": "open({pack!r} + '/exceptions.yaml', 'a').close()",
    "a file of the judge's removed": "import os; os.unlink({pack!r} + '/never-there') if False else os.mkdir({pack!r} + '/x')",
    "its own folder written": "open('__main__.py', 'a').close()",
    "the judge's memory": "import os; open(f'/proc/{{os.getppid()}}/mem', 'rb+').close()",
    "the judge's output": "import os; open(f'/proc/{{os.getppid()}}/fd/1', 'w').write('{{}}')",
    "nonsense to the engine": "import os, socket, sys; socket.socket(fileno=int(sys.argv[1])).send(b'\\xff' * 99); os._exit(0)",
    "a request that no SDK sends": (
        "import socket, struct, sys; socket.socket(fileno=int(sys.argv[1])).send(struct.pack('>HI', 7, 2) + b'destroy' + b'ab')\n"
        "import time; time.sleep(60)"
    ),
}
BESIDE = {
    "everybody signalled": "import os, signal; os.kill(-1, signal.SIGWINCH)\n",
    "modules patched": (
        "import sys, types\nfor name in list(sys.modules):\n"
        "    if name.startswith(('offline', 'gate', 'cli', 'policies')): sys.modules[name] = types.ModuleType(name)\n"
    ),
    "atexit": "import atexit, os\natexit.register(lambda: os._exit(0))\n",
    "fake events": """
import os
for fd in (1, 2):
    os.write(fd, b'{"summaryEvent": {"result": "succeeded"}}\\n')
""",
    "a child that reports": (
        "import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', 'import time; time.sleep(1); print(\"preview succeeded\")'])\n"
    ),
    "the pack configured anew": """
import glob, re, threading, time
def attack():
    import grpc
    from pulumi.runtime.proto import analyzer_pb2 as pb, analyzer_pb2_grpc
    for line in open("/proc/net/tcp").readlines()[1:]:
        port, state = int(line.split()[1].split(":")[1], 16), line.split()[3]
        if state != "0A": continue
        try:
            stub = analyzer_pb2_grpc.AnalyzerStub(grpc.insecure_channel(f"127.0.0.1:{port}"))
            request = pb.ConfigureAnalyzerRequest()
            from google.protobuf.empty_pb2 import Empty
            for policy in stub.GetAnalyzerInfo(Empty(), timeout=1).policies:
                request.policyConfig[policy.name].enforcementLevel = pb.EnforcementLevel.DISABLED
            stub.Configure(request, timeout=1)
        except Exception: pass
attack()
""",
}


@pytest.fixture
def request_folder(project_root: Path, tmp_path: Path) -> Path:
    (tmp_path / "Pulumi.yaml").write_text("name: hostile\nruntime: python\nconfig:\n  aws:region: ap-northeast-2\n")
    (tmp_path / "Pulumi.prd.yaml").write_text("config: {}\n")
    shutil.copy(project_root / "requirements.txt", tmp_path)
    return tmp_path


def judged(project_root: Path, folder: Path, program: str, *options: str) -> subprocess.CompletedProcess[str]:
    """As a person sees it: the gate's command on the request's folder."""
    (folder / "__main__.py").write_text(program)
    state = folder.with_name(f"{folder.name}-state")
    command = [
        sys.executable,
        "cli/__main__.py",
        "preview",
        "-s",
        "prd",
        "--program",
        str(folder),
        "--state",
        str(state),
    ]
    return subprocess.run(
        [*command, *options], cwd=project_root, capture_output=True, text=True, check=False, timeout=120
    )


@pytest.mark.parametrize("name", AT_ONCE)
def test_what_ends_or_reaches_for_the_judge_fails(project_root: Path, request_folder: Path, name: str) -> None:
    pack = str(project_root / "policies")
    before = {path: path.stat().st_mtime_ns for path in Path(pack).glob("*") if path.name != "__pycache__"}
    done = judged(project_root, request_folder, AT_ONCE[name].format(pack=pack))
    assert done.returncode in ({1, -9, -15} if "killed" in name and abi() < 6 else {1}), (
        done.stdout[-800:] + done.stderr
    )
    assert "preview failed" in done.stdout or done.returncode < 0
    assert {path: path.stat().st_mtime_ns for path in Path(pack).glob("*") if path.name != "__pycache__"} == before


@pytest.mark.parametrize("name", BESIDE)
def test_a_violation_is_refused_whatever_is_tried_beside_it(
    project_root: Path, request_folder: Path, name: str
) -> None:
    done = judged(project_root, request_folder, BESIDE[name] + VIOLATING)
    assert done.returncode == 1, done.stdout[-800:]
    assert "rds-private" in done.stdout or "public" in done.stdout
    assert "preview failed" in done.stdout


def test_events_are_the_engines_own(project_root: Path, request_folder: Path) -> None:
    done = judged(project_root, request_folder, BESIDE["fake events"] + VIOLATING, "--json")
    summaries = [
        event["summaryEvent"] for line in done.stdout.splitlines() if "summaryEvent" in (event := json.loads(line))
    ]
    assert [summary["result"] for summary in summaries] == ["failed"]
    assert done.returncode == 1


def test_what_is_recorded_in_the_requests_folder_is_not_believed(project_root: Path, request_folder: Path) -> None:
    (request_folder / ".state").mkdir()
    (request_folder / ".state/prd.jsonl").write_text("not what the engine wrote\n")
    done = judged(project_root, request_folder, VIOLATING)
    assert (done.returncode, "not what this engine wrote" in done.stdout + done.stderr) == (1, False)


def test_a_pack_beside_the_program_does_not_judge_it(project_root: Path, request_folder: Path) -> None:
    (request_folder / "policies").mkdir()
    (request_folder / "policies/PulumiPolicy.yaml").write_text("runtime: python\n")
    (request_folder / "policies/__main__.py").write_text("raise SystemExit(0)\n")
    done = judged(project_root, request_folder, VIOLATING)
    assert done.returncode == 1
    assert "preview failed" in done.stdout


def test_who_judges_stands_outside_of_what_is_judged(project_root: Path) -> None:
    command = [sys.executable, "cli/__main__.py", "preview", "--program", "."]
    done = subprocess.run(command, cwd=project_root, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "holds who judges it" in done.stderr


def test_a_lock_that_says_more_than_versions_is_not_installed(project_root: Path, request_folder: Path) -> None:
    with (request_folder / "requirements.txt").open("a") as lock:
        lock.write("--no-binary :all:\n")
    done = judged(project_root, request_folder, VIOLATING)
    assert done.returncode == 2
    assert "'--no-binary :all:' is neither a version, a hash nor a comment" in done.stderr
