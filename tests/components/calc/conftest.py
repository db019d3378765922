"""Fixtures of the calculation tests: where the example stage lives."""

from __future__ import annotations

import pytest

from components.calc.arns import Location


@pytest.fixture
def seoul() -> Location:
    return Location(region="ap-northeast-2", account_id="123456789012")
