"""`./run doctor`: which optional programs this machine has, which feature needs each, and how to get what is missing."""

from __future__ import annotations

import contextlib
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A program, the feature that needs it, and where it comes from."""

    feature: str
    names: tuple[str, ...]
    get: str
    version: tuple[str, ...] = ("--version",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One row: `found` is empty where something is missing."""

    feature: str
    what: str
    found: str
    path: str
    get: str


TOOLS = (
    Tool(
        feature=_DEPLOY,
        names=("pulumi",),
        get="https://www.pulumi.com/docs/install/",
        version=("version",),
    ),
    Tool(feature="ask the offline AWS (up --serve)", names=("aws",), get="apt install awscli"),
    Tool(feature="connections on a real server", names=("mariadbd", "mysqld"), get="apt install mariadb-server-core"),
    Tool(feature="api-docs proxy", names=("nginx",), get="apt install nginx", version=("-v",)),
    Tool(feature="api-docs in a browser", names=("chromium",), get="apt install chromium"),
    Tool(feature="build images in the pipeline", names=("buildah",), get="apt install buildah"),
    Tool(feature="push images in the pipeline", names=("docker-registry",), get="apt install docker-registry"),
    Tool(feature="run the placeholder container", names=("node",), get="apt install nodejs"),
    Tool(feature="pipeline source", names=("git",), get="apt install git"),
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
    python = Finding(
        feature="everything offline (./run)",
        what="python",
        found=platform.python_version(),
        path=shutil.which("python3", path=environment.get("PATH")) or "",
        get="apt install python3 python3-venv",
    )
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


def _state(environment: Mapping[str, str], home: Path) -> Finding:
    """Where stacks are kept, as the CLI finds it: the variable, or the place of the last `pulumi login`."""
    found = environment.get("PULUMI_BACKEND_URL", "")
    path = Path(environment.get("PULUMI_HOME") or home / ".pulumi") / "credentials.json"
    if not found and path.is_file():
        with contextlib.suppress(OSError, ValueError):
            document: Any = read_json(read_text(path))
            found = str(document.get("current") or "") if isinstance(document, dict) else ""
    return Finding(
        feature=_DEPLOY,
        what="state",
        found=found.partition("?")[0],
        path="where stacks are" if found else "",
        get="PULUMI_BACKEND_URL, or pulumi login",
    )


def _passphrase(environment: Mapping[str, str]) -> Finding:
    names = [name for name in PASSPHRASE_VARIABLES if environment.get(name)]
    return Finding(
        feature=_DEPLOY,
        what="passphrase",
        found=names[0] if names else "",
        path="set, not checked" if names else "",
        get=f"export {' or '.join(PASSPHRASE_VARIABLES)}",
    )


def _stack(project_dir: Path, stage: str) -> Finding:
    """Whether `pulumi stack init` was run for a stage: it writes how the stack's secrets are encrypted into the stage's file."""
    name = f"Pulumi.{stage}.yaml"
    wrote = sorted({"encryptionsalt", "encryptedkey", "secretsprovider"} & read_mapping(project_dir / name).keys())
    return Finding(
        feature=_DEPLOY,
        what=f"stack {stage}",
        found=wrote[0] if wrote else "",
        path=f"in {name}, by pulumi stack init" if wrote else "",
        get=f"pulumi stack init {stage}",
    )


def _credentials(environment: Mapping[str, str], home: Path) -> Finding:
    variables = [name for name in _CREDENTIAL_VARIABLES if environment.get(name)]
    files = [path for path in (home / ".aws" / "credentials", home / ".aws" / "config") if path.is_file()]
    found = variables[0] if variables else f"~/.aws/{files[0].name}" if files else ""
    return Finding(
        feature=_DEPLOY,
        what="AWS credentials",
        found=found,
        path="present, not checked" if found else "",
        get="aws configure sso, or AWS_PROFILE",
    )


def _engine(environment: Mapping[str, str]) -> Finding:
    feature, get = "real engine (--engine pulumi)", "./run engine"
    try:
        cli = find_cli(environment)
    except EngineError as error:
        return Finding(feature=feature, what="pulumi", found="", path="", get=str(error))
    path = " ".join(filter(None, (f"{cli.path} ({cli.source})", cli.passed_over)))
    return Finding(feature=feature, what="pulumi", found=cli.version, path=path, get=get)


def _go(environment: Mapping[str, str]) -> Finding:
    feature = "build the real engine (./run engine)"
    try:
        go = find_go(environment)
    except EngineError as error:
        return Finding(feature=feature, what="go", found="", path="", get=str(error))
    return Finding(feature=feature, what="go", found=go.version, path=go.path, get=GET_GO)


def _tool(tool: Tool, environment: Mapping[str, str]) -> Finding:
    search = os.pathsep.join((environment.get("PATH", ""), *_EXTRA_PATH))
    for name in tool.names:
        path = shutil.which(name, path=search)
        if path:
            return Finding(feature=tool.feature, what=name, found=_version(path, tool.version), path=path, get=tool.get)
    return Finding(feature=tool.feature, what=tool.names[0], found="", path="", get=tool.get)


def _version(path: str, arguments: tuple[str, ...]) -> str:
    """The version a program prints, or "present" where it prints none in time."""
    try:
        done = subprocess.run(
            [path, *arguments], capture_output=True, text=True, timeout=_SECONDS, check=False, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        return "present"
    number = re.search(r"\d+(?:\.\d+)+", done.stdout + done.stderr)
    return number.group() if number else "present"
