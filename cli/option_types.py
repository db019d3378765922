"""What the values of options are checked by, beyond what argparse has."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable


class Once(argparse.Action):
    """An option that a second value would silently replace, where the first one was meant to judge as well."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: object, option: str | None = None
    ) -> None:
        if getattr(namespace, self.dest) is not None:
            parser.error(f"{option} is given twice; a run has one pack: run it again for the other.")
        setattr(namespace, self.dest, values)


def whole(least: int, most: int) -> Callable[[str], int]:
    """The type of an option: a whole number within bounds."""

    def number(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number from {least} to {most}")
        return int(text)

    return number
