"""`./run doctor`: which optional programs this machine has, which feature needs each, and how to get what is missing."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from cli.command import DONE
from cli.report.screens import console
from cli.report.table import table
from offline.engine.errors import EngineError
from offline.pulumi.executable import find_cli
from offline.pulumi.go import GET_GO, find_go

# Debian keeps daemons where an ordinary user's PATH does not look.
_EXTRA_PATH = ("/usr/sbin", "/usr/local/sbin")
_SECONDS = 5.0


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
        feature="deploy to AWS (pulumi up)",
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


def examine(environment: Mapping[str, str], home: Path) -> list[Finding]:
    """Look for everything. Credentials are looked for by name only: nothing is read from them and AWS is not asked."""
    python = Finding(
        feature="everything offline (./run)",
        what="python",
        found=platform.python_version(),
        path=shutil.which("python3", path=environment.get("PATH")) or "",
        get="apt install python3 python3-venv",
    )
    tools = [_tool(tool, environment) for tool in TOOLS]
    return [python, _credentials(environment, home), *tools, _engine(environment), _go(environment)]


def doctor(*, as_json: bool) -> int:
    """Print the findings; missing options are no failure."""
    found = examine(os.environ, Path.home())
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
    )
    out.print(head, style="bold")
    for item, line in zip(found, lines, strict=True):
        out.print(line, style="" if item.found else "yellow")
    missing = sum(not item.found for item in found)
    out.print(
        f"\n{len(found) - missing} of {len(found)} present; preview, up, destroy, test and lint need Python only."
    )
    return DONE


def _credentials(environment: Mapping[str, str], home: Path) -> Finding:
    variables = [name for name in _CREDENTIAL_VARIABLES if environment.get(name)]
    files = [path for path in (home / ".aws" / "credentials", home / ".aws" / "config") if path.is_file()]
    found = variables[0] if variables else f"~/.aws/{files[0].name}" if files else ""
    return Finding(
        feature="deploy to AWS (pulumi up)",
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
