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
    taken = {service.name for service in services}
    for service in services:
        if service.promote and service.bake_env:
            at = service.places.of("promote", "bakeEnv")
            yield Problem(
                at=at,
                found="promote: true, bakeEnv: true",
                allowed="one of the two: an image with a stage's env file in it would take that file to the next stage",
                example=put(**{at.key.rpartition(".")[2]: False}),
            )
        yield from _names(stage, service, taken)


def _names(stage: str, service: Service, taken: set[str]) -> Iterator[Problem]:
    base, repository = resource_name(stage, service.aws_name), service.source_repository
    for kind, text, by_service in (
        ("pipeline", base, True),
        ("codebuild-project", f"{base}-build", True),
        ("codecommit-repository", f"{stage}-{repository}", False),
        ("iam-user", f"{stage}-{repository}-mirror", False),
    ):
        if why := refusal(lambda kind=kind, text=text: check_name(kind, text)):
            changed = "service" if by_service or service.repository is None else "repository"
            yield Problem(
                at=service.places.declared if changed == "service" else service.places.of("repository"),
                found=shown(service.name if by_service else repository),
                allowed=why,
                example=f"rename it to {free_name(service.name, 'service', taken)}"
                if changed == "service"
                else put(repository=free_name(repository, "service", taken)),
            )
