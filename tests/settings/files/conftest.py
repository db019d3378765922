"""The files of a project for the tests of what reads them."""

from collections.abc import Callable
from pathlib import Path

import pytest

PROJECT = """name: shop
runtime: python
config:
  aws:region: ap-northeast-2
  services:
    value:
      api: {port: 3000, public: true}
  tier: basic
  size: {default: 5}
  token: {value: abc, secret: true}
"""


@pytest.fixture
def files(tmp_path: Path) -> Callable[..., Path]:
    """Writes Pulumi.yaml and Pulumi.dev.yaml of a project with values of many kinds, and answers their folder."""

    def write(stage: str = "config: {}\n", project: str = PROJECT) -> Path:
        (tmp_path / "Pulumi.yaml").write_text(project)
        (tmp_path / "Pulumi.dev.yaml").write_text(stage)
        return tmp_path

    return write
