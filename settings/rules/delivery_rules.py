"""What the pipelines' settings must hold between services and stages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from components.calc.names import check_name, resource_name
from settings.delivery import Pipeline
from settings.origins import CATALOGUE
from settings.problems import Problem, refusal, shown
from settings.workloads import Service


def delivery_problems(
    stage: str, services: Sequence[Service], pipeline: Pipeline | None, stage_file: str
) -> Iterator[Problem]:
    """Promotions that cannot be, and names that AWS refuses; `pipeline` is None where it has a problem of its own."""
    if pipeline is not None and pipeline.promote_from == stage:
        yield Problem(
            file=stage_file,
            key="pipeline.promoteFrom",
            found=shown(stage),
            allowed="another stage: a stage deploys what the stage before it verified",
            example="promoteFrom: dev",
        )
    for service in services:
        if service.promote and service.bake_env:
            yield Problem(
                file=CATALOGUE,
                key=f"services.{service.name}.promote",
                found="true, with bakeEnv: true",
                allowed="one of the two: an image with a stage's env file in it would take that file to the next stage",
                example="bakeEnv: false",
            )
        yield from _names(stage, service)


def _names(stage: str, service: Service) -> Iterator[Problem]:
    key, base, repository = f"services.{service.name}", resource_name(stage, service.name), service.source_repository
    for kind, text, where, found in (
        ("pipeline", base, key, service.name),
        ("codebuild-project", f"{base}-verify", key, service.name),
        ("codecommit-repository", f"{stage}-{repository}", f"{key}.repository", repository),
        ("iam-user", f"{stage}-{repository}-mirror", f"{key}.repository", repository),
    ):
        if why := refusal(lambda kind=kind, text=text: check_name(kind, text)):
            yield Problem(
                file=CATALOGUE,
                key=where,
                found=shown(found),
                allowed=why,
                example="datalab-api: {repository: datalab-api}",
            )
