"""What two stages of a project cannot share: a copied stage file is shown the keys whose values must differ."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from typing import Final

from settings.files.env_files import ENVIRONMENTS, FOLDER
from settings.origins import Written
from settings.problems import Problem, put
from settings.rules.draft import Draft

MUST_DIFFER: Final[Mapping[tuple[str, str], str]] = {
    ("cluster", "name"): "a cluster is one stage's",
    ("cluster", "namespace"): "services of both would answer to the same names",
    ("network", "cidr"): "networks that share addresses can never be connected",
    ("loadBalancer", "domain"): "a name leads to one load balancer",
}
"""Keys of a stage file, and why two stages cannot have one value."""
_RANK: Final = {environment: rank for rank, environment in enumerate(("production", "development", "staging"))}
_LARGEST: Final = 16


def stage_problems(draft: Draft) -> Iterator[Problem]:
    """Values that are another stage's, in the file that came later; the stage that runs already is left alone."""
    others = draft.written.others()
    for name, other in others.items():
        if not _is_later(draft.name, draft.written, name, other):
            continue
        for (key, inside), why in MUST_DIFFER.items():
            mine, theirs = draft.written.text(key, inside), other.text(key, inside)
            if mine is None or theirs is None or not _same(inside, mine, theirs):
                continue
            yield Problem(
                at=draft.written.at(key, inside),
                found=f"{mine}, and {theirs} in {other.at(key, inside)}",
                allowed=f"another value than in {name}: {why}",
                example=put(**{inside: another(inside, mine, name, draft.name, [draft.written, *others.values()])}),
            )
        yield from _environment(draft, name, other)


def another(key: str, value: str, stage: str, new: str, written: list[Written]) -> str:
    """A value for a new stage in place of the one of a stage it is copied from."""
    if key == "cidr":
        return _free_block([cidr for each in written if (cidr := each.text("network", "cidr"))])
    if key == "domain":
        return f"{new}.{value}"
    renamed = word(stage).sub(new, value)
    return renamed if renamed != value else f"{new}-{value}"


def word(stage: str) -> re.Pattern[str]:
    """A stage's name as a word of another name."""
    return re.compile(rf"(?<![A-Za-z0-9]){re.escape(stage)}(?![A-Za-z0-9])")


def _is_later(stage: str, written: Written, name: str, other: Written) -> bool:
    """Whether this stage is the one to change: its cluster is named after the other, or the other is nearer to production."""
    clusters = [written.text("cluster", key) or "" for key in ("name", "namespace")]
    theirs = [other.text("cluster", key) or "" for key in ("name", "namespace")]
    if any(word(name).search(text) for text in clusters):
        return True
    if any(word(stage).search(text) for text in theirs):
        return False
    mine, others = (_RANK.get(each.text("stage", "environment") or "", len(_RANK)) for each in (written, other))
    return mine >= others


def _environment(draft: Draft, name: str, other: Written) -> Iterator[Problem]:
    """An environment whose files name the other stage's namespace."""
    environment, namespace = other.text("stage", "environment"), other.text("cluster", "namespace")
    if draft.stage is None or environment != draft.stage.environment or not namespace:
        return
    for service in draft.services:
        for variable, value in service.environment.items():
            place = service.places.variables[variable]
            if place.file.startswith(f"{FOLDER}/") and namespace in value:
                free = next(each for each in (*ENVIRONMENTS[1:], *ENVIRONMENTS) if each != environment)
                yield Problem(
                    at=draft.written.at("stage", "environment"),
                    found=f"{environment}, as in {name}, whose namespace stands in {place}",
                    allowed="an environment of its own, with its env files: ./run stage new makes them",
                    example=put(environment=free),
                )
                return


def _same(key: str, mine: str, theirs: str) -> bool:
    if key != "cidr":
        return mine == theirs
    try:
        return ipaddress.IPv4Network(mine).overlaps(ipaddress.IPv4Network(theirs))
    except ValueError:
        return False  # one has a problem of its own


def _free_block(taken: list[str]) -> str:
    """A private /16 that none of the networks overlaps."""
    used: list[ipaddress.IPv4Network] = []
    for cidr in taken:
        try:
            used.append(ipaddress.IPv4Network(cidr))
        except ValueError:
            continue
    blocks = [f"10.{second}.0.0/{_LARGEST}" for second in [*range(10, 256, 10), *range(256)]]
    return next(
        (block for block in blocks if not any(ipaddress.IPv4Network(block).overlaps(net) for net in used)), blocks[0]
    )
