"""A role for tests of it and of what all principals have alike."""

from typing import Any

import pytest

from tests.offline.aws.iam.documents import ROLE, trust


@pytest.fixture
def role(cloud: Any) -> Any:
    """The role dev-api-task in `cloud`."""
    return cloud.make(ROLE, "task", name="dev-api-task", assumeRolePolicy=trust("ecs-tasks.amazonaws.com"))
