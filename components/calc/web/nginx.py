"""The Nginx configuration of api-docs: one location a project, and none that another project's trouble can take away."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

DOCS_ROOT: Final = "/api-docs"
HEALTH_PATH: Final = "/healthz"
"""Outside of DOCS_ROOT, so the load balancer's rule never sends a visitor there."""
LIST_FILE: Final = "list.html"
"""The page that lists the projects, beside the configuration."""
LOG_FILE: Final = "access.log"
"""Beside the configuration, and led to the container's output."""
LOGIN_SEGMENT: Final = "login"
KEEPALIVE_MARGIN_S: Final = 15
"""How much longer than the load balancer Nginx keeps an idle connection.

The side that closes first must be the load balancer: a target that closes a connection the load balancer is about to
use gives a 502 (User Guide for Application Load Balancers, "HTTP 502: Bad gateway").
"""

_PAGE: Final = re.compile(r"/api-docs/[a-z0-9]+(-[a-z0-9]+)*")
_UPSTREAM: Final = re.compile(r"http://[a-z0-9]([a-z0-9.-]*[a-z0-9])?:[0-9]{1,5}")
_PATH: Final = re.compile(r"/[A-Za-z0-9._~/-]*")
_GENERATED: Final = ("-json", "-yaml")
"""NestJS serves the document behind a Swagger page under these endings of the page's path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """The server through which alone a project's users log in."""

    upstream: str
    """`http://<name>.<namespace>:<port>`, as Service Connect serves it."""
    path: str
    """Where that server takes logins."""

    def __post_init__(self) -> None:
        _check_upstream(self.upstream)
        if not _PATH.fullmatch(self.path):
            raise ValueError(
                f"The login path '{self.path}' is none that can stand in a configuration: it begins with '/' and holds "
                "letters, digits and ._~/-; write it like '/legacy/login'."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A project's documentation."""

    service: str
    path: str
    """`/api-docs/<name>`, in the project's own Swagger set-up as well: the path is passed on as it came."""
    upstream: str
    """`http://<name>.<namespace>:<port>`, as Service Connect serves it."""
    login: Login | None = None

    def __post_init__(self) -> None:
        check_page_path(self.path)
        _check_upstream(self.upstream)

    @property
    def login_path(self) -> str:
        """Where the page's visitors log in, when `login` is given."""
        return f"{self.path}/{LOGIN_SEGMENT}"


def check_page_path(path: str) -> str:
    """Return `path` when documentation can be served under it; raise ValueError saying what is allowed."""
    if not _PAGE.fullmatch(path):
        raise ValueError(
            f"The documentation path '{path}' is not one api-docs serves: it is {DOCS_ROOT}/ and one name of lower-case "
            f"letters, digits and single hyphens; write it like '{DOCS_ROOT}/datalab'."
        )
    return path


def page_conflicts(paths: Iterable[tuple[str, str]]) -> list[str]:
    """One sentence for each pair of (service, path) that would answer for each other."""
    problems: list[str] = []
    for (one, first), (other, second) in combinations(sorted(paths, key=lambda pair: (pair[1], pair[0])), 2):
        if first == second:
            problems.append(
                f"The services {one} and {other} both have their documentation under {first}: give each a path of its own."
            )
        elif second in {first + ending for ending in _GENERATED}:
            problems.append(
                f"The documentation path {second} of {other} is where {one} serves the document behind {first}: give "
                f"{other} another path."
            )
    return problems


def nginx_configuration(
    pages: Sequence[Page],
    *,
    read_timeout_s: int,
    idle_timeout_s: int,
    secure_cookies: bool,
    port: int = 80,
    address: str = "*",
) -> str:
    """The configuration that serves `pages`, as Nginx 1.19.5 or newer reads it with the prefix (`-p`) it may write to.

    `read_timeout_s` is how long Nginx waits for a project: the longest that Service Connect lets a request take, and at
    most `idle_timeout_s`, the load balancer's idle timeout, which would otherwise end the request first.
    `secure_cookies` says whether visitors come by HTTPS: over HTTP a browser drops a cookie marked Secure.
    Names stand in the configuration as they are declared; `start_script` of nginx_start puts addresses in their place.
    Raises ValueError for no pages, pages that answer for each other, and timeouts out of order.
    """
    if not pages:
        raise ValueError("No service declares documentation, so there is nothing for api-docs to serve: leave it out.")
    if conflicts := page_conflicts((page.service, page.path) for page in pages):
        raise ValueError(" ".join(conflicts))
    if read_timeout_s > idle_timeout_s:
        raise ValueError(
            f"A documentation request may take {read_timeout_s} s, and the load balancer gives up after "
            f"{idle_timeout_s} s of silence: set loadBalancer.idleTimeoutSeconds to {read_timeout_s} or more, or the "
            f"services' requestTimeoutSeconds to {idle_timeout_s} or less."
        )
    ordered = sorted(pages, key=lambda page: page.path)
    locations = [line for page in ordered for line in _locations(page, secure_cookies)]
    return _TEMPLATE.format(
        listen=f"{address}:{port}",
        keepalive=idle_timeout_s + KEEPALIVE_MARGIN_S,
        read=read_timeout_s,
        root=DOCS_ROOT,
        health=HEALTH_PATH,
        list=LIST_FILE,
        log=LOG_FILE,
        down=_DOWN,
        locations="\n".join(f"    {line}" for line in locations),
    )


def _locations(page: Page, secure_cookies: bool) -> list[str]:
    # Without a slash at the end: NestJS serves <path>-json and <path>-yaml beside the page.
    lines = [f"location ^~ {page.path} {{ proxy_pass {page.upstream}; }}"]
    if page.login is None:
        return lines
    # A cookie is sent back on the path it was set for, by the host that set it: both are the login server's own.
    flags = "" if secure_cookies else " proxy_cookie_flags ~ nosecure samesite=lax;"
    return [
        f"location = {page.login_path} {{ proxy_pass {page.login.upstream}{page.login.path}; "
        f"proxy_redirect {page.login.path} {page.login_path}; "
        f"proxy_cookie_path ~^ {page.path}; proxy_cookie_domain ~^ $host;{flags} }}",
        *lines,
    ]


def _check_upstream(upstream: str) -> None:
    if not _UPSTREAM.fullmatch(upstream):
        raise ValueError(
            f"The upstream '{upstream}' is not an address that Service Connect serves: write it like "
            "'http://datalab-api.dev-itemscout-ns:3000', in lower-case letters, digits, '.' and '-'."
        )


_DOWN: Final = (
    "The project behind $uri does not answer; the other pages are not affected. "
    "If it is newer than this server, deploy api-docs again: a running task never learns a new name."
)
_TEMPLATE: Final = """\
daemon off;
worker_processes 1;
pid nginx.pid;
error_log stderr warn;
events {{ worker_connections 1024; }}
http {{
  access_log {log} combined;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  server_tokens off;
  charset utf-8;
  default_type text/plain;
  # The load balancer closes idle connections first.
  keepalive_timeout {keepalive}s;
  keepalive_requests 100000;
  client_header_timeout 15s;
  client_body_timeout 15s;
  send_timeout {read}s;
  client_max_body_size 1m;
  client_body_buffer_size 1m;
  large_client_header_buffers 4 16k;
  map $http_x_forwarded_proto $visitor_scheme {{ default $scheme; ~^https?$ $http_x_forwarded_proto; }}
  server {{
    listen {listen} default_server;
    server_name _;
    root .;
    absolute_redirect off;
    add_header X-Content-Type-Options nosniff always;
    add_header X-Frame-Options SAMEORIGIN always;
    add_header Referrer-Policy strict-origin-when-cross-origin always;
    add_header X-Robots-Tag "noindex, nofollow" always;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Host $http_host;
    proxy_set_header X-Forwarded-Proto $visitor_scheme;
    proxy_hide_header X-Powered-By;
    proxy_connect_timeout 3s;
    proxy_send_timeout {read}s;
    proxy_read_timeout {read}s;
    proxy_buffer_size 16k;
    proxy_buffers 16 16k;
    proxy_max_temp_file_size 0;
    error_page 404 /{list};
    error_page 502 @down;
    error_page 504 @slow;
    location = {health} {{ access_log off; return 200 "ok\\n"; }}
    location = {root} {{ rewrite ^ /{list} last; }}
    location = {root}/ {{ rewrite ^ /{list} last; }}
    location = /{list} {{ internal; default_type text/html; }}
    location / {{ return 404; }}
    location @down {{ return 502 "{down}\\n"; }}
    location @slow {{ return 504 "The project behind $uri took longer than {read} seconds to answer.\\n"; }}
{locations}
  }}
}}
"""
