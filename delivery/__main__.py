"""The delivery's commands in the pipeline: `python3 -m delivery hand-over`, `verify` and `promote`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from .aws import Account, Aws, RequestError
from .ecs_deploy import hand_over, running_revision
from .image_definitions import ImageDefinitionsError, read_image_definitions, write_image_definitions
from .observe import Observer
from .parameters import missing, value_of
from .promote import Fetch, Promotion, download, image_in_ecr
from .publish import image_of_parameter, publish
from .revisions import short
from .task_definition import describe
from .verify import Requested
from .watch import LIMIT_S, Clock, watch

DONE, FAILED, USAGE = 0, 1, 2


def build_parser() -> argparse.ArgumentParser:
    """Every command with its options."""
    parser = argparse.ArgumentParser(prog="python3 -m delivery", allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True)
    service = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    service.add_argument("--region", required=True)
    service.add_argument("--cluster", required=True)
    service.add_argument("--service", required=True)
    service.add_argument("--image-definitions", type=Path, required=True, metavar="FILE")

    jobs = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    jobs.add_argument(
        "--job-family", action="append", default=[], metavar="FAMILY", help="batch job that runs the same image"
    )
    commands.add_parser(
        "hand-over",
        parents=[service, jobs],
        help="before a deployment: see that its secrets are stored, and end the placeholder's own command",
    )
    verify = commands.add_parser(
        "verify", parents=[service, jobs], help="wait until the service runs the images, then publish them"
    )
    verify.add_argument("--parameter", metavar="NAME", help="SSM parameter that gets the verified image")
    verify.add_argument("--timeout-minutes", type=float, default=LIMIT_S / 60, metavar="N")

    promote = commands.add_parser("promote", help="copy the image that another stage verified, and deploy that")
    promote.add_argument("--region", required=True)
    promote.add_argument("--parameter", required=True, metavar="NAME", help="SSM parameter of the other stage")
    promote.add_argument("--from-region", metavar="REGION", help="where that stage is (default: --region)")
    promote.add_argument("--repository-uri", required=True, metavar="URI", help="ECR repository of this stage")
    promote.add_argument("--container", required=True, metavar="NAME", help="the container that gets the image")
    promote.add_argument("--image-definitions", type=Path, required=True, metavar="FILE", help="the file to write")
    return parser


def main(
    argv: Sequence[str],
    *,
    account: Callable[[str], Aws] = lambda region: Account(region=region),
    clock: Clock | None = None,
    fetch: Fetch = download,
) -> int:
    """Run one command; exit code 0 done, 1 not verified or refused by AWS, 2 wrong usage or image definitions."""
    arguments = build_parser().parse_args(argv)
    try:
        match arguments.command:
            case "hand-over":
                return _hand_over(arguments, account(arguments.region))
            case "verify":
                return _verify(arguments, account(arguments.region), clock)
            case _:
                return _promote(arguments, account, fetch)
    except ImageDefinitionsError as error:
        for problem in error.problems:
            _say(f"error: {problem}")
        return USAGE
    except RequestError as error:
        _say(f"error: {error}")
        return FAILED
    except OSError as error:
        _say(f"error: {error.filename}: {error.strerror}")
        return USAGE


def _hand_over(arguments: argparse.Namespace, aws: Aws) -> int:
    images = read_image_definitions(arguments.image_definitions)
    current = running_revision(aws, cluster=arguments.cluster, service=arguments.service)
    wanting = missing(aws, [describe(aws, name) for name in (current, *arguments.job_family)])
    for name in wanting:
        _say(f"error: {name} is not stored, and a task that needs it does not start.")
    if wanting:
        _say("Nothing was deployed. Store them (`./run secrets -s STAGE --target aws` lists them), and release again.")
        return FAILED
    deployed = hand_over(aws, cluster=arguments.cluster, service=arguments.service, images=images)
    if deployed is None:
        _say(f"{arguments.service} runs its own command already.")
    else:
        _say(f"{arguments.service}: {short(deployed.requested)} takes the placeholder's place.")
    return DONE


def _verify(arguments: argparse.Namespace, aws: Aws, clock: Clock | None) -> int:
    images = read_image_definitions(arguments.image_definitions)
    report = watch(
        Observer(aws, cluster=arguments.cluster, service=arguments.service),
        Requested(images=images),
        service=arguments.service,
        report=_say,
        limit_s=arguments.timeout_minutes * 60,
        clock=clock,
    )
    for line in report.lines():
        _say(line)
    if not report.verdict.verified:
        _say("Nothing was published: the next `up` and the batch jobs keep the image that was verified before.")
        return FAILED
    if arguments.parameter:
        image = image_of_parameter(arguments.parameter, images)
        publish(aws, parameter=arguments.parameter, image=image, job_families=arguments.job_family, report=_say)
    return DONE


def _promote(arguments: argparse.Namespace, account: Callable[[str], Aws], fetch: Fetch) -> int:
    there, here = account(arguments.from_region or arguments.region), account(arguments.region)
    verified = value_of(there, arguments.parameter)
    if verified is None:
        _say(f"error: {arguments.parameter} does not exist: the other stage has verified no image yet.")
        return FAILED
    source, digest = image_in_ecr(there, verified)
    image = f"{arguments.repository_uri}@{digest}"
    target, _ = image_in_ecr(here, image)
    Promotion(source=source, target=target, fetch=fetch, report=_say).copy(digest)
    arguments.image_definitions.write_bytes(write_image_definitions({arguments.container: image}))
    _say(f"{arguments.container} = {image}")
    return DONE


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
