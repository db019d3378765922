"""Buildspecs of the pipelines' CodeBuild projects, as values; their commands are whole shell scripts.

What differs from build to build reaches the scripts as variables, so that one buildspec runs in CodeBuild and on a
developer's machine: ENVIRONMENT, REPOSITORY_URI and CONTAINER_NAME are the project's, AWS_REGION and
CODEBUILD_RESOLVED_SOURCE_VERSION (the commit) are CodeBuild's.
Source: AWS CodeBuild User Guide, "Build specification reference" and "Environment variables in build environments".
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Buildspec: TypeAlias = Mapping[str, object]
Architecture: TypeAlias = Literal["ARM64", "X86_64"]

IMAGE_DEFINITIONS: Final = "imagedefinitions.json"
"""What a build leaves to the deploy action: the container's name and its image by digest."""
CACHE_TAG: Final = "cache"
"""The one tag of a repository that moves: to the newest build, whose layers the next one reuses. No task names it."""
DIGEST_PATTERN: Final = "^sha256:[0-9a-f]{64}$"

_PLATFORMS: Final[Mapping[Architecture, str]] = {"ARM64": "linux/arm64", "X86_64": "linux/amd64"}

# A missing file stops the build here, by its name, and not the application in its first task.
_CHECK: Final = """\
set -euo pipefail
env_file=".env.$ENVIRONMENT"
if [ ! -f "$env_file" ] && [ -n "${ENV_VAR_FILE:-}" ]; then
  # CodeBuild's convention for local builds: the env file's folder is mounted, its name is given.
  cp "${ENV_FILE_FOLDER:-/LocalBuild/envFile}/$ENV_VAR_FILE" "$env_file"
fi
if [ ! -f "$env_file" ]; then
  echo "error: $env_file is not in the source: add it to the branch, or set ENVIRONMENT to a stage that has one." >&2
  exit 1
fi
if [[ ! ${CODEBUILD_RESOLVED_SOURCE_VERSION:-} =~ ^[0-9a-f]{40}$ ]]; then
  echo "error: the image is tagged with the commit, and CODEBUILD_RESOLVED_SOURCE_VERSION is" \\
    "'${CODEBUILD_RESOLVED_SOURCE_VERSION:-}': 40 hexadecimal digits are required." >&2
  exit 1
fi
aws ecr get-login-password --region "$AWS_REGION" \\
  | docker login --username AWS --password-stdin "${REPOSITORY_URI%%/*}"
"""

# The registry is asked, not the build: only its digest is what a task will pull. An absent tag is an empty answer,
# a registry that cannot be reached is an error.
_ASK_DIGEST: Final = """\
digest=$(aws ecr batch-get-image --region "$AWS_REGION" --repository-name "${REPOSITORY_URI#*/}" \\
  --image-ids "imageTag=$CODEBUILD_RESOLVED_SOURCE_VERSION" --query 'images[].imageId.imageDigest' --output text)
"""

_BUILD: Final = """\
set -euo pipefail
image="$REPOSITORY_URI:$CODEBUILD_RESOLVED_SOURCE_VERSION"
{ask_digest}if [ -n "$digest" ]; then
  echo "$image exists: reused as $digest."
else
  # Docker sees this copy of the source alone: env files stay out{except_for}.
  context=$(mktemp -d)
  tar --exclude=.env --exclude='.env.*' -cf - . | tar -xf - -C "$context"
{bind}  # An index of attestations around the image would have a digest of its own.
  export BUILDX_NO_DEFAULT_ATTESTATIONS=1
  docker build --platform {platform} --tag "$image" \\
    --cache-from "$REPOSITORY_URI:{cache}" --build-arg BUILDKIT_INLINE_CACHE=1{arguments} "$context"
  docker push "$image"
  docker tag "$image" "$REPOSITORY_URI:{cache}"
  docker push "$REPOSITORY_URI:{cache}"
fi
"""

_WRITE: Final = """\
set -euo pipefail
{ask_digest}if [[ ! $digest =~ {digest_pattern} ]]; then
  echo "error: the registry answers '$digest' for $REPOSITORY_URI:$CODEBUILD_RESOLVED_SOURCE_VERSION," \\
    "and a digest is required: was the image pushed?" >&2
  exit 1
fi
printf '[{{"name":"%s","imageUri":"%s@%s"}}]\\n' "$CONTAINER_NAME" "$REPOSITORY_URI" "$digest" > {file}
cat {file}
"""

_FETCH = """\
set -euo pipefail
aws s3 cp --only-show-errors {source} delivery.json
python3 - delivery.json <<'END'
import json, pathlib, sys

for name, text in json.loads(pathlib.Path(sys.argv[1]).read_text("utf-8")).items():
    path = pathlib.Path(name)
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
END
"""


