"""The command line of ./run: finds the commands, reads the options, runs one, and ends in an exit code."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import re
import sys
import unicodedata
from collections.abc import Sequence

from cli.command import DONE, FAILED, ROOT, USAGE, Command

_LONGEST = 4096
_COMMANDS = ROOT / "cli" / "commands"

_EPILOG = """\
SERVICE limits what is shown to one service or job; the run is always the whole
stage. Everything happens on this machine: offline AWS, nothing deployed. The
real thing: pulumi up -s STAGE.
Exit code: 0 done, 1 violation, failure or interruption, 2 wrong settings or
usage.
"""


def find() -> dict[str, Command]:
    """Every command by its name, in the order of the list."""
    paths = [path.relative_to(ROOT).with_suffix("") for path in sorted(_COMMANDS.rglob("[!_]*.py"))]
    found: dict[str, Command] = {path.name: importlib.import_module(".".join(path.parts)).COMMAND for path in paths}
    return dict(sorted(found.items(), key=lambda item: item[1].place))


def build_parser(found: dict[str, Command], *, asked: str = "") -> argparse.ArgumentParser:
    """Every command with its options, or the one that is asked alone: to make them all takes as long as a small command."""
    parser = argparse.ArgumentParser(
        prog="./run",
        usage="./run VERB [SERVICE] [-s STAGE] [options]",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", title="commands", prog="./run")
    for name, command in found.items():
        if asked not in ("", name):
            continue
        own = verbs.add_parser(
            name,
            help=command.help,
            epilog=command.epilog,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=command.abbreviations,
            add_help=not command.passes_on,
        )
        if command.options is not None:
            command.options(own)
    return parser


def main(argv: Sequence[str]) -> int:
    """Run one command and give its exit code; a person's mistake ends in sentences, never in a traceback."""
    for number, argument in enumerate(argv, start=1):
        if why := _unusable(argument):
            print(f"./run: error: Argument {number} {why}.", file=sys.stderr)
            return USAGE
    found = find()
    if argv and argv[0] == "--version":
        argv = ["version"]
    if argv and not argv[0].startswith("-") and argv[0] not in found:
        return _unknown(argv[0], found)
    if argv and argv[0] in found and found[argv[0]].passes_on:
        return found[argv[0]].run(argparse.Namespace(verb=argv[0], rest=argv[1:]))
    parser = build_parser(found, asked=argv[0] if argv and argv[0] in found else "")
    arguments = parser.parse_args(argv)
    if arguments.verb is None:
        parser.print_help()
        return DONE
    from cli.ended import ended

    try:
        code = ended(lambda: found[arguments.verb].run(arguments))
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        print("\nInterrupted.", file=sys.stderr)
        return FAILED
    except BrokenPipeError:
        _silence()  # the reader (head, less) left
        return FAILED
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        print(f"error: {where}{error.strerror or error}.", file=sys.stderr)
        _silence()
        return FAILED


def _unusable(argument: str) -> str:
    """Why an argument can be no name, path or number of anybody; empty where it may be one."""
    if len(argument) > _LONGEST:
        return f"has {len(argument):,} characters; {_LONGEST:,} are the most that a path has"
    for character in argument:
        if unicodedata.category(character) in ("Cc", "Cf", "Cs"):
            return f"holds a character that cannot be seen ({character!a})"
    if re.fullmatch(r"-{1,2}[a-z-]+=--", argument):
        return f"({argument}) has no value"
    return ""


def _unknown(verb: str, found: dict[str, Command]) -> int:
    """What was typed is no command: the nearest one, and where all of them are."""
    from settings.nearest import question

    print(
        f"./run: error: There is no command {verb!r}.{question(verb, found)} ./run alone lists them.", file=sys.stderr
    )
    return USAGE


def _silence() -> None:
    """Point standard output elsewhere, so that nothing complains at exit."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
