"""The program `docker` of a rehearsal: the same words, with ECR's name mapped to the registry on this machine.

Started by path, with the path of its settings as the first argument: it imports nothing of the project. Without a Docker
engine Debian's buildah answers to the name, for the verbs that a build of an image needs.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

_VERBS = ("login", "build", "tag", "push", "pull")


def mapped(argument: str, hosts: Mapping[str, str]) -> str:
    """The argument with a registry's host at its start, or behind a '=', replaced."""
    for host, address in hosts.items():
        head, found, rest = argument.partition(host)
        if found and (not head or head.endswith("=")) and (not rest or rest.startswith("/")):
            return f"{head}{address}{rest}"
    return argument


def command(arguments: Sequence[str], settings: Mapping[str, Any]) -> list[str]:
    """The engine's command line. Raises ValueError for a verb that buildah does not have under Docker's name."""
    words = [mapped(argument, settings["hosts"]) for argument in arguments]
    if settings["engine"] == "docker":
        return [settings["program"], *words]
    verb, *rest = words or [""]
    if verb not in _VERBS:
        raise ValueError(
            f"docker {verb or '(no command)'} is not rehearsed with buildah, only {', '.join(_VERBS)}: "
            "start a Docker engine, or keep it out of the buildspec."
        )
    own = ["--root", settings["storage"], "--runroot", settings["run"], "--storage-driver", "vfs"]
    own += ["--registries-conf", settings["registries"]]
    return [settings["program"], *own, verb, *_options(verb, settings), *_without_cache(rest)]


def _options(verb: str, settings: Mapping[str, Any]) -> list[str]:
    credentials = ["--authfile", settings["credentials"]]
    match verb:
        case "build":
            return ["--isolation", "chroot", "--format", "docker", *credentials]
        case "push" | "pull":
            return ["--quiet", *credentials]
        case "login":
            return ["--tls-verify=false", *credentials]
        case _:
            return []


def _without_cache(words: Sequence[str]) -> list[str]:
    """Without --cache-from, an option of builds: BuildKit's cache lies in an image, buildah's elsewhere, and a first build has none."""
    kept: list[str] = []
    rest = iter(words)
    for word in rest:
        if word == "--cache-from":
            next(rest, None)
        elif not word.startswith("--cache-from="):
            kept.append(word)
    return kept


def _named(arguments: Sequence[str]) -> list[str]:
    """The images that a command makes in the engine's storage."""
    match list(arguments):
        case ["tag", _, target]:
            return [target]
        case ["build", *rest]:
            names = [after for before, after in itertools.pairwise(rest) if before in ("--tag", "-t")]
            return names + [word.removeprefix("--tag=") for word in rest if word.startswith("--tag=")]
        case _:
            return []


def main(arguments: Sequence[str]) -> int:
    """Run the engine; its exit status."""
    settings: dict[str, Any] = json.loads(Path(arguments[0]).read_text())
    try:
        words = command(arguments[1:], settings)
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    with Path(settings["images"]).open("a") as file:
        file.writelines(f"{mapped(name, settings['hosts'])}\n" for name in _named(arguments[1:]))
    return subprocess.run(words, env={**os.environ, **settings["environment"]}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
