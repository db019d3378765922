"""The Nginx configuration of api-docs, and what is refused before Nginx would."""

import re

import pytest

from components.calc.web.nginx import Login, Page, check_page_path, nginx_configuration, page_conflicts
from tests.refusals import refusal

DATALAB = Page(service="datalab-api", path="/api-docs/datalab", upstream="http://datalab-api.dev-itemscout-ns:3000")
TRACKING = Page(
    service="tracking-api",
    path="/api-docs/tracking",
    upstream="http://tracking-api.dev-itemscout-ns:3000",
    login=Login(upstream="http://legacy-api.dev-itemscout-ns:3000", path="/legacy/login"),
)


def _configuration(*pages: Page, read: int = 60, idle: int = 60, secure: bool = False) -> str:
    return nginx_configuration(pages, read_timeout_s=read, idle_timeout_s=idle, secure_cookies=secure)


def _locations(configuration: str) -> list[str]:
    return [line.strip() for line in configuration.splitlines() if "proxy_pass" in line]


def test_one_location_a_page_in_the_order_of_their_paths() -> None:
    assert _locations(_configuration(TRACKING, DATALAB)) == [
        "location ^~ /api-docs/datalab { proxy_pass http://datalab-api.dev-itemscout-ns:3000; }",
        "location = /api-docs/tracking/login { proxy_pass http://legacy-api.dev-itemscout-ns:3000/legacy/login; "
        "proxy_redirect /legacy/login /api-docs/tracking/login; proxy_cookie_path ~^ /api-docs/tracking; "
        "proxy_cookie_domain ~^ $host; proxy_cookie_flags ~ nosecure samesite=lax; }",
        "location ^~ /api-docs/tracking { proxy_pass http://tracking-api.dev-itemscout-ns:3000; }",
    ]
    assert _configuration(TRACKING, DATALAB) == _configuration(DATALAB, TRACKING)


def test_cookies_stay_secure_where_visitors_come_by_https() -> None:
    assert "proxy_cookie_flags" not in _configuration(TRACKING, secure=True)


def test_port_80_and_ipv4_only() -> None:
    assert re.findall(r"listen [^;]+;", _configuration(DATALAB)) == ["listen *:80 default_server;"]


def test_timeouts_in_their_order() -> None:
    """Nginx keeps an idle connection longer than the load balancer, and waits no longer for an answer."""
    configuration = _configuration(DATALAB, read=45, idle=50)
    assert re.findall(r"(keepalive_timeout|proxy_read_timeout|proxy_send_timeout) (\d+)s;", configuration) == [
        ("keepalive_timeout", "65"),
        ("proxy_send_timeout", "45"),
        ("proxy_read_timeout", "45"),
    ]


def test_a_project_may_not_take_longer_than_the_load_balancer_waits() -> None:
    assert refusal(lambda: _configuration(DATALAB, read=61, idle=60)) == (
        "A documentation request may take 61 s, and the load balancer gives up after 60 s of silence: set "
        "loadBalancer.idleTimeoutSeconds to 61 or more, or the services' requestTimeoutSeconds to 60 or less."
    )


def test_no_pages() -> None:
    assert refusal(lambda: _configuration()) == (
        "No service declares documentation, so there is nothing for api-docs to serve: leave it out."
    )


def test_pages_that_answer_for_each_other() -> None:
    assert refusal(
        lambda: _configuration(
            DATALAB, Page(service="other", path="/api-docs/datalab", upstream="http://other.ns:3000")
        )
    ) == (
        "The services datalab-api and other both have their documentation under /api-docs/datalab: give each a path "
        "of its own."
    )


@pytest.mark.parametrize("ending", ["json", "yaml"])
def test_a_path_that_nestjs_generates(ending: str) -> None:
    assert page_conflicts(
        [("b", f"/api-docs/data-{ending}"), ("a", "/api-docs/data"), ("c", "/api-docs/data-lab")]
    ) == [
        f"The documentation path /api-docs/data-{ending} of b is where a serves the document behind /api-docs/data: "
        "give b another path."
    ]


@pytest.mark.parametrize("path", ["/api-docs/datalab", "/api-docs/v2", "/api-docs/category-analyzer"])
def test_paths(path: str) -> None:
    assert check_page_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/api-docs",
        "/api-docs/",
        "/docs/datalab",
        "/api-docs/Datalab",
        "/api-docs/datalab/",
        "/api-docs/data/lab",
        "/api-docs/-data",
        "/api-docs/data--lab",
        "/api-docs/data; }",
        "/api-docs/datalab\n",
        "/api-docs/데이터",
    ],
)
def test_paths_refused(path: str) -> None:
    assert refusal(lambda: check_page_path(path)) == (
        f"The documentation path '{path}' is not one api-docs serves: it is /api-docs/ and one name of lower-case "
        "letters, digits and single hyphens; write it like '/api-docs/datalab'."
    )


@pytest.mark.parametrize(
    "upstream",
    [
        "https://datalab-api.ns:3000",
        "http://datalab-api.ns",
        "http://datalab-api.ns:3000/",
        "http://datalab-api.ns:3000; } location / { return 200",
        "http://$host:3000",
        "http://Datalab.ns:3000",
    ],
)
def test_upstreams_refused(upstream: str) -> None:
    assert refusal(lambda: Page(service="datalab-api", path="/api-docs/datalab", upstream=upstream)) == (
        f"The upstream '{upstream}' is not an address that Service Connect serves: write it like "
        "'http://datalab-api.dev-itemscout-ns:3000', in lower-case letters, digits, '.' and '-'."
    )


@pytest.mark.parametrize("path", ["login", "", "/login; }", "/login?x", "/lo gin", "/$uri"])
def test_login_paths_refused(path: str) -> None:
    assert refusal(lambda: Login(upstream="http://legacy-api.ns:3000", path=path)) == (
        f"The login path '{path}' is none that can stand in a configuration: it begins with '/' and holds letters, "
        "digits and ._~/-; write it like '/legacy/login'."
    )
