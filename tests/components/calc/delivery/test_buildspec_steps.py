"""The scripts around a deployment, run by a shell with stand-ins for aws and python3 that write down their calls."""

from typing import Any

import pytest

from components.calc.delivery.buildspec import (
    Buildspec,
    Scripts,
    deployment_buildspec,
    image_buildspec,
    promotion_buildspec,
)
from delivery.__main__ import build_parser

Machine = Any
HOST = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com"
SCRIPTS = Scripts(bucket="dev-artifacts", key="delivery/0abc.json")
FETCH = ("aws s3 cp --only-show-errors s3://dev-artifacts/delivery/0abc.json delivery.json", "python3 - delivery.json")


DEPLOYMENT = deployment_buildspec(SCRIPTS, cluster="dev-item")
OF_SERVICE = {"SERVICE": "dev-tracking-api", "PARAMETER": "/dev/images/tracking-api"}
JOBS = {"JOB_FAMILIES": "dev-a-batch dev-b-batch"}
PROMOTION = promotion_buildspec(SCRIPTS, source_parameter="/dev/images/datalab-api")
DEPLOYED = (
    "--region ap-northeast-2 --image-definitions imagedefinitions.json --cluster dev-item --service dev-tracking-api"
)


@pytest.mark.parametrize(
    ("step", "jobs", "command"),
    [
        (
            "hand-over",
            JOBS,
            f"python3 -m delivery hand-over {DEPLOYED} --job-family dev-a-batch --job-family dev-b-batch",
        ),
        (
            "verify",
            JOBS,
            f"python3 -m delivery verify {DEPLOYED} --parameter /dev/images/tracking-api "
            "--job-family dev-a-batch --job-family dev-b-batch",
        ),
        ("verify", {}, f"python3 -m delivery verify {DEPLOYED} --parameter /dev/images/tracking-api"),
    ],
)
def test_the_steps_around_the_deployment_fetch_the_scripts_and_name_it(
    machine: Machine, step: str, jobs: dict[str, str], command: str
) -> None:
    build = machine.run(DEPLOYMENT, STEP=step, **OF_SERVICE, **jobs)
    assert (build.exit_code, build.calls) == (0, (*FETCH, command))
    assert "artifacts" not in DEPLOYMENT


def test_an_unknown_step_ends_the_build(machine: Machine) -> None:
    build = machine.run(DEPLOYMENT, STEP="deploy", **OF_SERVICE)
    assert (build.phase, build.exit_code, build.errors) == ("build", 1, "error: STEP is 'deploy'\n")


@pytest.mark.parametrize("missing", ["SERVICE", "PARAMETER"])
def test_a_verification_of_nothing_ends_the_build(machine: Machine, missing: str) -> None:
    build = machine.run(DEPLOYMENT, STEP="verify", **{name: OF_SERVICE[name] for name in OF_SERVICE if name != missing})
    assert (build.phase, build.exit_code, f"{missing}: unbound variable" in build.errors) == ("build", 1, True)


def test_promotion_takes_the_other_stages_image_to_this_repository(machine: Machine) -> None:
    assert machine.run(PROMOTION).calls == (
        *FETCH,
        "python3 -m delivery promote --region ap-northeast-2 --image-definitions imagedefinitions.json "
        f"--parameter /dev/images/datalab-api --repository-uri {HOST}/dev-datalab-api --container datalab-api",
    )
    assert PROMOTION["artifacts"] == {"files": ["imagedefinitions.json"]}


@pytest.mark.parametrize(
    ("spec", "variables"),
    [
        (PROMOTION, {}),
        (DEPLOYMENT, {"STEP": "verify", **OF_SERVICE, **JOBS}),
        (DEPLOYMENT, {"STEP": "hand-over", **OF_SERVICE}),
    ],
)
def test_the_delivery_scripts_take_these_commands(machine: Machine, spec: Buildspec, variables: dict[str, str]) -> None:
    [command] = [call for call in machine.run(spec, **variables).calls if call.startswith("python3 -m ")]
    assert build_parser().parse_args(command.split()[3:]).region == "ap-northeast-2"


def test_scripts_that_cannot_be_fetched_end_the_build(machine: Machine) -> None:
    build = machine.run(PROMOTION, FAIL="cp")
    assert (build.phase, build.exit_code, build.calls) == ("pre_build", 9, FETCH[:1])


@pytest.mark.parametrize("spec", [image_buildspec(architecture="ARM64", bake_env=True), PROMOTION, DEPLOYMENT])
def test_every_script_ends_at_its_first_failure(machine: Machine, spec: Buildspec) -> None:
    assert spec["env"] == {"shell": "bash"}
    assert all(script.startswith("set -euo pipefail\n") for script in machine.scripts(spec).values())
