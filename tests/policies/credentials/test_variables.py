"""Whether a variable is a secret, and why; samples are put together here so that no scanner finds them."""

import pytest

from policies.credentials.variables import NAMED, is_random, secret_reason


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("MSI_API_KEY", "abc", NAMED),
        ("DB_PASSWORD", 'it\'s "quoted"', NAMED),
        ("SLACK_TOKEN", "x", NAMED),
        ("GIT_CREDENTIALS", "x", NAMED),
        ("DSN", "mysql://tracking:" + "pw@db/itemscout", "a URL with a password"),
        ("AWS", "AKIA" + "IOSFODNN7EXAMPLE", "an AWS access key"),
        ("MIRROR", "glpat-" + "abcdefghijABCDEFGH12", "a GitLab token"),
        ("OPTIONS", '{"password": "' + 'hunter2"}', "it sets password"),
        ("CERTIFICATE", "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIB", "a private key"),
        ("HEADERS", "Authorization: Basic " + "YWRtaW46YWRtaW4=", "a header with a secret"),
        ("MSI_API_KEY", "", None),
        ("LOG_LEVEL", "info", None),
        ("DB_CONN_LIMIT", "5", None),
        ("TOKEN_TTL_SECONDS", "3600", None),
        ("SENTRY_DSN", "https://0123456789abcdef0123456789abcdef@o1.ingest.sentry.io/1", None),
        ("DATABASE_URL", "mysql://app@db.dev.internal:3306/shop", None),
        ("DATABASE_URL", "mysql://app:${DB_PASSWORD}@db.dev.internal:3306/shop", None),
        ("CONNECTION_STRING", "Server=db;Database=shop;Integrated Security=true", None),
        ("NODE_OPTIONS", "--max-old-space-size=384 --enable-source-maps", None),
    ],
)
def test_reasons(name: str, value: str, reason: str | None) -> None:
    assert secret_reason(name, value) == reason


@pytest.mark.parametrize(
    ("value", "random"),
    [
        ("wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY", True),
        ("8f14e45fceea167a" + "5a36dedd4bea2543", True),
        ("https://example.com/in?sig=Zx81kQp0" + "LrT5uWv92aBnYcDe7Fh3", True),
        ("http://datalab-api.dev-itemscout-ns:3000", False),
        ("https://sqs.ap-northeast-2.amazonaws.com/123456789012/dev-ranking-batch-dead-letters", False),
        ("arn:aws:iam::123456789012:role/dev-datalab-api-task", False),
        ("sg-0a1b2c3d4e5f60718", False),
        ("550e8400-e29b-41d4-a716-446655440000", False),
        ("/itemscout/datalab/v1/category-tree/keywords/search_history/export-monthly", False),
        ("54.23.11.9", False),
        ("안녕하세요 세계", False),
        ("2026-11-22T23:00:00Z", False),
        ("https://0123456789abcdef0123456789abcdef@o1.ingest.sentry.io/1", False),
    ],
)
def test_randomness(value: str, random: bool) -> None:
    assert is_random(value) is random
