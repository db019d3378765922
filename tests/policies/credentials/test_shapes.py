"""Credentials by their shape, and what only looks like one; samples are put together here so that no scanner finds them."""

import base64
import json

import pytest

from policies.credentials.shapes import SHAPES, decoded, known_shape

KEY = "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIEpAIBAAKCAQEA"
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIEpAIBAAKCAQEA"
LETTERS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def token(**claims: str) -> str:
    def part(content: dict[str, str]) -> str:
        return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")

    return f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part(claims)}.{LETTERS[:43]}"


SAMPLES = [
    (KEY, "a private key"),
    ("-----BEGIN OPENSSH " + "PRIVATE KEY-----", "a private key"),
    ("-----BEGIN " + "PRIVATE KEY-----", "a private key"),
    ("-----BEGIN PGP " + "PRIVATE KEY BLOCK-----", "a private key"),
    (base64.b64encode(KEY.encode()).decode(), "a private key in Base64"),
    ("AKIA" + "IOSFODNN7EXAMPLE", "an AWS access key"),
    ("key ASIA" + "IOSFODNN7EXAMPLE, see", "an AWS access key"),
    ("aws_secret_access_key = " + "a1" * 20, "an AWS secret access key"),
    ("ghp_" + LETTERS[:36], "a GitHub token"),
    ("ghs_" + LETTERS[:36], "a GitHub token"),
    ("github_pat_" + LETTERS[:50], "a GitHub token"),
    ("glpat-" + LETTERS[:20], "a GitLab token"),
    ("gldt-" + LETTERS[:20], "a GitLab token"),
    ("xoxb-" + "1234567890-abcdefghijkl", "a Slack token"),
    ("https://hooks.slack.com/services/T0000/B0000/" + LETTERS[:24], "a webhook's address"),
    ("https://discord.com/api/webhooks/123456789012345678/" + LETTERS[:60], "a webhook's address"),
    ("sk_live_" + LETTERS[:24], "a Stripe secret key"),
    ("rk_live_" + LETTERS[:24], "a Stripe secret key"),
    ("sk-proj-" + LETTERS[:40], "a key of an AI service"),
    ("SG." + LETTERS[:22] + "." + LETTERS[:43], "a SendGrid key"),
    ("0123456789abcdef" * 2 + "-us12", "a Mailchimp or Mailgun key"),
    ("AIza" + LETTERS[:35], "a Google key"),
    ("npm_" + LETTERS[:36], "a package registry's token"),
    ("//npm.example.com/:_authToken=" + LETTERS[:20], "a package registry's token"),
    ("AccountName=x;AccountKey=" + "a1" * 43 + "==", "an Azure key"),
    ("1234567890:A" + LETTERS[:34], "a Telegram bot's token"),
    ("hvs." + LETTERS[:24], "a Vault, Databricks, DigitalOcean, Grafana or Pulumi token"),
    ("shpat_" + "0123456789abcdef" * 2, "a Square or Shopify token"),
    ("base64:" + "a" * 43 + "=", "a Laravel application's key"),
    (token(role="service_role"), "a JSON Web Token"),
    (token(sub="1"), "a JSON Web Token"),
]


@pytest.mark.parametrize(("text", "kind"), SAMPLES, ids=lambda value: value[:16])
def test_a_known_shape_is_one_wherever_it_stands(text: str, kind: str) -> None:
    assert known_shape(text) == kind
    assert known_shape(f'{{"x": "{text}"}}') == kind


def test_every_shape_has_a_sample_and_a_source() -> None:
    assert {shape.kind for shape in SHAPES} <= {kind for _, kind in SAMPLES}
    assert all(shape.source.startswith("https://") for shape in SHAPES)


@pytest.mark.parametrize(
    "text",
    [
        CERTIFICATE, base64.b64encode(CERTIFICATE.encode()).decode(), "-----BEGIN PUBLIC KEY-----\nMIIBIjANBg",
        "pk_live_" + LETTERS[:24], "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ", token(role="anon"),
        "aws_secret_access_key", "a picture of eyJ", "eyJhbGciOiJIUzI1NiJ9.eyJub3QganNvbg.x",
        "arn:aws:iam::123456789012:role/dev-api-task", "sg-0a1b2c3d4e5f60718", "550e8400-e29b-41d4-a716-446655440000",
        "ami-0abcdef1234567890", "repo@sha256:" + "a" * 64, "//npm.example.com/:_authToken=${NPM_TOKEN}",
        "risk-" + LETTERS[:30], "https://0123456789abcdef0123456789abcdef@o1.ingest.sentry.io/2",
    ],
)  # fmt: skip
def test_what_is_public_or_a_name_is_none(text: str) -> None:
    assert known_shape(text) is None


@pytest.mark.parametrize(
    ("text", "expected"), [("aGVsbG8=", "hello"), ("aGVs\nbG8", "hel"), ("#!/bin/sh", None), ("", "")]
)
def test_base64(text: str, expected: str | None) -> None:
    assert decoded(text) == expected
