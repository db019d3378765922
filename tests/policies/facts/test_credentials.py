"""What tells a secret: names, values that are none, shapes of credentials, and what a text sets."""

from __future__ import annotations

import base64

import pytest

from policies.facts.credentials import assigned, coded, credential, passes, secret_name

KEY = "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIEpAIBAAKCAQEA"
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIEpAIBAAKCAQEA"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("DB_PASSWORD", True),
        ("PGPASSWORD", True),
        ("dbPassword", True),
        ("DB_PASS", True),
        ("jwt-secret", True),
        ("JWTSECRET", True),
        ("SENDGRID_API_KEY", True),
        ("AWS_SECRET_ACCESS_KEY", True),
        ("DB_PASSWORD_OLD", True),
        ("TOKEN", True),
        ("TOKEN_TTL", False),
        ("PASSWORD_MIN_LENGTH", False),
        ("DB_PASSWORD_FILE", False),
        ("COMPASS", False),
        ("BYPASS", False),
        ("MONKEY", False),
        ("PUBLIC_KEY", False),
    ],
)
def test_names(name: str, expected: bool) -> None:
    assert secret_name(name) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("hunter2", True),
        ("/hunter2", True),
        ("https://hunter2", True),
        ("none", True),
        ("arn:aws:ssm:eu-west-1:123456789012:parameter/x", False),
        ("/run/secrets/db", False),
        ("https://login.example.com/token", False),
        ("http://auth:3000/token", False),
        ("TRUE", False),
        (" ", False),
    ],
)
def test_values_of_a_secret_s_name(value: str, expected: bool) -> None:
    assert passes("DB_PASSWORD", value) is expected
    assert passes("DB_HOST", value) is False


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (KEY, True),
        (base64.b64encode(KEY.encode()).decode(), True),
        (base64.b64encode(CERTIFICATE.encode()).decode(), False),
        ("mysql://app:hunter2@db:3306", True),
        ("redis://:hunter2@cache:6379", True),
        ("mysql://app@db:3306", False),
        ("mysql://app:${DB_PASSWORD}@db:3306", False),
        ("aws_secret_access_key = " + "a1" * 20, True),
        ("aws_secret_access_key", False),
        ("a picture of eyJ", False),
    ],
)
def test_shapes(text: str, expected: bool) -> None:
    assert credential(text) is expected


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("DB_PASSWORD=hunter2 node main.js", "DB_PASSWORD"),
        ("Server=db;User Id=app;Password=hunter2;", "Password"),
        ("jdbc:mysql://db/shop?user=app&password=hunter2", "password"),
        ("-Djavax.net.ssl.trustStorePassword='changeit'", "Djavax.net.ssl.trustStorePassword"),
        ("--token=$TOKEN", None),
        ("password=true", None),
        ("docker build --secret=id=npm,src=.npmrc .", None),
        ("password=****", None),
        ("no pairs", None),
        ("a=b", None),
    ],
)
def test_what_a_text_sets(text: str, name: str | None) -> None:
    assert assigned(text) == name


@pytest.mark.parametrize(
    ("text", "expected"), [("aGVsbG8=", "hello"), ("aGVs\nbG8", "hel"), ("#!/bin/sh", None), ("", "")]
)
def test_base64(text: str, expected: str | None) -> None:
    assert coded(text) == expected
