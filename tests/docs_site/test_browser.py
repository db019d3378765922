"""What a person sees: the list, a Swagger page behind it and a login, in a headless Chromium."""

import html
import json
import re
from pathlib import Path

import pytest

from tests.lacking import chromium, lacking

SWAGGER_UI = Path(__file__).parent / "node" / "node_modules" / "swagger-ui-dist"
HOST = "docs.dev.example.com"
SPECIFICATION = {
    "openapi": "3.0.0",
    "info": {"title": "Category analyzer", "version": "7.3.1"},
    "paths": {"/datalab/categories/{id}": {"get": {"summary": "One category", "responses": {"200": {}}}}},
}
# As NestJS lays it out: files under the page's path, named relative to the page.
SWAGGER_PAGE = """<!doctype html><html><head><title>Swagger UI</title>
<link rel="stylesheet" href="./datalab/swagger-ui.css"></head>
<body><div id="swagger-ui">not loaded</div>
<script src="./datalab/swagger-ui-bundle.js"></script>
<script src="./datalab/swagger-ui-init.js"></script></body></html>"""
SWAGGER_INIT = "SwaggerUIBundle({ url: '/api-docs/datalab-json', dom_id: '#swagger-ui' });"
WHO = """<!doctype html><html><body><p id="who">nobody</p><script>
fetch('/api-docs/tracking/whoami').then(a => a.json()).then(a => {
  document.getElementById('who').textContent = 'cookie seen by the project: ' + a.cookie; });
</script></body></html>"""


@pytest.fixture
def look(loopback, serve, tmp_path):
    """Open a path of the running site in Chromium and give back the page's markup once its scripts are through."""
    rules = f"--host-resolver-rules=MAP {HOST} {loopback.site}"
    return lambda path: chromium(f"http://{HOST}:8080{path}", tmp_path, "--no-proxy-server", rules)[0]


def test_the_list_opens(projects, serve, look) -> None:
    serve()
    page = look("/api-docs/")
    assert re.findall(r'<a href="([^"]+)">([^<]+)</a>', page) == [
        ("/api-docs/datalab", "datalab-api"),
        ("/api-docs/legacy", "legacy-api"),
        ("/api-docs/tracking", "tracking-api"),
        ("/api-docs/tracking/login", "log in"),
    ]


def test_a_swagger_page_loads_with_its_files_and_its_document(projects, serve, look) -> None:
    if not SWAGGER_UI.is_dir():
        lacking("Swagger UI is not installed (npm ci --ignore-scripts --prefix tests/docs_site/node)")
    datalab = projects.upstreams["datalab-api"]
    datalab.answers = {
        "/api-docs/datalab": (200, {"content-type": "text/html"}, SWAGGER_PAGE.encode()),
        "/api-docs/datalab/swagger-ui-init.js": (200, {"content-type": "text/javascript"}, SWAGGER_INIT.encode()),
        "/api-docs/datalab-json": (200, {"content-type": "application/json"}, json.dumps(SPECIFICATION).encode()),
        **{
            f"/api-docs/datalab/{name}": (200, {"content-type": kind}, (SWAGGER_UI / name).read_bytes())
            for name, kind in (("swagger-ui.css", "text/css"), ("swagger-ui-bundle.js", "text/javascript"))
        },
    }
    serve()
    text = re.sub(r"<[^>]+>", " ", html.unescape(look("/api-docs/datalab")))
    assert "not loaded" not in text
    assert re.search(r"Category analyzer\s+7\.3\.1", text)
    assert "One category" in text
    assert {asked.path for asked in datalab.asked} >= {"/api-docs/datalab", *datalab.answers}


def test_the_login_cookie_arrives(projects, serve, look) -> None:
    """One visit of the login path: the legacy server logs in and sends back to the page, which has the cookie."""
    projects.upstreams["legacy-api"].answers["/legacy/login"] = (
        302,
        {
            "location": "/api-docs/tracking",
            "set-cookie": "sid=s3ss10n; Domain=legacy.example.com; Path=/legacy; Secure; HttpOnly; SameSite=None",
        },
        b"",
    )
    tracking = projects.upstreams["tracking-api"]
    tracking.answers["/api-docs/tracking"] = (200, {"content-type": "text/html"}, WHO.encode())
    serve()
    assert "nobody" not in (page := look("/api-docs/tracking/login"))
    assert '<p id="who">cookie seen by the project: sid=s3ss10n</p>' in page
    by_path = {asked.path: asked.headers.get("cookie") for asked in tracking.asked}
    assert by_path["/api-docs/tracking/whoami"] == "sid=s3ss10n"
