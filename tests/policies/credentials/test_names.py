"""Names that say that a secret stands behind them, and the values there that are none."""

import pytest

from policies.credentials.names import literal_secret, may_hold_secret, secret_name, stands_for_another


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("DB_PASSWORD", True),
        ("PGPASSWORD", True),
        ("dbPassword", True),
        ("spring.datasource.password", True),
        ("DB_PASS", True),
        ("jwt-secret", True),
        ("JWTSECRET", True),
        ("SECRET_KEY_BASE", True),
        ("RAILS_MASTER_KEY", True),
        ("SENDGRID_API_KEY", True),
        ("AWS_SECRET_ACCESS_KEY", True),
        ("DB_PASSWORD_OLD", True),
        ("TOKEN", True),
        ("TOKEN_TTL", False),
        ("PASSWORD_MIN_LENGTH", False),
        ("DB_PASSWORD_FILE", False),
        ("DB_SECRET_ARN", False),
        ("COMPASS", False),
        ("BYPASS", False),
        ("MONKEY", False),
        ("CACHE_KEY", False),
        ("PUBLIC_KEY", False),
        ("STRIPE_PUBLISHABLE_KEY", False),
        ("NEXT_PUBLIC_API_KEY", False),
        ("VITE_API_KEY", False),
        ("DSN", False),
        ("DATABASE_URL", False),
        ("CONNECTION_STRING", False),
    ],
)
def test_names(name: str, expected: bool) -> None:
    assert secret_name(name) is expected


@pytest.mark.parametrize("name", ["SENTRY_DSN", "DATABASE_URL", "redisUrl", "DB_CONNECTION_STRING", "DB_PASSWORD"])
def test_an_unknown_value_of_these_may_hold_a_secret(name: str) -> None:
    assert may_hold_secret(name)
    assert not may_hold_secret(f"{name}_TIMEOUT")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("hunter2", True),
        ("123456", True),
        ("changeme", True),
        ("/hunter2", True),
        ("https://hunter2", True),
        ("none", True),
        ("pa$$word", True),
        ("$ecret1", True),
        ("${DB_PASSWORD:-hunter2}", True),
        ("hunter2${SUFFIX}", True),
        ("", False),
        (" ", False),
        ("TRUE", False),
        ("yes", False),
        ("arn:aws:ssm:eu-west-1:123456789012:parameter/x", False),
        ("/run/secrets/db", False),
        ("./secrets/db", False),
        ("secrets/db.txt", False),
        ("file:///run/secrets/db", False),
        ("vault:secret/data/db#password", False),
        ("{{resolve:ssm-secure:/prd/db:1}}", False),
        ("https://login.example.com/token", False),
        ("http://auth:3000/token", False),
        ("${DB_PASSWORD}", False),
        ("${DB_PASSWORD:-}", False),
        ("${DB_PASSWORD:?is required}", False),
        ("$DB_PASSWORD", False),
        ("$(cat /run/secrets/db)", False),
        ("{{ db_password }}", False),
        ("<password>", False),
        ("%DB_PASSWORD%", False),
        ("********", False),
        ("[REDACTED]", False),
        ("-----BEGIN PUBLIC KEY-----\nMIIB", False),
        ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ me@host", False),
    ],
)
def test_values_of_a_secret_s_name(value: str, expected: bool) -> None:
    assert literal_secret("DB_PASSWORD", value) is expected
    assert literal_secret("DB_HOST", value) is False


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("MAX_TOKEN", "4096", False),
        ("BCRYPT_SALT", "10", False),
        ("ACCESS_TOKEN", "15m", False),
        ("SALT", "NaCl-7f3a", True),
        ("DB_SECRET", "prd/api/db", False),
        ("DB_PASSWORD", "prd/api/db", True),
        ("STRIPE_API_KEY", "pk_live_0123456789abcdef", False),
        ("STRIPE_API_KEY", "k-2983479823", True),
        ("PWD", "/app", False),
        ("MYSQL_PWD", "/app", True),
    ],
)
def test_what_a_name_makes_of_a_value(name: str, value: str, expected: bool) -> None:
    assert literal_secret(name, value) is expected


@pytest.mark.parametrize(
    ("value", "in_values", "in_commands"),
    [
        ("$db_password", False, True),
        ("$DB_PASSWORD", True, True),
        ("${{ secrets.DB }}", True, True),
        ("`cat x`", True, True),
        ("${A}${B}", True, True),
        ("${A:-${B}}", False, False),
        ("$A-b", False, False),
    ],
)
def test_references(value: str, in_values: bool, in_commands: bool) -> None:
    assert stands_for_another(value) is in_values
    assert stands_for_another(value, shell=True) is in_commands
