"""imagedefinitions.json: what is taken, and what is refused in which words."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.image_definitions import (
    MAX_BYTES,
    ImageDefinitionsError,
    parse_image_definitions,
    require_containers,
    write_image_definitions,
)

IMAGE = f"123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/dev-datalab-api@sha256:{'a' * 64}"
EXAMPLE = '[{"name": "datalab-api", "imageUri": "<repository>@sha256:<64 hex digits>"}]'


def content(*entries: Any) -> bytes:
    return json.dumps(list(entries)).encode()


def test_containers_get_their_images() -> None:
    parsed = parse_image_definitions(
        content({"name": "api", "imageUri": IMAGE}, {"name": "proxy", "imageUri": f"nginx@sha256:{'b' * 64}"})
    )
    assert parsed == {"api": IMAGE, "proxy": f"nginx@sha256:{'b' * 64}"}


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (b"\xff[]", " is not UTF-8 (byte 0)."),
        (b"", " is not JSON: line 1, column 1: Expecting value."),
        (b'[{"name": }]', " is not JSON: line 1, column 11: Expecting value."),
        (b"[]", f" must be a list with an entry for each container, like {EXAMPLE}; found an empty list."),
        (b'{"name": "api"}', f" must be a list with an entry for each container, like {EXAMPLE}; found a JSON object."),
        (b"[3]", ", entry 1: it must be an object with name and imageUri; found a number."),
        (
            b'[{"name": "api", "image": "x"}]',
            ", entry 1: it must have name and imageUri and nothing else; found image, name.",
        ),
        (b"[{}]", ", entry 1: it must have name and imageUri and nothing else; found nothing."),
        (content({"name": "", "imageUri": IMAGE}), ", entry 1: name must be a container's name; found ''."),
        (
            content({"name": "api", "imageUri": IMAGE}, {"name": "api", "imageUri": IMAGE}),
            ", entry 2: the container 'api' has an entry already; keep one.",
        ),
        (
            content({"name": "api", "imageUri": "dev-datalab-api:latest"}),
            ", entry 1: imageUri of 'api' must be an image by digest, <repository>@sha256:<64 hex "
            "digits>; found 'dev-datalab-api:latest'. The build takes the digest from the registry's answer to the push.",
        ),
        (
            b"[" + b" " * MAX_BYTES,
            " has more than 100,000 bytes, the most that CodePipeline takes: write one short entry for "
            "each container that changes.",
        ),
    ],
)
def test_a_file_that_is_refused(given: bytes, problem: str) -> None:
    with pytest.raises(ImageDefinitionsError) as caught:
        parse_image_definitions(given)
    assert caught.value.problems == (f"imagedefinitions.json{problem}",)


def test_every_problem_is_reported_at_once() -> None:
    with pytest.raises(ImageDefinitionsError) as caught:
        parse_image_definitions(content(1, {"name": "api", "imageUri": IMAGE}, {"name": "api", "imageUri": 2}, {}))
    assert [problem.split(":")[0] for problem in caught.value.problems] == [
        f"imagedefinitions.json, entry {number}" for number in (1, 3, 4)
    ]


def test_the_largest_file_is_taken() -> None:
    entry = content({"name": "api", "imageUri": IMAGE})
    assert parse_image_definitions(entry + b" " * (MAX_BYTES - len(entry))) == {"api": IMAGE}


def test_a_container_that_the_task_definition_lacks() -> None:
    require_containers({"api": IMAGE}, ["api", "proxy"], revision="dev-api:3")
    with pytest.raises(ImageDefinitionsError) as caught:
        require_containers({"web": IMAGE, "api": IMAGE}, ["proxy", "api"], revision="dev-api:3")
    assert str(caught.value) == (
        "imagedefinitions.json names the container 'web', which dev-api:3 does not have; it has api, proxy."
    )


@given(st.dictionaries(st.text(min_size=1, max_size=20), st.just(IMAGE), min_size=1, max_size=5))
def test_what_is_written_can_be_read(images: dict[str, str]) -> None:
    assert parse_image_definitions(write_image_definitions(images)) == images


def test_nothing_is_written_that_would_be_refused() -> None:
    with pytest.raises(ImageDefinitionsError, match="must be an image by digest"):
        write_image_definitions({"api": "api:1"})
