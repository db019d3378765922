"""Markdown as GitLab and GitHub read it: rendered by a GFM parser, with what acts in it listed."""

import functools
import re
from dataclasses import dataclass, field
from typing import Any

from markdown_it import MarkdownIt

_GFM = MarkdownIt("gfm-like", {"html": True, "linkify": True})

# What GitLab and GitHub look for in text that is not code, after Markdown is read.
REFERENCES = re.compile(
    r"(?<!\w)@\w"  # people and groups
    r"|[#!$&~%^*]\d|~\w|~\"|%\w|%\"|%\{"  # issues, requests, snippets, epics, labels, milestones, placeholders
    r"|\b[A-Z][A-Z0-9_]+-\d|\b[0-9a-fA-F]{7,40}\b"  # trackers and commits
    r"|:[\w+-]+:|\[\[|\[TOC|\[\^|\{[+:-]|\$"  # emoji, contents, footnotes, inline diffs, formulas
    r"|\w+://|\bwww\.|\w@\w"
)
INVISIBLE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)
_COMMAND = re.compile(r"^\s*(?:/[a-z_]|::)", re.MULTILINE)


@dataclass
class Rendered:
    """What stands in the rendered text."""

    kinds: list[str] = field(default_factory=list[str])
    html: list[str] = field(default_factory=list[str])
    links: list[str] = field(default_factory=list[str])
    texts: list[str] = field(default_factory=list[str])
    codes: list[str] = field(default_factory=list[str])
    fences: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])


def rendered(markdown: str) -> Rendered:
    """Its tree, taken apart."""
    found = Rendered()
    for token in _GFM.parse(markdown):
        _take(token, found)
    return found


def _take(token: Any, found: Rendered) -> None:
    if token.type not in ("inline", "text", "softbreak"):
        found.kinds.append(token.type)
    match token.type:
        case "html_block" | "html_inline":
            found.html.append(token.content)
        case "text":
            found.texts.append(token.content)
        case "code_inline":
            found.codes.append(token.content)
        case "fence":
            found.fences.append((token.info, token.content))
        case "link_open" | "image":
            found.links.append(str(token.attrs))
        case _:
            pass
    for child in token.children or ():
        _take(child, found)


def in_order(markdown: str) -> list[str]:
    """What its paragraphs show, piece by piece."""
    children = [child for token in _GFM.parse(markdown) for child in token.children or ()]
    return [child.content for child in children if child.type != "softbreak"]


@functools.lru_cache(maxsize=256)
def acting(markdown: str) -> list[str]:
    """References, invisible characters and commands at the start of a line: none of them belongs to what the gate writes."""
    text = "\n".join(rendered(markdown).texts)
    return [
        *(found[0] for found in REFERENCES.finditer(text)),
        *(found[0] for found in INVISIBLE.finditer(markdown)),
        *(found[0] for found in _COMMAND.finditer(markdown)),
    ]
