"""What is taken for a secret and what is not; the samples are put together here so that no scanner finds them."""

from __future__ import annotations

import socket

import pytest

from settings.files.secret_detector import secret_reason


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("MSI_API_KEY", "abc", "MSI_API_KEY is named like a secret"),
        ("DB_PASSWORD", "it's \"quoted\"", "DB_PASSWORD is named like a secret"),
        ("SLACK_TOKEN", "x", "SLACK_TOKEN is named like a secret"),
        ("GIT_CREDENTIALS", "x", "GIT_CREDENTIALS is named like a secret"),
        ("DSN", "mysql://tracking:" + "pw@db/itemscout", "it is written like one (Basic Auth Credentials)"),
        ("AWS", "AKIA" + "IOSFODNN7EXAMPLE", "it is written like one (AWS Access Key)"),
        ("MIRROR", "glpat-" + "abcdefghijABCDEFGH12", "it is written like one (GitLab Token)"),
        ("OPTIONS", '{"password": "' + 'hunter2"}', "it is written like one (Secret Keyword)"),
        ("CERTIFICATE", "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIB", "it is written like one (Private Key)"),
        ("SALT", "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY", "it is as random as a key or a token"),
        ("SIGNING", "8f14e45fceea167a" + "5a36dedd4bea2543", "it is as random as a key or a token"),
        ("HOOK", "https://example.com/in?sig=Zx81kQp0" + "LrT5uWv92aBnYcDe7Fh3", "it is as random as a key or a token"),
    ],
)  # fmt: skip
def test_a_secret_is_told_by_name_by_form_or_by_randomness(name: str, value: str, reason: str) -> None:
    assert secret_reason(name, value) == reason


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MSI_API_KEY", ""),
        ("LOG_LEVEL", "info"),
        ("DB_CONN_LIMIT", "5"),
        ("TOKEN_TTL_SECONDS", "3600"),
        ("DATALAB_API_URL", "http://datalab-api.dev-itemscout-ns:3000"),
        ("QUEUE", "https://sqs.ap-northeast-2.amazonaws.com/123456789012/dev-ranking-batch-dead-letters"),
        ("ROLE", "arn:aws:iam::123456789012:role/dev-datalab-api-task"),
        ("GROUP", "sg-0a1b2c3d4e5f60718"),
        ("TENANT", "550e8400-e29b-41d4-a716-446655440000"),
        ("EXPORTS", "/itemscout/datalab/v1/category-tree/keywords/search_history/export-monthly"),
        ("NODE_OPTIONS", "--max-old-space-size=384 --enable-source-maps"),
        ("RESOLVER", "54.23.11.9"),
        ("GREETING", "안녕하세요 세계"),
        ("SINCE", "2026-11-22T23:00:00Z"),
    ],
)
def test_configuration_passes(name: str, value: str) -> None:
    assert secret_reason(name, value) is None


def test_nothing_is_asked_of_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("a secret would have left the machine")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert secret_reason("X", "sk_live_" + "0123456789abcdefghijABCD") == "it is written like one (Stripe Access Key)"
