"""Names, keys and lifetimes in the artifact bucket."""

import pytest

from components.calc.arns import Location
from components.calc.delivery.artifacts import ARTIFACT_DAYS, artifact_prefix, bucket_name, scripts_key


def test_the_bucket_is_named_by_stage_account_and_region(seoul: Location) -> None:
    assert bucket_name(seoul, "dev") == "dev-artifacts-123456789012-ap-northeast-2"


def test_a_stage_whose_bucket_name_s3_refuses(seoul: Location) -> None:
    with pytest.raises(ValueError, match=r"The stage name 'Dev' is not usable"):
        bucket_name(seoul, "Dev")


@pytest.mark.parametrize(
    ("pipeline", "prefix"),
    [
        ("dev-datalab-api", "dev-datalab-api/"),
        ("dev-category-report", "dev-category-report/"),
        ("dev-category-reports", "dev-category-reports/"),
        ("dev-category-reports-api", "dev-category-reports/"),
    ],
)
def test_a_key_begins_with_twenty_characters_of_the_pipelines_name(pipeline: str, prefix: str) -> None:
    assert artifact_prefix(pipeline) == prefix


def test_scripts_lie_under_the_digest_of_their_archive() -> None:
    # SHA-256 of "abc", FIPS 180-2, appendix B.1
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert scripts_key("abc") == f"delivery/{digest}.json"


def test_artifacts_outlive_the_history_that_a_rollback_chooses_from() -> None:
    months_of_history = 12
    assert months_of_history * 31 < ARTIFACT_DAYS
