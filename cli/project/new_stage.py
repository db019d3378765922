"""`./run stage`: a stage made from another one, with what must differ, and the prefix of keys after the project's name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from cli.command import DONE
from cli.report.table import table
from components.calc.reserved import check_stage
from offline.engine.errors import UsageError
from settings.files.env_files import ENVIRONMENTS, FOLDER
from settings.files.stack_config import stages_of
from settings.files.yaml_file import read_mapping
from settings.nearest import question
from settings.origins import CATALOGUE, Written
from settings.problems import refusal
from settings.reader import STAGE_KEYS
from settings.rules.stage_rules import MUST_DIFFER, another, word

CI: Final = ".gitlab-ci.yml"
_DEVELOPMENT: Final = ("dev", "develop", "development", "test", "sandbox")
_PRODUCTION: Final = ("prd", "prod", "production")
_TO_LOOK_AT: Final = (
    ("loadBalancer", "hostedZoneId"),
    ("loadBalancer", "certificateArn"),
    ("notifications", "email"),
    ("pipeline", "branch"),
    ("pipeline", "changeUrl"),
    ("database", "instanceClass"),
    ("database", "maxConnections"),
)


def new_stage(root: Path, name: str, origin: str, *, write: Callable[[str], None] = print) -> int:
    """Write the stage's file, its env files and its jobs in CI; say what differs and what to look at. Raises UsageError."""
    stages = stages_of(root)
    if why := refusal(lambda: check_stage(name)):
        raise UsageError(why)
    if origin not in stages:
        raise UsageError(
            f"There is no stage {origin!r} to start from; there are: {', '.join(stages) or 'none'}.{question(origin, stages)}"
        )
    if name in stages:
        raise UsageError(
            f"There is a stage {name!r}: Pulumi.{name}.yaml exists. Choose another name, or delete the file first."
        )
    project = _project(root)
    written = Written(root, project, f"Pulumi.{origin}.yaml")
    all_files = [written, *written.others().values()]
    environment = _environment(name)
    values = {("stage", "environment"): environment}
    for key, inside in MUST_DIFFER:
        if (value := written.text(key, inside)) is not None:
            values[(key, inside)] = another(inside, value, origin, name, all_files)
    source = (root / f"Pulumi.{origin}.yaml").read_text("utf-8")
    text, secrets = _without_secrets(source)
    for (key, inside), value in values.items():
        text = _replaced(text, written.at(key, inside).line, inside, value)
    text = word(origin).sub(name, text.partition("\nconfig:")[0]) + "\nconfig:" + text.partition("\nconfig:")[2]
    (root / f"Pulumi.{name}.yaml").write_text(text, "utf-8")
    files = [f"Pulumi.{name}.yaml", *_env_files(root, environment, written, origin, name)]
    if _in_ci(root, origin, name):
        files.append(CI)

    write(f"Stage {name}, from {origin}. Written: {', '.join(files)}")
    write("")
    new = Written(root, project, f"Pulumi.{name}.yaml")
    rows = [
        (str(new.at(key, inside)), str(written.text(key, inside)), value) for (key, inside), value in values.items()
    ]
    for line in table(("differs", origin, name), rows):
        write(line)
    rest = [(str(new.at(*path)), value) for path in _TO_LOOK_AT if (value := new.text(*path)) is not None]
    if rest:
        write("")
        for line in table(("the same: look at it", ""), rest):
            write(line)
    for secret in secrets:
        write(f"Encrypted in {origin}, so not taken over: {secret}")
    write("")
    write(f"Next: ./run preview -s {name}   then: pulumi stack init {name}")
    return DONE


def prefix(project_dir: Path, *, write: Callable[[str], None] = print) -> int:
    """Write the project's name before the keys of every stage file. Raises UsageError."""
    project = _project(project_dir)
    key = re.compile(rf"^(\s+)(['\"]?)[^\s:'\"]+:({'|'.join(STAGE_KEYS)})\2:", re.MULTILINE)
    changed = 0
    for stage in stages_of(project_dir):
        path = project_dir / f"Pulumi.{stage}.yaml"
        text = path.read_text("utf-8")
        new = key.sub(rf"\g<1>\g<2>{project}:\g<3>\g<2>:", text)
        if new != text:
            path.write_text(new, "utf-8")
            changed += 1
            write(f"{path.name}: keys of {project}")
    write("Every stage file has the project's name already." if not changed else "Next: ./run schema --write")
    return DONE


def _project(root: Path) -> str:
    name = read_mapping(root / CATALOGUE).get("name")
    if not isinstance(name, str) or not name:
        raise UsageError(f"{CATALOGUE}: `name` must be the project's name.")
    return name


def _environment(name: str) -> str:
    if name in _DEVELOPMENT:
        return ENVIRONMENTS[0]
    return ENVIRONMENTS[-1] if name in _PRODUCTION else "staging"


def _without_secrets(text: str) -> tuple[str, list[str]]:
    """The file without what only the other stage's passphrase opens: every line stays where it is."""
    secrets: list[str] = []
    lines: list[str] = []
    for line in text.splitlines():
        if re.match(r"(encryptionsalt|encryptedkey|secretsprovider):", line):
            line = ""
        elif "secure:" in line:
            secrets.append(
                line.partition(":")[0].strip() if line.strip().startswith("secure:") else line.strip().split(": ")[0]
            )
            line = "#" + line
        lines.append(line)
    return "\n".join(lines).rstrip() + "\n", secrets


def _replaced(text: str, line: int | None, key: str, value: str) -> str:
    """The text with another value of a key in its line; a line that is written otherwise is left, and reported at preview."""
    if line is None:
        return text
    lines = text.splitlines()
    lines[line - 1] = re.sub(
        rf"(\b{key}:\s*)(\"[^\"]*\"|'[^']*'|[^\s,}}#]+)", rf"\g<1>{value}", lines[line - 1], count=1
    )
    return "\n".join(lines) + "\n"


def _env_files(root: Path, environment: str, written: Written, origin: str, name: str) -> Iterator[str]:
    """Copies of the origin's env files for an environment that has none, with the stage's own name in them."""
    before = written.text("stage", "environment")
    for path in sorted((root / FOLDER).glob(f"*/.env.{before}")):
        target = path.with_name(f".env.{environment}")
        if not target.exists():
            text = word(origin).sub(name, path.read_text("utf-8"))
            target.write_text(word(str(before)).sub(environment, text), "utf-8")
            yield target.relative_to(root).as_posix()


def _in_ci(root: Path, origin: str, name: str) -> bool:
    """The stage in the lists of stages of the pipeline, and a copy of the origin's jobs for it."""
    path = root / CI
    if not path.is_file():
        return False
    text = path.read_text("utf-8")
    new = re.sub(rf"(STAGE: \[[^\]]*\b{re.escape(origin)}\b)([^\]]*\])", rf"\g<1>, {name}\g<2>", text)
    # Where stages are judged together; a job of one stage is copied instead.
    together = rf"(\brun gate(?=[^\n]* -s [^\n]* -s )[^\n]*-s {re.escape(origin)})\b"
    new = re.sub(together, rf"\g<1> -s {name}", new)
    jobs = re.findall(rf"^[a-z]+-{re.escape(origin)}:\n(?:[ #].*\n|\n(?=[ #]))*", new, re.MULTILINE)
    for job in jobs:
        copy = word(origin).sub(name, job)
        new = f"{new.rstrip()}\n\n{copy.rstrip()}\n"
    if new != text:
        path.write_text(new, "utf-8")
    return new != text
