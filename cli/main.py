"""The commands of ./run and their options. What a command needs is imported when it runs: the list itself is quick."""

from __future__ import annotations

import argparse
import contextlib
import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from cli import environment_commands
from cli.connections.options import add_connections
from cli.option_types import Once, whole

ROOT = Path(__file__).resolve().parents[1]
DONE, FAILED, USAGE = 0, 1, 2
_TARGET = {
    "-s": "stage",
    "--project": "project",
    "--state": "state",
    "--policy-pack": "policy_pack",
    "--policy-pack-config": "policy_pack_config",
}
"""The options that a command to try next repeats."""

_EPILOG = """\
SERVICE limits what is shown to one service or job; the run is always the whole stage.
Everything happens on this machine: offline AWS, nothing deployed. The real thing: pulumi up -s STAGE.
Exit code: 0 done, 1 violation, failure or interruption, 2 wrong settings or usage.
"""


def build_parser() -> argparse.ArgumentParser:
    """Every command with its options."""
    parser = argparse.ArgumentParser(
        prog="./run",
        usage="./run VERB [SERVICE] [-s STAGE] [options]",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", title="commands", prog="./run")
    stack = _stack_options()

    preview = verbs.add_parser("preview", parents=[stack], help="show what would change, judged by the policies")
    up = verbs.add_parser("up", parents=[stack], help="bring the stage up on the offline AWS, judged by the policies")
    destroy = verbs.add_parser("destroy", parents=[stack], help="delete what `up` recorded for the stage")
    for command in (preview, up):
        command.add_argument("service", nargs="?", metavar="SERVICE", help="show only this service or job")
        command.add_argument(
            "--policy-pack", action=Once, type=Path, metavar="DIR", help="the pack that judges (default: policies)"
        )
        command.add_argument(
            "--policy-pack-config", action=Once, type=Path, metavar="FILE", help="levels and settings for the pack"
        )
    for command in (up, destroy):
        command.add_argument("--yes", "-y", action="store_true", help="do not ask")
    up.add_argument("--serve", action="store_true", help="then keep the offline AWS on loopback until Ctrl-C")
    up.add_argument(
        "--port", type=whole(0, 65535), default=0, metavar="PORT", help="port for --serve (default: a free one)"
    )

    add_connections(verbs)
    buildspec = verbs.add_parser("buildspec", help="print the buildspec of a service's image, as CodeBuild gets it")
    buildspec.add_argument("service", metavar="SERVICE", help="a service of the catalogue")
    buildspec.add_argument(
        "-s", "--stack", "--stage", dest="stage", default="dev", metavar="STAGE", help="default: dev"
    )
    buildspec.add_argument("--project", type=Path, metavar="DIR", help="the Pulumi project (default: this one)")
    verify = verbs.add_parser("verify", help="does every service run the revision that was asked for last?")
    verify.add_argument("service", nargs="?", metavar="SERVICE", help="only this service")
    _stage_options(verify)
    verify.add_argument("--target", choices=("offline", "aws"), default="offline", help="default: offline")
    verify.add_argument("--image-definitions", type=Path, metavar="FILE", help="the images asked for, of one service")
    verify.add_argument("--timeout-minutes", type=float, default=20, metavar="N", help="how long to wait (aws)")

    rehearse = verbs.add_parser("rehearse", help="deliver one service on this machine, with the pipeline's real parts")
    rehearse.add_argument("service", metavar="SERVICE", help="a service of the catalogue")
    rehearse.add_argument("--source", type=Path, required=True, metavar="DIR", help="the application's repository")
    rehearse.add_argument("--env-file", type=Path, metavar="FILE", help="env file for a source that has none")
    rehearse.add_argument("--keep", action="store_true", help="leave the rehearsal's folder where it is")
    _stage_options(rehearse)

    environment_commands.add_environment(verbs)
    verbs.add_parser("test", help="run the tests; further arguments go to pytest", add_help=False)
    verbs.add_parser("lint", help="ruff, formatting, strict types")
    verbs.add_parser("engine", help="build the real Pulumi engine with Go, for --engine pulumi")
    doctor = verbs.add_parser("doctor", help="what this machine has, what is missing, and for which feature")
    doctor.add_argument("--json", action="store_true", help="as JSON")
    schema = verbs.add_parser("schema", help="print the JSON Schema of the settings, for editors")
    schema.add_argument("which", nargs="?", choices=("stage", "project"), default="stage", help="default: stage")
    schema.add_argument("--write", action="store_true", help="write both, and docs/settings.md, instead")
    pack = verbs.add_parser("policies", help="list the policies, with their levels in a stage")
    pack.add_argument("-s", "--stack", "--stage", dest="stage", default="prd", metavar="STAGE", help="default: prd")
    pack.add_argument("--coverage", action="store_true", help="which resource types of the stage no policy looks at")
    pack.add_argument("--against", type=Path, metavar="DIR", help="what changes of the gate in DIR; exit code 3 if any")
    pack.add_argument("--write", action="store_true", help="write docs/policies.md from the catalogue")
    pack.add_argument("--check", action="store_true", help="check that docs/policies.md is what the catalogue says")
    bench = verbs.add_parser("bench", help="time and peak memory of previews")
    bench.add_argument(
        "--runs", type=whole(1, 1000), default=5, metavar="N", help="warm runs, of which the median counts"
    )
    bench.add_argument(
        "--services", type=whole(1, 1000), default=150, metavar="N", help="size of the generated catalogue"
    )
    return parser


def _stack_options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    _stage_options(options)
    options.add_argument("--json", action="store_true", help="print the engine's events as JSON lines, nothing else")
    return options


def _stage_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-s", "--stack", "--stage", dest="stage", default="dev", metavar="STAGE", help="default: dev")
    parser.add_argument("--state", type=Path, metavar="DIR", help="where `up` records the stage (default: .state)")
    parser.add_argument("--project", type=Path, metavar="DIR", help="the Pulumi project (default: this one)")


def main(argv: Sequence[str]) -> int:
    """Run one command and give its exit code; a person's mistake ends in sentences, never in a traceback."""
    if argv and argv[0] == "test":
        from cli.checks import test

        return test(ROOT, argv[1:])
    parser = build_parser()
    arguments = parser.parse_args(argv)
    if arguments.verb is None:
        parser.print_help()
        return DONE
    try:
        code = _dispatch(arguments)
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


def _silence() -> None:
    """Point standard output elsewhere, so that nothing complains at exit."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _dispatch(arguments: argparse.Namespace) -> int:
    match arguments.verb:
        case "preview" | "up" | "destroy":
            from cli.operation import Operation, operate

            project: Path = (arguments.project or ROOT).resolve()
            return operate(
                Operation(
                    kind=arguments.verb,
                    stage=arguments.stage,
                    project_dir=project,
                    state_dir=(arguments.state or project / ".state").resolve(),
                    target=_target(arguments),
                    policy_pack=getattr(arguments, "policy_pack", None),
                    policy_pack_config=getattr(arguments, "policy_pack_config", None),
                    only=getattr(arguments, "service", None),
                    as_json=arguments.json,
                    yes=getattr(arguments, "yes", False),
                    serve=getattr(arguments, "serve", False),
                    port=getattr(arguments, "port", 0),
                )
            )
        case "connections":
            from cli.connections.command import Request, connections

            project = (arguments.project or ROOT).resolve()
            state_dir: Path = (arguments.state or project / ".state").resolve()
            return connections(
                Request(stage=arguments.stage, project_dir=project, state_dir=state_dir, options=arguments)
            )
        case "buildspec":
            from cli.buildspec import buildspec

            return buildspec((arguments.project or ROOT).resolve(), arguments.stage, arguments.service)
        case "verify":
            from cli.verify import Verify, verify

            place: Path = (arguments.project or ROOT).resolve()
            return verify(
                Verify(
                    stage=arguments.stage,
                    project_dir=place,
                    state_dir=(arguments.state or place / ".state").resolve(),
                    only=arguments.service,
                    target=arguments.target,
                    image_definitions=arguments.image_definitions,
                    timeout_minutes=arguments.timeout_minutes,
                )
            )
        case "rehearse":
            from cli.rehearse import Rehearse, run_rehearsal

            home: Path = (arguments.project or ROOT).resolve()
            return run_rehearsal(
                Rehearse(
                    stage=arguments.stage,
                    service=arguments.service,
                    source=arguments.source,
                    env_file=arguments.env_file,
                    project_dir=home,
                    state_dir=(arguments.state or home / ".state").resolve(),
                    keep=arguments.keep,
                )
            )
        case verb if verb in environment_commands.VERBS:
            return environment_commands.run(arguments, ROOT)
        case "lint":
            from cli.checks import lint

            return lint(ROOT)
        case "engine":
            from cli.engine import engine

            return engine(ROOT)
        case "doctor":
            from cli.doctor import doctor

            return doctor(as_json=arguments.json)
        case "policies":
            if arguments.against is not None:
                from cli.policies_changes import show_changes

                return show_changes(ROOT / "policies", arguments.against)
            from cli.policies import policies

            return policies(
                ROOT,
                stage=arguments.stage,
                write=arguments.write,
                check=arguments.check,
                coverage=arguments.coverage,
            )
        case "schema":
            from cli.schema import schema

            return schema(ROOT, which=arguments.which, write=arguments.write)
        case _:
            from bench.previews import bench

            return bench(ROOT, runs=arguments.runs, services=arguments.services)


def _target(arguments: argparse.Namespace) -> str:
    given = {option: getattr(arguments, name, None) for option, name in _TARGET.items()}
    return " ".join(f"{option} {shlex.quote(str(value))}" for option, value in given.items() if value is not None)