_JOBS = """\
jobs=()
for family in ${JOB_FAMILIES-}; do jobs+=(--job-family "$family"); done
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scripts:
    """The delivery scripts as they lie in the artifact bucket: one JSON object, path (`delivery/…`) to text."""

    bucket: str
    key: str
    """It carries the digest of their content."""


def image_buildspec(*, architecture: Architecture, bake_env: bool) -> Buildspec:
    """Builds the service's image, pushes it under its commit and names it by the digest the registry answers.

    A commit that was pushed before is not built again: tags are immutable, and its digest is known. With `bake_env` the
    stage's env file is part of the build, and the Dockerfile gets its stage as the build argument ENVIRONMENT;
    without, no env file reaches the image.
    """
    build = _BUILD.format(
        ask_digest=_ASK_DIGEST,
        except_for=", but for this stage's" if bake_env else "",
        bind='  cp ".env.$ENVIRONMENT" "$context/"\n' if bake_env else "",
        arguments=' --build-arg "ENVIRONMENT=$ENVIRONMENT"' if bake_env else "",
        platform=_PLATFORMS[architecture],
        cache=CACHE_TAG,
    )
    write = _WRITE.format(ask_digest=_ASK_DIGEST, digest_pattern=DIGEST_PATTERN, file=IMAGE_DEFINITIONS)
    return _buildspec({"pre_build": _CHECK, "build": build, "post_build": write}, artifacts=[IMAGE_DEFINITIONS])


def promotion_buildspec(scripts: Scripts, *, source_parameter: str) -> Buildspec:
    """Copies the image that another stage verified into this stage's repository, instead of building again.

    `source_parameter` is the SSM parameter that holds the other stage's image.
    """
    promote = _delivery(
        "promote",
        ("--parameter", shlex.quote(source_parameter)),
        ("--repository-uri", '"$REPOSITORY_URI"'),
        ("--container", '"$CONTAINER_NAME"'),
    )
    return _buildspec(
        {"pre_build": _fetch(scripts), "build": f"set -euo pipefail\n{promote}"}, artifacts=[IMAGE_DEFINITIONS]
    )


def deployment_buildspec(scripts: Scripts, *, cluster: str) -> Buildspec:
    """The two steps around an ECS action, as the variable STEP says: `hand-over` before it, `verify` after it.

    Variables of the run: SERVICE, PARAMETER (the SSM parameter of its image) and, where batch jobs run that image,
    JOB_FAMILIES (their task definition families, separated by spaces).

    The first sees that all secrets are stored and ends the placeholder's own command, which the ECS action would copy
    along with everything but the image; later it changes nothing. The second waits for the verdict and, after a good one
    only, publishes the image to the parameter and to the batch jobs' task definitions.
    """
    deployed = (("--cluster", shlex.quote(cluster)), ("--service", '"$SERVICE"'))
    jobs = ('"${jobs[@]}"', "")
    steps = {
        "hand-over": _JOBS + _delivery("hand-over", *deployed, jobs),
        "verify": _JOBS + _delivery("verify", *deployed, ("--parameter", '"$PARAMETER"'), jobs),
    }
    cases = "".join(f"{step})\n{command};;\n" for step, command in steps.items())
    build = (
        f'set -euo pipefail\ncase "$STEP" in\n{cases}*)\n  echo "error: STEP is \'$STEP\'" >&2\n  exit 1\n  ;;\nesac\n'
    )
    return _buildspec({"pre_build": _fetch(scripts), "build": build})


def _fetch(scripts: Scripts) -> str:
    return _FETCH.format(source=shlex.quote(f"s3://{scripts.bucket}/{scripts.key}"))


def _delivery(verb: str, *options: tuple[str, str]) -> str:
    """One command of the delivery scripts, an option a line; the options' values are the shell's words."""
    lines = [
        f"python3 -m delivery {verb}",
        '--region "$AWS_REGION"',
        f"--image-definitions {IMAGE_DEFINITIONS}",
        *(f"{option} {word}".rstrip() for option, word in options),
    ]
    return " \\\n  ".join(lines) + "\n"


def _buildspec(phases: Mapping[str, str], *, artifacts: Sequence[str] = ()) -> Buildspec:
    # Without ABORT, CodeBuild goes on to post_build after a failed build.
    spec: dict[str, object] = {
        "version": 0.2,
        "env": {"shell": "bash"},
        "phases": {name: {"on-failure": "ABORT", "commands": [script]} for name, script in phases.items()},
    }
    if artifacts:
        spec["artifacts"] = {"files": list(artifacts)}
    return spec
