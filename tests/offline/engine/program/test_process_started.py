"""A program's process that is there before the engine: the first pass takes it, a second one has its own."""

import sys
from pathlib import Path

from offline.engine import deployment
from offline.engine.program.process import ProgramProcess

PROGRAM = """
import os, pathlib
import pulumi
with pathlib.Path("ran").open("a") as file:
    file.write(f"{os.getpid()} {pulumi.runtime.is_dry_run()}\\n")
pulumi.export("x", 1)
"""


def test_each_pass_has_a_process_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n", "utf-8")
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {aws:region: ap-northeast-2}\n", "utf-8")
    (tmp_path / "__main__.py").write_text(PROGRAM, "utf-8")
    started = ProgramProcess(tmp_path, python=Path(sys.executable), confined=False)
    outcome = deployment.run(
        kind="up",
        stage="dev",
        project_dir=tmp_path,
        state_dir=tmp_path / "state",
        pack_dir=None,
        on_event=lambda event: None,
        started=started,
    )
    started.close()
    assert (outcome.result, outcome.outputs) == ("succeeded", {"x": 1})
    first, second = ((tmp_path / "ran").read_text("utf-8")).splitlines()
    assert first == f"{started.pid} True"
    assert second.endswith(" False")
    assert second != f"{started.pid} False"
