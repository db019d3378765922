"""What the container gets: a script, two variables that fit into a task definition, and the list page."""

import subprocess
from pathlib import Path

import pytest

from components.calc.web.nginx import Login, Page, nginx_configuration
from components.calc.web.nginx_start import list_page, start_script, start_variables

HOSTS = """127.0.0.1\tlocalhost
# 127.255.0.9 legacy-api.ns
2600:f0f0:0:0:0:0:0:1 datalab-api.ns
127.255.0.1 datalab-api.ns
127.255.0.2 datalab-api.ns.other   tracking-api.ns # legacy-api.ns
127.255.0.3 tracking-api.ns
"""


def _pages(count: int) -> list[Page]:
    return [
        Page(
            service=f"service-{number}-api",
            path=f"/api-docs/service-{number}",
            upstream=f"http://service-{number}-api.dev-itemscout-ns:3000",
        )
        for number in range(count)
    ]


def _variables(pages: list[Page]) -> dict[str, str]:
    configuration = nginx_configuration(pages, read_timeout_s=60, idle_timeout_s=60, secure_cookies=True)
    return dict(start_variables(configuration, list_page("dev", pages)))


@pytest.fixture
def started(tmp_path: Path):
    """Run the script with `cat` in Nginx's place: what it would have read, and what was said."""

    def run(configuration: str, hosts: str | None = HOSTS) -> tuple[str, str]:
        nginx = tmp_path / "bin" / "nginx"
        nginx.parent.mkdir()
        nginx.write_text('#!/bin/sh\necho "$@"\ncat nginx.conf list.html\n')
        nginx.chmod(0o755)
        if hosts is not None:
            (tmp_path / "hosts").write_text(hosts)
        done = subprocess.run(
            ["/bin/sh", "-c", start_script(directory=f"{tmp_path}/run", hosts=f"{tmp_path}/hosts")],
            env={
                "PATH": f"{nginx.parent}:/usr/bin:/bin",
                "NGINX_CONF": configuration,
                "LIST_PAGE": "a list with 'quotes', \"both\", \\n and 한글\n",
            },
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout, done.stderr.replace(str(tmp_path), "TMP")

    return run


def test_names_become_addresses_and_everything_else_stays(started, tmp_path: Path) -> None:
    read, said = started(
        "a 'quoted' \\n $uri 50% %s\n"
        "location ^~ /a { proxy_pass http://datalab-api.ns:3000; }\n"
        "location = /b { proxy_pass http://tracking-api.ns:8080/log/in; x; }\n"
        "location /c { proxy_pass http://legacy-api.ns:3000; }\n"
        "location /d { proxy_pass http://datalab-api:3000; }\n"
    )
    assert read == (
        f"-e stderr -p {tmp_path}/run/ -c nginx.conf\n"
        "a 'quoted' \\n $uri 50% %s\n"
        "location ^~ /a { proxy_pass http://127.255.0.1:3000; }\n"
        "location = /b { proxy_pass http://127.255.0.2:8080/log/in; x; }\n"
        "location /c { proxy_pass http://127.0.0.1:9; }\n"
        "location /d { proxy_pass http://127.0.0.1:9; }\n"
        "a list with 'quotes', \"both\", \\n and 한글\n"
    )
    assert said == "".join(
        f"api-docs: {name} is not in TMP/hosts: its pages answer 502 until api-docs is deployed again\n"
        for name in ("legacy-api.ns", "datalab-api")
    )


@pytest.mark.parametrize("hosts", [None, "", "127.0.0.1 localhost\n"])
def test_hosts_without_any_name(started, hosts: str | None) -> None:
    read, said = started("location /a { proxy_pass http://datalab-api.ns:3000; }\n", hosts)
    assert "location /a { proxy_pass http://127.0.0.1:9; }\n" in read
    assert (
        said == "api-docs: datalab-api.ns is not in TMP/hosts: its pages answer 502 until api-docs is deployed again\n"
    )


def test_the_container_writes_to_memory_only_and_reads_the_hosts_file() -> None:
    script = start_script()
    assert "cd /dev/shm/api-docs\n" in script
    assert "awk -v hosts=/etc/hosts '" in script
    assert script.endswith("exec nginx -e stderr -p /dev/shm/api-docs/ -c nginx.conf\n")


def test_the_list_page_escapes_what_it_shows() -> None:
    page = Page(
        service="<b>&co",
        path="/api-docs/co",
        upstream="http://co.ns:3000",
        login=Login(upstream="http://legacy-api.ns:3000", path="/login"),
    )
    shown = list_page("dev", [page, *_pages(1)])
    assert (
        "<ul>\n"
        '<li><a href="/api-docs/co">&lt;b&gt;&amp;co</a> · <a href="/api-docs/co/login">log in</a></li>\n'
        '<li><a href="/api-docs/service-0">service-0-api</a></li>\n'
        "</ul>\n"
    ) in shown
    assert "<title>API documentation: dev</title>" in shown


def test_variables_are_plain_text() -> None:
    variables = _variables(_pages(1))
    assert sorted(variables) == ["LIST_PAGE", "NGINX_CONF"]
    assert "proxy_pass http://service-0-api.dev-itemscout-ns:3000;" in variables["NGINX_CONF"]


def test_what_a_task_definition_cannot_hold_is_refused() -> None:
    assert len(_variables(_pages(250))["NGINX_CONF"]) < 56 * 1024
    with pytest.raises(ValueError) as caught:
        _variables(_pages(400))
    text = str(caught.value)
    assert text.startswith("The configuration of api-docs has ")
    assert text.endswith(
        " bytes, and 57344 of a task definition's 65,536 are left for it: declare docs for fewer services."
    )
