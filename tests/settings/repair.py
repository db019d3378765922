"""Does what the example of a problem says, to configuration values and env files in memory."""

from pathlib import Path
from typing import Any

import yaml

from settings.problems import Problem

Values = dict[str, Any]


def repair(values: Values, project_dir: Path, project: str, problem: Problem) -> None:
    """Put the example in place of what was found."""
    if problem.file.startswith("env/"):
        _repair_file(project_dir / problem.file, problem)
        return
    top, _, rest = problem.key.partition(".")
    key = top if ":" in top else f"{project}:{top}"
    _repair_entry(values, [key, *([] if not rest else _path(values.get(key), rest))], problem.example, project)


def _path(value: Any, text: str) -> list[str]:
    """The keys of a path; a key may have dots in it."""
    if isinstance(value, dict):
        for key in sorted(value, key=len, reverse=True):
            if text == key or text.startswith(f"{key}."):
                rest = text[len(key) + 1 :]
                return [key, *(_path(value[key], rest) if rest else [])]
    head, _, rest = text.partition(".")
    return [head, *(_path(None, rest) if rest else [])]


def _repair_entry(values: Values, path: list[str], example: str, project: str) -> None:
    holder: Any = values
    for key in path[:-1]:
        if isinstance(holder.get(key), list):
            break
        holder[key] = holder.get(key) if isinstance(holder.get(key), (dict, list)) else {}
        holder = holder[key]
    else:
        key = path[-1]
    last = path[-1]
    if isinstance(holder, dict) and isinstance(holder.get(path[-2]) if len(path) > 1 else None, list):
        assert example == f"remove {last}", example
        holder[path[-2]].remove(last)
    elif example.startswith("remove "):
        assert example == f"remove {last}" or last == f"{project}:{example[7:]}", (example, path)
        holder.pop(last, None)
    elif example.startswith("rename it to "):
        new = example.removeprefix("rename it to ")
        assert new not in holder
        holder[new] = holder.pop(last)
    else:
        holder.pop(last, None)
        written = yaml.safe_load(f"{{{example}}}")
        for name, value in written.items():
            unwrapped = value["value"] if len(path) == 1 and ":" not in name else value
            holder[name if len(path) > 1 or ":" in name else f"{project}:{name}"] = unwrapped


def _repair_file(path: Path, problem: Problem) -> None:
    assert problem.at.line is not None, problem
    lines = path.read_text().splitlines()
    lines[problem.at.line - 1 : problem.at.line] = [] if problem.example.startswith("remove ") else [problem.example]
    path.write_text("\n".join(lines) + "\n")
