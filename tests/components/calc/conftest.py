"""Fixtures of the calculation tests: where the example stage lives, and a machine that runs buildspecs."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from components.calc.arns import Location
from components.calc.delivery.buildspec import Buildspec

COMMIT = "0123456789abcdef0123456789abcdef01234567"
DIGEST = f"sha256:{'ab' * 32}"
HOST = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com"
# What was pushed lies in the folder `registry`; docker fails at the verb that FAIL names.
STAND_INS = {
    "docker": """\
printf 'docker %s\\n' "$*" >> "$LOG"
[ "$1" != "${FAIL:-}" ] || exit 7
case $1 in
  login) cat > /dev/null ;;
  build) ls -A "${@: -1}" | sort > "$LOG.context" ;;
  push) case $2 in *:cache) ;; *) printf '%s' "$DIGEST" > registry ;; esac ;;
esac
""",
    "aws": """\
printf 'aws %s\\n' "$*" >> "$LOG"
[ "$2" != "${FAIL:-}" ] || exit 9
case $2 in
  get-login-password) echo secret ;;
  batch-get-image) cat registry 2>/dev/null || true ;;
  cp) mkdir -p "$(dirname "$5")" && echo ok > "$5" ;;
esac
""",
    "python3": 'printf \'python3 %s\\n\' "$*" >> "$LOG"\n',
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """How a build ended: in which phase, with what, and what it called."""

    phase: str
    exit_code: int
    errors: str
    calls: tuple[str, ...]
    context: tuple[str, ...]


class Machine:
    """A source folder and a shell, as CodeBuild gives them to a buildspec."""

    def __init__(self, folder: Path) -> None:
        self.source, self._tools, self._log = folder / "source", folder / "bin", folder / "log"
        self.source.mkdir()
        self._tools.mkdir()
        for name, script in STAND_INS.items():
            tool = self._tools / name
            tool.write_text(f"#!/bin/bash\nset -euo pipefail\n{script}")
            tool.chmod(0o755)
        (self.source / "Dockerfile").write_text("FROM scratch\n")
        (self.source / ".env.development").write_text("A=1\n")

    @staticmethod
    def scripts(spec: Buildspec) -> dict[str, str]:
        """Phase to its script."""
        phases: Any = spec["phases"]
        assert {tuple(phase) for phase in phases.values()} == {("on-failure", "commands")}
        assert {phase["on-failure"] for phase in phases.values()} == {"ABORT"}
        return {name: "\n".join(phase["commands"]) for name, phase in phases.items()}

    def run(self, spec: Buildspec, **variables: str) -> Build:
        """Run the phases as CodeBuild does: a failed one ends the build."""
        self._log.write_text("")
        environment = {
            "PATH": f"{self._tools}:{os.environ['PATH']}",
            "LOG": str(self._log),
            "DIGEST": DIGEST,
            "AWS_REGION": "ap-northeast-2",
            "CODEBUILD_RESOLVED_SOURCE_VERSION": COMMIT,
            "ENVIRONMENT": "development",
            "REPOSITORY_URI": f"{HOST}/dev-datalab-api",
            "CONTAINER_NAME": "datalab-api",
            **variables,
        }
        reached, code, errors = "", 0, ""
        for phase, script in self.scripts(spec).items():
            reached = phase
            done = subprocess.run(
                ["bash", "-c", script], cwd=self.source, env=environment, capture_output=True, text=True, check=False
            )
            code, errors = done.returncode, done.stderr
            if code:
                break
        context = Path(f"{self._log}.context")
        return Build(
            phase=reached,
            exit_code=code,
            errors=errors,
            calls=tuple(self._log.read_text().splitlines()),
            context=tuple(context.read_text().split()) if context.exists() else (),
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture
def seoul() -> Location:
    return Location(region="ap-northeast-2", account_id="123456789012")
