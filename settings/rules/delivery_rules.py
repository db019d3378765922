"""What the pipelines' settings must hold between services and stages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from components.calc.names import check_name, resource_name
from settings.delivery import Pipeline
from settings.nearest import aside, nearest
from settings.origins import Written
from settings.problems import Problem, put, refusal, shown
from settings.rules.name_rules import free_name
from settings.workloads import Service


def delivery_problems(
    stage: str, services: Sequence[Service], pipeline: Pipeline | None, written: Written
) -> Iterator[Problem]:
    """Promotions that cannot be, and names that AWS refuses; `pipeline` is None where it has a problem of its own."""
    others = sorted(written.others())
    if pipeline is not None and (origin := pipeline.promote_from) is not None and origin not in others:
        yield Problem(
            at=written.at("pipeline", "promoteFrom"),
            found=shown(origin) + aside(origin, others),
            allowed=f"another stage, whose verified image this one deploys: {', '.join(others) or 'there is none'}",
            example=put(promoteFrom=nearest(origin, others, alike=0)) if others else "remove promoteFrom",
        )
    for service in services:
        if service.promote and service.bake_env:
            at = service.places.of("promote", "bakeEnv")
            yield Problem(
                at=at,
                found="promote: true, bakeEnv: true",
                allowed="one of the two: an image with a stage's env file in it would take that file to the next stage",
                example=put(**{at.key.rpartition(".")[2]: False}),
            )
        yield from _names(stage, service, {service.name for service in services})


def _names(stage: str, service: Service, taken: set[str]) -> Iterator[Problem]:
    base, repository = resource_name(stage, service.aws_name), service.source_repository
    declared, of_repository = service.places.declared, service.places.of("repository")
    rename = f"rename it to {free_name(service.name, 'service', taken)}"
    write = put(repository=free_name(repository, "service", taken))
    if service.repository is None:
        of_repository, write = declared, rename
    for kind, text, at, found, example in (
        ("pipeline", base, declared, service.name, rename),
        ("codebuild-project", f"{base}-build", declared, service.name, rename),
        ("codecommit-repository", f"{stage}-{repository}", of_repository, repository, write),
        ("iam-user", f"{stage}-{repository}-mirror", of_repository, repository, write),
    ):
        if why := refusal(lambda kind=kind, text=text: check_name(kind, text)):
            yield Problem(at=at, found=shown(found), allowed=why, example=example)
