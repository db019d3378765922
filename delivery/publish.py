"""Hands a verified image on: to the parameter that the program reads, and to the batch jobs of the same repository."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .aws import Aws
from .image_definitions import IMAGE_BY_DIGEST, ImageDefinitionsError
from .parameters import value_of
from .revisions import short
from .task_definition import describe, images_of, register, with_images


def image_of_parameter(parameter: str, images: Mapping[str, str]) -> str:
    """The image that belongs into `/<stage>/images/<service>`: that of the container named like the service.

    A file with one entry needs no such name. Raises ImageDefinitionsError.
    """
    name = parameter.rsplit("/", 1)[-1]
    if name in images:
        return images[name]
    if len(images) == 1:
        return next(iter(images.values()))
    raise ImageDefinitionsError(
        f"{parameter} gets the image of the container {name!r}, which imagedefinitions.json does not name; it names "
        f"{', '.join(sorted(images))}."
    )


def publish(
    aws: Aws, *, parameter: str, image: str, job_families: Sequence[str], report: Callable[[str], None]
) -> None:
    """Write the parameter, then register the jobs' task definitions. For an image that was verified, and no other.

    The parameter comes first: should the rest fail, the next `up` gives the jobs the image that it names. Whatever
    is in place already is left as it is, so that this can be repeated. Raises RequestError and ImageDefinitionsError.
    """
    if not IMAGE_BY_DIGEST.fullmatch(image):
        raise ImageDefinitionsError(f"{parameter} takes an image by digest; found {image!r}.")
    if value_of(aws, parameter) == image:
        report(f"{parameter} names the image already")
    else:
        aws.call("ssm", "put_parameter", Name=parameter, Value=image, Type="String", Overwrite=True)
        report(f"{parameter} = {image}")
    for family in job_families:
        definition = describe(aws, family)
        images = dict.fromkeys(_containers_of(definition, image), image)
        request = with_images(definition, images, end_placeholder=True)
        if request["containerDefinitions"] == definition["containerDefinitions"]:
            report(f"{short(definition['taskDefinitionArn'])} runs the image already")
            continue
        report(f"{short(register(aws, request))} runs the image from its next run on")


def _containers_of(definition: Mapping[str, Any], image: str) -> list[str]:
    """The containers of a job that run the service's image: those of its repository, or the only one there is."""
    images = images_of(definition)
    repository = image.rsplit("@", 1)[0]
    found = sorted(name for name, value in images.items() if value.rsplit("@", 1)[0] == repository)
    if found or len(images) == 1:
        return found or list(images)
    raise ImageDefinitionsError(
        f"{short(definition['taskDefinitionArn'])} has no container of {repository}; it has "
        f"{', '.join(f'{name} ({value})' for name, value in sorted(images.items()))}."
    )
