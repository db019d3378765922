"""A project whose login goes only through the legacy server: its login path leads there, and the cookie comes back."""

import http.cookiejar
import json
import urllib.request

import pytest

LOGIN = "/api-docs/tracking/login"


@pytest.fixture
def legacy(projects):
    """The legacy server, which sets its cookie for its own host and for every path."""
    server = projects.upstreams["legacy-api"]
    server.answers["/legacy/login"] = (
        302,
        {
            "location": "/legacy/login?again=1",
            "set-cookie": "sid=s3ss10n; Domain=legacy.example.com; Path=/; Secure; HttpOnly\n"
            "lang=ko; Path=/legacy/deep; SameSite=None; Secure",
        },
        b"",
    )
    return server


def test_the_login_reaches_the_legacy_server(projects, legacy, serve) -> None:
    serve().get(f"{LOGIN}?next=%2Fapi-docs", method="POST", body="user=mina", Cookie="theme=dark")
    (asked,) = legacy.asked
    assert (asked.method, asked.path, asked.body) == ("POST", "/legacy/login?next=%2Fapi-docs", "user=mina")
    assert asked.headers["cookie"] == "theme=dark"
    assert projects.upstreams["tracking-api"].asked == []


def test_cookies_are_set_for_the_documentation_path(legacy, serve) -> None:
    answer = serve().get(LOGIN, Host="docs.dev.example.com")
    assert answer.all("set-cookie") == [
        "sid=s3ss10n; Domain=docs.dev.example.com; Path=/api-docs/tracking; HttpOnly; SameSite=Lax",
        "lang=ko; Path=/api-docs/tracking; SameSite=Lax",
    ]
    assert answer.header("location") == f"{LOGIN}?again=1"


def test_over_https_cookies_keep_what_protects_them(legacy, serve) -> None:
    answer = serve(secure_cookies=True).get(LOGIN, Host="docs.dev.example.com")
    assert answer.all("set-cookie") == [
        "sid=s3ss10n; Domain=docs.dev.example.com; Path=/api-docs/tracking; Secure; HttpOnly",
        "lang=ko; Path=/api-docs/tracking; SameSite=None; Secure",
    ]


def test_a_client_sends_the_cookie_to_that_documentation_and_no_other(projects, legacy, serve) -> None:
    legacy.answers["/legacy/login"] = (200, {"set-cookie": "sid=s3ss10n; Path=/legacy; HttpOnly"}, b"welcome")
    site = serve()
    client = urllib.request.build_opener(
        urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()), urllib.request.ProxyHandler({})
    )
    base = f"http://{site.address}:8080"
    client.open(f"{base}{LOGIN}", data=b"user=mina", timeout=20).close()
    cookies = {
        path: json.load(client.open(f"{base}/api-docs/{path}", timeout=20))["cookie"]
        for path in ("tracking", "tracking/swagger-ui-init.js", "datalab", "legacy")
    }
    assert cookies == {
        "tracking": "sid=s3ss10n",
        "tracking/swagger-ui-init.js": "sid=s3ss10n",
        "datalab": None,
        "legacy": None,
    }
