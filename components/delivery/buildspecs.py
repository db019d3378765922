"""Buildspecs as the text CodeBuild gets: one rendering for the pipeline's project and for `./run buildspec`."""

from __future__ import annotations

import functools
import json

import yaml

from settings.workloads import Service

from ..calc.delivery.buildspec import Buildspec, image_buildspec


class _Dumper(yaml.SafeDumper):
    """Writes scripts as literal blocks, to be read."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(str, _text)


def render(buildspec: Buildspec) -> str:
    """The YAML of a buildspec, its keys in their order."""
    # Services of one architecture have the same one, and YAML is slow.
    return _rendered(json.dumps(buildspec))


@functools.cache
def _rendered(document: str) -> str:
    buildspec = json.loads(document)
    return str(yaml.dump(buildspec, Dumper=_Dumper, sort_keys=False, width=1000))


def image_build(service: Service) -> str:
    """The buildspec of a service's image."""
    return render(image_buildspec(architecture=service.architecture, bake_env=service.bake_env))
