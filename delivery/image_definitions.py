"""imagedefinitions.json: which container gets which image, read and refused as CodePipeline's ECS action does."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from delivery.json_text import read_json

MAX_BYTES = 100_000
"""CodePipeline takes at most 100 KB (CodePipeline User Guide, "Image definitions file reference")."""
IMAGE_BY_DIGEST = re.compile(r"(?P<repository>[^\s@]+)@(?P<digest>sha256:[0-9a-f]{64})")

_EXAMPLE = '[{"name": "datalab-api", "imageUri": "<repository>@sha256:<64 hex digits>"}]'


class ImageDefinitionsError(ValueError):
    """The file cannot be deployed; `problems` holds one sentence each."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def read_image_definitions(path: Path) -> dict[str, str]:
    """Container to image, of a file. Raises ImageDefinitionsError, OSError."""
    with path.open("rb") as file:
        return parse_image_definitions(file.read(MAX_BYTES + 1))


def parse_image_definitions(content: bytes) -> dict[str, str]:
    """Container to image. Raises ImageDefinitionsError.

    Stricter than CodePipeline in one thing: an image must be named by digest. A tag could be moved between the build
    and the start of a task, and what runs could not be compared with what was asked for.
    """
    if len(content) > MAX_BYTES:
        raise ImageDefinitionsError(
            f"imagedefinitions.json has more than {MAX_BYTES:,} bytes, the most that CodePipeline takes: "
            "write one short entry for each container that changes."
        )
    try:
        entries = read_json(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ImageDefinitionsError(f"imagedefinitions.json is not UTF-8 (byte {error.start}).") from None
    except json.JSONDecodeError as error:
        raise ImageDefinitionsError(
            f"imagedefinitions.json is not JSON: line {error.lineno}, column {error.colno}: {error.msg}."
        ) from None
    except ValueError as error:
        raise ImageDefinitionsError(f"imagedefinitions.json is not JSON that can be read: {error}.") from None
    if not isinstance(entries, list) or not entries:
        found = "an empty list" if entries == [] else f"a {_kind(entries)}"
        raise ImageDefinitionsError(
            f"imagedefinitions.json must be a list with an entry for each container, like {_EXAMPLE}; found {found}."
        )
    images: dict[str, str] = {}
    problems: list[str] = []
    for number, entry in enumerate(entries, start=1):
        if problem := _problem(number, entry, images):
            problems.append(problem)
        else:
            images[entry["name"]] = entry["imageUri"]
    if problems:
        raise ImageDefinitionsError(*problems)
    return images


def _problem(number: int, entry: Any, images: Mapping[str, str]) -> str | None:
    where = f"imagedefinitions.json, entry {number}"
    if not isinstance(entry, dict):
        return f"{where}: it must be an object with name and imageUri; found a {_kind(entry)}."
    if entry.keys() != {"name", "imageUri"}:
        return f"{where}: it must have name and imageUri and nothing else; found {', '.join(map(_name, sorted(entry))) or 'nothing'}."
    name, image = entry["name"], entry["imageUri"]
    if not isinstance(name, str) or not name:
        return f"{where}: name must be a container's name; found {name!r}."
    if name in images:
        return f"{where}: the container {name!r} has an entry already; keep one."
    if not isinstance(image, str) or not IMAGE_BY_DIGEST.fullmatch(image):
        return (
            f"{where}: imageUri of {name!r} must be an image by digest, <repository>@sha256:<64 hex digits>; "
            f"found {image!r}. The build takes the digest from the registry's answer to the push."
        )
    return None


def require_containers(images: Mapping[str, str], containers: Collection[str], *, revision: str) -> None:
    """Refuse images for containers that the task definition does not have. Raises ImageDefinitionsError."""
    unknown = sorted(set(images) - set(containers))
    if unknown:
        there = ", ".join(sorted(containers))
        raise ImageDefinitionsError(
            *(
                f"imagedefinitions.json names the container {name!r}, which {revision} does not have; it has {there}."
                for name in unknown
            )
        )


def write_image_definitions(images: Mapping[str, str]) -> bytes:
    """The file for these images, containers sorted. Raises ImageDefinitionsError where `parse` would."""
    entries = [{"name": name, "imageUri": image} for name, image in sorted(images.items())]
    content = (json.dumps(entries, indent=2) + "\n").encode()
    parse_image_definitions(content)
    return content


def _name(key: str) -> str:
    return key if key.isprintable() else repr(key)


def _kind(value: Any) -> str:
    names = {dict: "JSON object", list: "list", str: "text", bool: "boolean", type(None): "null"}
    return names.get(type(value), "number")
