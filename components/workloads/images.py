"""Reads which image of each service its pipeline verified last, in one plain call that is known at preview."""

from __future__ import annotations

import re

import pulumi_aws as aws

IMAGE_BY_DIGEST = re.compile(r"^[^\s@]+@sha256:[0-9a-f]{64}$")


def verified_images(stage: str) -> dict[str, str]:
    """Service to image URI by digest, from the SSM parameters `/<stage>/images/<service>`.

    Before the first deployment there are none, and AWS answers an empty list. A value that is not an image by digest
    is refused with ValueError: a tag could be moved, and with it what the next task starts.
    """
    prefix = f"/{stage}/images"
    found = aws.ssm.get_parameters_by_path(path=prefix, recursive=False, with_decryption=False)
    images = dict(zip(found.names, found.values, strict=True))
    for name, image in images.items():
        if not IMAGE_BY_DIGEST.match(image):
            raise ValueError(
                f"SSM parameter {name} holds {image!r}: an image by digest is required "
                "(<repository>@sha256:<64 hex digits>), written by the pipeline after it verified a deployment."
            )
    return {name.removeprefix(f"{prefix}/"): image for name, image in images.items()}
