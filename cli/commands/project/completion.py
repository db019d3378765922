"""`./run completion`: a script that completes commands, options and stages in a shell."""

from __future__ import annotations

import argparse

from cli.command import DONE, Command

_EPILOG = """\
bash: eval "$(./run completion bash)", in ~/.bashrc with the project's path
zsh:  ./run completion zsh > ~/.zfunc/_run, with ~/.zfunc in fpath
"""
_STAGES = {
    "bash": "_run_stages() { ls Pulumi.*.yaml 2>/dev/null | sed -n 's/^Pulumi\\.\\(.*\\)\\.yaml$/\\1/p' | grep \"^$1\"; }",
    "zsh": '_run_stages() { compadd -- ${${(f)"$(ls Pulumi.*.yaml 2>/dev/null)"}#Pulumi.} }',
}


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=sorted(_STAGES))


def _run(arguments: argparse.Namespace) -> int:
    import shtab

    from cli.main import build_parser, find

    parser = build_parser(find())
    parser.prog = "run"  # a shell looks completions up by the last part of the command's path
    for action in _actions(parser):
        if action.dest in ("stage", "stages", "other", "origin"):
            action.complete = dict.fromkeys(_STAGES, "_run_stages")  # pyright: ignore[reportAttributeAccessIssue] -- shtab's
    print(shtab.complete(parser, arguments.shell, preamble=_STAGES[arguments.shell]))
    return DONE


def _actions(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    found: list[argparse.Action] = []
    for action in parser._actions:  # pyright: ignore[reportPrivateUsage] -- argparse has no other way to them
        found.append(action)
        if isinstance(action.choices, dict):
            found += [inner for own in action.choices.values() for inner in _actions(own)]
    return found


COMMAND = Command(
    place=195,
    help="print what completes commands, options and stages in a shell",
    options=_options,
    run=_run,
    epilog=_EPILOG,
)
