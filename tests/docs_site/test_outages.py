"""A project that is down, slow or unknown takes only its own pages with it, and they come back with it."""

import socket
import threading

DOWN = (
    "The project behind {} does not answer; the other pages are not affected. "
    "If it is newer than this server, deploy api-docs again: a running task never learns a new name.\n"
)


def _statuses(site) -> dict[str, int]:
    return {
        path: site.get(f"/api-docs/{path}").status
        for path in ("", "datalab", "legacy", "tracking", "tracking/login", "unknown")
    }


ALL_WELL = {"": 200, "datalab": 200, "legacy": 200, "tracking": 200, "tracking/login": 200, "unknown": 404}


def test_down_at_the_start(projects, serve) -> None:
    projects.upstreams["datalab-api"].stop()
    site = serve()
    assert _statuses(site) == ALL_WELL | {"datalab": 502}
    answer = site.get("/api-docs/datalab/page?x=1")
    assert (answer.status, answer.body) == (502, DOWN.format("/api-docs/datalab/page"))
    assert answer.header("content-type") == "text/plain; charset=utf-8"
    projects.upstreams["datalab-api"].start()
    assert _statuses(site) == ALL_WELL


def test_down_later_and_back_again(projects, serve) -> None:
    site = serve()
    assert _statuses(site) == ALL_WELL
    projects.upstreams["legacy-api"].stop()
    assert _statuses(site) == ALL_WELL | {"legacy": 502, "tracking/login": 502}
    projects.upstreams["legacy-api"].start()
    assert _statuses(site) == ALL_WELL


def test_a_name_missing_at_the_start(projects, serve) -> None:
    """Nginx itself would not start: `host not found in upstream`."""
    site = serve(without=("tracking-api",))
    assert _statuses(site) == ALL_WELL | {"tracking": 502}
    assert (
        f"api-docs: tracking-api.dev-itemscout-ns is not in {site.directory}/hosts: "
        "its pages answer 502 until api-docs is deployed again\n"
    ) in site.log


def test_no_name_at_all(projects, serve) -> None:
    site = serve(without=tuple(projects.upstreams))
    assert _statuses(site) == {
        "": 200,
        "datalab": 502,
        "legacy": 502,
        "tracking": 502,
        "tracking/login": 502,
        "unknown": 404,
    }


def test_only_the_ipv4_address_is_used(projects, serve) -> None:
    """The IPv6 line comes first in the hosts file and leads nowhere; every one of many requests succeeds."""
    site = serve()
    assert {site.get("/api-docs/datalab").status for _ in range(20)} == {200}
    assert "2600:f0f0" not in (site.directory / "run" / "nginx.conf").read_text()
    assert "2600:f0f0" not in site.log


def test_a_project_that_never_answers_gives_504_for_its_path_alone(loopback, serve) -> None:
    for name in ("legacy-api", "tracking-api"):
        loopback.upstream(name)
    silent = loopback.upstream("datalab-api", start=False)
    with socket.create_server((silent.address, 3000)):
        site = serve(read_timeout_s=1)
        answers = []
        waiting = threading.Thread(target=lambda: answers.append(site.get("/api-docs/datalab")))
        waiting.start()
        assert _others(site) == {"tracking": 200, "legacy": 200}
        waiting.join()
    (answer,) = answers
    assert (answer.status, answer.body) == (
        504,
        "The project behind /api-docs/datalab took longer than 1 seconds to answer.\n",
    )


def _others(site) -> dict[str, int]:
    return {path: site.get(f"/api-docs/{path}").status for path in ("tracking", "legacy")}
