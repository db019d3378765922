"""Many services, jobs and secrets: what AWS bounds stays within bounds, or is refused with the numbers."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from components.calc.event_patterns import MAX_PATTERN, event_pattern
from components.calc.iam.statements import allow, check_role_policy, document
from offline.engine.outcome import Outcome
from tests.project import PROJECT as P


def _document(resources: int) -> str:
    return document(
        allow("ReadOne", ["s3:GetObject"], ["arn:aws:s3:::a"]),
        allow("ReadMany", ["s3:GetObject"], [f"arn:aws:s3:::bucket-{number:04d}" for number in range(resources)]),
    )


def test_a_policy_over_iams_size() -> None:
    assert check_role_policy("dev-api-execution", _document(300)) == _document(300)
    with pytest.raises(ValueError) as caught:
        check_role_policy("dev-api-execution", _document(400))
    assert str(caught.value) == (
        f"The policy of the IAM role 'dev-api-execution' has {len(_document(400))} characters, and IAM takes at most 10240: its "
        "statement ReadMany names 400 resources; let it name fewer, for example by splitting the workload it is for."
    )


def test_an_event_pattern_over_eventbridges_length() -> None:
    assert json.loads(event_pattern({"source": ["aws.ecs"]})) == {"source": ["aws.ecs"]}
    with pytest.raises(
        ValueError, match="has 2122 characters, and EventBridge takes at most 2048: match names by their "
    ):
        event_pattern({"source": ["x" * 2106]})


def test_forty_jobs_fit_the_rule_that_tells_of_failures(preview: Callable[..., Outcome]) -> None:
    jobs = {
        f"job-with-a-rather-long-name-{n}": {"image": ["gateway", "legacy-api"][n % 2], "schedule": "rate(1 day)"}
        for n in range(40)
    }
    outcome = preview("dev", {"jobs": jobs})
    assert outcome.result == "succeeded"
    patterns = [r.inputs["eventPattern"] for r in outcome.resources if r.type == "aws:cloudwatch/eventRule:EventRule"]
    assert max(map(len, patterns)) <= MAX_PATTERN
    (failed,) = [pattern for pattern in map(json.loads, patterns) if "lastStatus" in pattern["detail"]]
    assert failed["detail"]["group"] == [{"prefix": "family:dev-"}]


def test_secrets_beyond_what_a_role_may_read(
    preview: Callable[..., Outcome], stage_values: Callable[[str], dict[str, Any]]
) -> None:
    services = stage_values("dev")[f"{P}:services"]
    services["gateway"]["secrets"] = [f"SOME_SECRET_{number:03d}" for number in range(150)]
    outcome = preview("dev", {"services": services})
    assert outcome.result == "failed"
    assert "The policy of the IAM role 'dev-gateway-execution' has " in outcome.errors[0]
    assert "its statement ReadSecrets names 150 resources" in outcome.errors[0]
