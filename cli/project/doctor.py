"""`./run doctor`: which optional programs this machine has, which feature needs each, and how to get what is missing."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from cli.command import DONE, ROOT
from cli.report.screens import console
from cli.report.table import table
from cli.stages.place import Place
from cli.stages.secrets import lacking
from offline.engine.errors import EngineError
from offline.pulumi.executable import find_cli
from offline.pulumi.go import GET_GO, find_go
from policies.resources.json_text import read_json
from settings.files.errors import UsageError
from settings.files.passphrase import PASSPHRASE_VARIABLES
from settings.files.stack_config import load, stages_of
from settings.files.yaml_file import read_mapping, read_text

# Debian keeps daemons where an ordinary user's PATH does not look.
_EXTRA_PATH = ("/usr/sbin", "/usr/local/sbin")
_SECONDS = 5.0
_DEPLOY: Final = "deploy to AWS (pulumi up)"


@dataclass(frozen=True, slots=True)
class Tool:
    """A program, the feature that needs it, and where it comes from."""

    feature: str
    names: tuple[str, ...]
    get: str
    version: str = "--version"


@dataclass(frozen=True, slots=True)
class Finding:
    """One row: `found` is empty where something is missing."""

    feature: str
    what: str
    found: str
    path: str
    get: str


TOOLS = (
    Tool(_DEPLOY, ("pulumi",), "https://www.pulumi.com/docs/install/", version="version"),
    Tool("ask the offline AWS (up --serve)", ("aws",), "apt install awscli"),
    Tool("connections on a real server", ("mariadbd", "mysqld"), "apt install mariadb-server-core"),
    Tool("api-docs proxy", ("nginx",), "apt install nginx", version="-v"),
    Tool("api-docs in a browser", ("chromium",), "apt install chromium"),
    Tool("build images in the pipeline", ("buildah",), "apt install buildah"),
    Tool("push images in the pipeline", ("docker-registry",), "apt install docker-registry"),
    Tool("run the placeholder container", ("node",), "apt install nodejs"),
    Tool("pipeline source", ("git",), "apt install git"),
)
_CREDENTIAL_VARIABLES = (
    "AWS_ACCESS_KEY_ID",
    "AWS_PROFILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)


def examine(environment: Mapping[str, str], home: Path, project_dir: Path | None = None) -> list[Finding]:
    """Look for everything. Credentials are looked for by name only: nothing is read from them and AWS is not asked."""
    path = shutil.which("python3", path=environment.get("PATH")) or ""
    get = "apt install python3 python3-venv"
    python = Finding("everything offline (./run)", "python", platform.python_version(), path, get)
    tools = [_tool(tool, environment) for tool in TOOLS]
    deploying = [_credentials(environment, home), _state(environment, home), _passphrase(environment)]
    stacks = [_stack(project_dir, stage) for stage in stages_of(project_dir)] if project_dir is not None else []
    return [python, *deploying, *stacks, *tools, _engine(environment), _go(environment)]


def doctor(*, as_json: bool, project_dir: Path = ROOT, place: Place | None = None) -> int:
    """Print the findings, and which secrets of a stage are missing; missing options are no failure."""
    if not (project_dir / "Pulumi.yaml").is_file():
        raise UsageError(f"There is no Pulumi.yaml in {project_dir}.")
    if place is not None:
        load(place.project_dir, place.stage)  # a stage that does not exist is refused before anything is looked for
    found = examine(os.environ, Path.home(), project_dir)
    if as_json:
        print(json.dumps([asdict(finding) for finding in found], indent=2))
        return DONE
    out = console()
    head, *lines = table(
        ("", "feature", "needs", "found", "path, or how to get it"),
        [
            ("ok" if item.found else "--", item.feature, item.what, item.found or "missing", item.path or item.get)
            for item in found
        ],
        lead=2,
    )
    out.print(head, style="bold")
    for line in lines:
        out.print(line, style="yellow" if line.startswith("--") else "")
    missing = sum(not item.found for item in found)
    out.print(
        f"\n{len(found) - missing} of {len(found)} present; preview, up, destroy, test and lint need Python only."
    )
    if place is not None:
        out.print()
        with place.aws() as aws:
            for line in lacking(aws, place.settings(), None):
                out.print(line)
    return DONE


def _deploying(what: str, found: str, path: str, get: str) -> Finding:
    return Finding(_DEPLOY, what, found, path if found else "", get)


def _state(environment: Mapping[str, str], home: Path) -> Finding:
    """Where stacks are kept, as the CLI finds it: the variable, or the place of the last `pulumi login`."""
    found = environment.get("PULUMI_BACKEND_URL", "")
    path = Path(environment.get("PULUMI_HOME") or home / ".pulumi") / "credentials.json"
    if not found and path.is_file():
        with contextlib.suppress(OSError, ValueError):
            document: Any = read_json(read_text(path))
            found = str(document.get("current") or "") if isinstance(document, dict) else ""
    return _deploying("state", found.partition("?")[0], "where stacks are", "PULUMI_BACKEND_URL, or pulumi login")


def _passphrase(environment: Mapping[str, str]) -> Finding:
    name = next((name for name in PASSPHRASE_VARIABLES if environment.get(name)), "")
    return _deploying("passphrase", name, "set, not checked", f"export {' or '.join(PASSPHRASE_VARIABLES)}")


def _stack(project_dir: Path, stage: str) -> Finding:
    """Whether `pulumi stack init` was run for a stage: it writes how the stack's secrets are encrypted into the stage's file."""
    name, get = f"Pulumi.{stage}.yaml", f"pulumi stack init {stage}"
    wrote = {"encryptionsalt", "encryptedkey", "secretsprovider"} & read_mapping(project_dir / name).keys()
    return _deploying(f"stack {stage}", min(wrote, default=""), f"in {name}, by pulumi stack init", get)


def _credentials(environment: Mapping[str, str], home: Path) -> Finding:
    files = (f"~/.aws/{name}" for name in ("credentials", "config") if (home / ".aws" / name).is_file())
    named = (name for name in _CREDENTIAL_VARIABLES if environment.get(name))
    found = next(itertools.chain(named, files), "")
    return _deploying("AWS credentials", found, "present, not checked", "aws configure sso, or AWS_PROFILE")


def _engine(environment: Mapping[str, str]) -> Finding:
    feature, get = "real engine (--engine pulumi)", "./run engine"
    try:
        cli = find_cli(environment)
    except EngineError as error:
        return Finding(feature, "pulumi", "", "", str(error))
    path = " ".join(filter(None, (f"{cli.path} ({cli.source})", cli.passed_over)))
    return Finding(feature, "pulumi", cli.version, path, get)


def _go(environment: Mapping[str, str]) -> Finding:
    feature = "build the real engine (./run engine)"
    try:
        go = find_go(environment)
    except EngineError as error:
        return Finding(feature, "go", "", "", str(error))
    return Finding(feature, "go", go.version, go.path, GET_GO)


def _tool(tool: Tool, environment: Mapping[str, str]) -> Finding:
    search = os.pathsep.join((environment.get("PATH", ""), *_EXTRA_PATH))
    for name in tool.names:
        path = shutil.which(name, path=search)
        if path:
            return Finding(tool.feature, name, _version(path, tool.version), path, tool.get)
    return Finding(tool.feature, tool.names[0], "", "", tool.get)


def _version(path: str, argument: str) -> str:
    """The version a program prints, or "present" where it prints none in time."""
    try:
        done = subprocess.run(
            [path, argument], capture_output=True, text=True, timeout=_SECONDS, check=False, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        return "present"
    number = re.search(r"\d+(?:\.\d+)+", done.stdout + done.stderr)
    return number.group() if number else "present"
