"""Credentials that are known by their shape, under any name: each kind with its pattern and where its maker describes it."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shape:
    """A kind of credential. hints: patterns that begin with a plain sign, one of which every one holds; they are found sooner."""

    kind: str
    hints: tuple[str, ...]
    pattern: re.Pattern[str]
    source: str


def _shape(kind: str, hints: str, pattern: str, source: str) -> Shape:
    return Shape(kind, tuple(hints.split()), re.compile(pattern), source)


SHAPES = (
    _shape("a private key", "PRIVATE", r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----",
           "https://www.rfc-editor.org/rfc/rfc7468"),
    _shape("an AWS access key", "AKIA ASIA", r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b",
           "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html"),
    _shape("an AWS secret access key", "s(?i:ecret_?ac) S(?i:ecret_?ac)",
           r"(?i)aws_?secret_?access_?key[\"'\s:=]+[A-Za-z0-9/+]{40}\b",
           "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html"),
    _shape("a GitHub token", "ghp_ gho_ ghs_ ghr_ ghu_ github_pat_",
           r"\bgh[porsu]_[A-Za-z0-9]{36,}\b|\bgithub_pat_[A-Za-z0-9_]{40,}\b",
           "https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/"),
    _shape("a GitLab token", "glpat- glrt- gldt- glptt- glcbt- glsoat- glft- glimt- glagent- gloas-",
           r"\bgl(?:pat|rt|dt|ptt|cbt|soat|ft|imt|agent)-[A-Za-z0-9_.-]{20,}|\bgloas-[A-Za-z0-9_-]{20,}",
           "https://docs.gitlab.com/security/tokens/"),
    _shape("a Slack token", "xox xapp-", r"\bxox[abeoprs]-[A-Za-z0-9-]{20,}|\bxapp-\d-[A-Za-z0-9-]{20,}",
           "https://docs.slack.dev/authentication/tokens/"),
    _shape("a webhook's address", r"hooks\.slack /webhooks/ /webhookb2/",
           r"\bhooks\.slack\.com/(?:services|workflows)/T[A-Z0-9]+/[A-Z0-9]+/[A-Za-z0-9/]{20,}"
           r"|\bdiscord(?:app)?\.com/api/webhooks/\d{15,}/[A-Za-z0-9_-]{50,}"
           r"|\bwebhook\.office\.com/webhookb2/[A-Za-z0-9@-]{70,}",
           "https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/"),
    _shape("a Stripe secret key", "k_live_ k_test_ whsec_",
           r"\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}\b|\bwhsec_[A-Za-z0-9+/]{24,}", "https://docs.stripe.com/keys"),
    _shape("a key of an AI service", "sk-(?:proj|ant|svcacct|or|[A-Za-z0-9]{20}) hf_",
           r"\bsk-(?:proj|ant|svcacct|or)-[A-Za-z0-9_-]{20,}|\bsk-[A-Za-z0-9]{48}\b|\bhf_[A-Za-z]{34}\b",
           "https://platform.openai.com/docs/api-reference/authentication"),
    _shape("a SendGrid key", r"SG\.", r"\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}\b",
           "https://www.twilio.com/docs/sendgrid/ui/account-and-settings/api-keys"),
    _shape("a Mailchimp or Mailgun key", r"-us\d key-[0-9a-f]{8}", r"\b[0-9a-f]{32}-us\d{1,2}\b|\bkey-[0-9a-f]{32}\b",
           "https://mailchimp.com/developer/marketing/docs/fundamentals/"),
    _shape("a Google key", "AIza GOCSPX-", r"\bAIza[A-Za-z0-9_-]{35}\b|\bGOCSPX-[A-Za-z0-9_-]{28}\b",
           "https://cloud.google.com/docs/authentication/api-keys"),
    _shape("a package registry's token", "npm_ pypi-AgE dckr_pat_ :_authToken=",
           r"\bnpm_[A-Za-z0-9]{36}\b|\bpypi-AgE[A-Za-z0-9_-]{50,}|\bdckr_pat_[A-Za-z0-9_-]{20,}"
           r"|:_authToken=(?!\$)[A-Za-z0-9_-]{8,}", "https://docs.npmjs.com/about-access-tokens"),
    _shape("an Azure key", "AccountKey= SharedAccessKey= sig=",
           r"\b(?:Account|SharedAccess)Key=[A-Za-z0-9+/]{40,}={0,2}|[?&]sig=[A-Za-z0-9%+/]{40,}",
           "https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string"),
    _shape("a Telegram bot's token", r":A(?<=\d:A)", r"\b\d{8,10}:A[A-Za-z0-9_-]{34}\b",
           "https://core.telegram.org/bots/features#botfather"),
    _shape("a Vault, Databricks, DigitalOcean, Grafana or Pulumi token",
           r"hvs\. dapi[0-9a-f]{8} dop_v1_ glsa_ pul-[0-9a-f]{8}",
           r"\bhvs\.[A-Za-z0-9_-]{24,}|\bdapi[0-9a-f]{32}\b|\bdop_v1_[0-9a-f]{64}\b"
           r"|\bglsa_[A-Za-z0-9]{32}_[0-9a-f]{8}\b|\bpul-[0-9a-f]{40}\b",
           "https://developer.hashicorp.com/vault/docs/concepts/tokens"),
    _shape("a Square or Shopify token", "sq0 shp(?:at|ca|pa|ss)_",
           r"\bsq0(?:atp|csp)-[A-Za-z0-9_-]{22,}|\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}\b",
           "https://shopify.dev/docs/apps/build/authentication-authorization"),
    _shape("a Laravel application's key", "base64:", r"\bbase64:[A-Za-z0-9+/]{43}=",
           "https://laravel.com/docs/encryption#configuration"),
)  # fmt: skip
_JSON_WEB_TOKEN = re.compile(r"\beyJ[A-Za-z0-9_-]{10,}\.(eyJ[A-Za-z0-9_-]{10,})\.[A-Za-z0-9_-]{10,}")
"""A JSON Web Token, signed: https://www.rfc-editor.org/rfc/rfc7519"""
_CODED = re.compile(r"LS0tLS1CRUdJTi[A-Za-z0-9+/=]{20,}")
"""The beginning of a key or a certificate, -----BEGIN, in Base64."""
PUBLIC = re.compile(
    r"-----BEGIN (?:[A-Z0-9]+ )*(?:PUBLIC KEY|CERTIFICATE)"
    r"|(?:ssh-(?:rsa|ed25519|dss)|ecdsa-sha2-\S+|sk-ssh-\S+) AAAA"
    r"|pk_(?:live|test)_\w+$"
)
"""What is meant to be seen: public keys, certificates, Stripe's publishable keys."""


