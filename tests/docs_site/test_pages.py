"""Each documentation path reaches its project as it came, and everything else gets the list."""

import json
import subprocess

import pytest

LISTED = [
    '<li><a href="/api-docs/datalab">datalab-api</a></li>',
    '<li><a href="/api-docs/legacy">legacy-api</a></li>',
    '<li><a href="/api-docs/tracking">tracking-api</a> · <a href="/api-docs/tracking/login">log in</a></li>',
]


def test_nginx_accepts_the_configuration(projects, serve) -> None:
    site = serve()
    run = site.directory / "run"
    tested = subprocess.run(
        ["nginx", "-t", "-e", "stderr", "-p", f"{run}/", "-c", "nginx.conf"],
        env={"PATH": "/usr/sbin:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert tested.returncode == 0, tested.stderr
    assert "warn" not in site.log


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("/api-docs/datalab", "datalab-api"),
        ("/api-docs/datalab/", "datalab-api"),
        ("/api-docs/datalab?tag=a%20b&tag=%ED%95%9C", "datalab-api"),
        ("/api-docs/datalab-json", "datalab-api"),
        ("/api-docs/datalab/swagger-ui.css", "datalab-api"),
        ("/api-docs/datalab/a%2Fb//c?x=1?y=2", "datalab-api"),
        ("/api-docs/legacy/swagger-ui-init.js", "legacy-api"),
        ("/api-docs/tracking", "tracking-api"),
        ("/api-docs/tracking/login/more", "tracking-api"),
        ("/api-docs/tracking-yaml", "tracking-api"),
    ],
)
def test_paths_arrive_as_they_were_asked_for(projects, serve, path: str, service: str) -> None:
    answer = serve().get(path)
    assert (answer.status, json.loads(answer.body)) == (200, {"from": service, "path": path, "cookie": None})


def test_methods_and_bodies_arrive(projects, serve) -> None:
    assert serve().get("/api-docs/datalab/try", method="POST", body="한글").status == 200
    (asked,) = projects.upstreams["datalab-api"].asked
    assert (asked.method, asked.path, asked.body) == ("POST", "/api-docs/datalab/try", "한글")


def test_a_body_over_one_mebibyte_is_refused(projects, serve) -> None:
    site = serve()
    assert site.get("/api-docs/datalab", method="POST", body="x" * 2**20).status == 200
    assert site.get("/api-docs/datalab", method="POST", body="x" * (2**20 + 1)).status == 413
    assert len(projects.upstreams["datalab-api"].asked) == 1


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api-docs", 200),
        ("/api-docs/", 200),
        ("/api-docs/unknown", 404),
        ("/api-docs/unknown/page?x=1", 404),
        ("/api-docs/data", 404),
        ("/api-docs/datalab/../../elsewhere", 404),
        ("/list.html", 404),
        ("/nginx.conf", 404),
        ("/", 404),
    ],
)
def test_the_list(projects, serve, path: str, status: int) -> None:
    answer = serve().get(path)
    assert (answer.status, answer.header("content-type")) == (status, "text/html; charset=utf-8")
    assert [line for line in answer.body.splitlines() if line.startswith("<li>")] == LISTED
    assert "<h1>API documentation: dev</h1>" in answer.body


def test_an_unknown_path_gets_the_list_for_every_method(projects, serve) -> None:
    answer = serve().get("/api-docs/unknown", method="POST", body="x")
    assert (answer.status, LISTED[0] in answer.body) == (404, True)


def test_headers_of_the_visitor_reach_the_project(projects, serve) -> None:
    serve().get(
        "/api-docs/datalab",
        Host="docs.dev.example.com",
        X_Forwarded_For="203.0.113.7",
        X_Forwarded_Proto="https",
        Cookie="theme=dark",
    )
    (asked,) = projects.upstreams["datalab-api"].asked
    assert asked.headers["host"] == "docs.dev.example.com"
    assert asked.headers["x-forwarded-host"] == "docs.dev.example.com"
    assert asked.headers["x-forwarded-for"].startswith("203.0.113.7, 127.")
    assert asked.headers["x-forwarded-proto"] == "https"
    assert asked.headers["cookie"] == "theme=dark"


def test_the_scheme_is_nginx_own_where_nothing_sensible_was_forwarded(projects, serve) -> None:
    site = serve()
    site.get("/api-docs/datalab")
    site.get("/api-docs/datalab", X_Forwarded_Proto="javascript")
    assert [asked.headers["x-forwarded-proto"] for asked in projects.upstreams["datalab-api"].asked] == ["http"] * 2


@pytest.mark.parametrize("path", ["/api-docs/datalab", "/api-docs", "/api-docs/unknown"])
def test_no_version_is_shown_and_the_headers_are_set(projects, serve, path: str) -> None:
    answer = serve().get(path)
    assert answer.all("server") == ["nginx"]
    assert answer.header("x-powered-by") is None
    assert answer.all("x-content-type-options") == ["nosniff"]
    assert answer.all("x-frame-options") == ["SAMEORIGIN"]
    assert answer.all("referrer-policy") == ["strict-origin-when-cross-origin"]
    assert answer.all("x-robots-tag") == ["noindex, nofollow"]


def test_a_project_answers_for_itself(projects, serve) -> None:
    """What a project says stays: its own 404 and 502 are not replaced by the list or a notice."""
    upstream = projects.upstreams["datalab-api"]
    upstream.answers["/api-docs/datalab/no"] = (404, {"content-type": "text/plain"}, b"no such operation")
    upstream.answers["/api-docs/datalab/bad"] = (502, {"content-type": "text/plain"}, b"its own trouble")
    site = serve()
    assert [(a.status, a.body) for a in (site.get("/api-docs/datalab/no"), site.get("/api-docs/datalab/bad"))] == [
        (404, "no such operation"),
        (502, "its own trouble"),
    ]


def test_requests_are_logged_and_health_checks_are_not(projects, serve) -> None:
    site = serve()
    site.get("/api-docs/datalab?x=1")
    site.get("/api-docs")  # one worker: by this answer the line of the request before is written
    assert '"GET /api-docs/datalab?x=1 HTTP/1.1" 200 ' in site.log
    assert "/healthz" not in site.log