def _one_of(hints: Iterable[str]) -> re.Pattern[str]:
    """One look for all hints, by their first letters: every text of a stack is asked, and next to none has one."""
    by_letter: dict[str, list[str]] = {}
    for hint in hints:
        by_letter.setdefault(hint[0], []).append(hint[1:])
    return re.compile("|".join(f"{letter}(?:{'|'.join(rest)})" for letter, rest in by_letter.items()))


_HINTED = _one_of(hint for shape in SHAPES for hint in shape.hints)


def known_shape(text: str) -> str | None:
    """The kind of a credential that a text holds, such as "a GitHub token"; None where it holds none that is known."""
    if _HINTED.search(text):
        for shape in SHAPES:
            if shape.pattern.search(text):
                return shape.kind
    if "eyJ" in text and any(not _for_everybody(token[1]) for token in _JSON_WEB_TOKEN.finditer(text)):
        return "a JSON Web Token"
    if "LS0tLS1CRUdJTi" in text and any("PRIVATE KEY" in (decoded(key) or "") for key in _CODED.findall(text)):
        return "a private key in Base64"
    return None


def decoded(text: str) -> str | None:
    """What a text in Base64 says; None where it is none."""
    compact = "".join(text.split())
    try:
        return base64.b64decode(compact[: len(compact) - len(compact) % 4], validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return None


def _for_everybody(payload: str) -> bool:
    """Whether a token's claims say that it stands for anybody, as Supabase's key for browsers does."""
    try:
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (ValueError, RecursionError):
        return False
    return isinstance(claims, dict) and claims.get("role") == "anon"
