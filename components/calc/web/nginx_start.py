"""How Nginx starts in a public image: files from variables, and addresses in the place of Service Connect's names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

from ..canonical import canonical_json
from .nginx import LIST_FILE, LOG_FILE, Page

CONFIGURATION_VARIABLE: Final = "NGINX_CONF"
LIST_VARIABLE: Final = "LIST_PAGE"
MAX_VARIABLE_BYTES: Final = 56 * 1024
"""What the two variables may take of a task definition's 64 KiB (Amazon ECS Developer Guide, "Amazon ECS service
quotas"); the rest is for the start script, the other variables and the task definition itself."""

_NOWHERE: Final = "127.0.0.1:9"
"""Stands for a name nobody serves yet: a connection there is refused at once, which is a 502 for that path alone."""


def start_script(*, directory: str = "/dev/shm/api-docs", hosts: str = "/etc/hosts") -> str:
    """The shell script that writes `directory` from the variables and becomes Nginx.

    /dev/shm is memory that every container may write to, also where its root file system is read-only.

    Service Connect announces its names in /etc/hosts only, an IPv4 and an IPv6 line each, before the container starts;
    a task that runs never learns of a new one. Three things of Nginx do not fit that, hence the addresses:
    a literal `proxy_pass` of a name that is missing stops Nginx altogether; a `resolver` asks DNS and never reads
    /etc/hosts; a name with both addresses is tried on IPv6 too, where a VPC without IPv6 has no route.
    Source: containers-roadmap issues 736, 2692 and 2742; nginx documentation, ngx_http_proxy_module, `proxy_pass`.
    """
    return _SCRIPT.format(
        directory=directory,
        hosts=hosts,
        nowhere=_NOWHERE,
        configuration=CONFIGURATION_VARIABLE,
        page=LIST_VARIABLE,
        file=LIST_FILE,
        log=LOG_FILE,
    )


def start_variables(configuration: str, list_page: str) -> Mapping[str, str]:
    """The variables `start_script` reads. Plain text, so that a preview shows a change and a policy can read it.

    Raises ValueError where they would not fit into a task definition.
    """
    variables = {CONFIGURATION_VARIABLE: configuration, LIST_VARIABLE: list_page}
    size = len(canonical_json(variables).encode())
    if size > MAX_VARIABLE_BYTES:
        raise ValueError(
            f"The configuration of api-docs has {size} bytes, and {MAX_VARIABLE_BYTES} of a task definition's 65,536 are "
            "left for it: declare docs for fewer services."
        )
    return variables


def list_page(stage: str, pages: Sequence[Page]) -> str:
    """The HTML page that lists the documentation of a stage."""
    entries = [
        f'<li><a href="{escape(page.path)}">{escape(page.service)}</a>'
        + (f' · <a href="{escape(page.login_path)}">log in</a>' if page.login is not None else "")
        + "</li>"
        for page in sorted(pages, key=lambda page: page.path)
    ]
    return _PAGE.format(stage=escape(stage), entries="\n".join(entries))


_SCRIPT: Final = """\
set -eu
mkdir -p {directory}
cd {directory}
ln -sf /dev/stdout {log}
printf '%s' "${page}" > {file}
printf '%s' "${configuration}" | awk -v hosts={hosts} '
BEGIN {{
  while ((getline line < hosts) > 0) {{
    count = split(line, field)
    if (field[1] !~ /^[0-9]+[.][0-9]+[.][0-9]+[.][0-9]+$/) continue
    for (i = 2; i <= count && field[i] !~ /^#/; i++) if (!(field[i] in address)) address[field[i]] = field[1]
  }}
}}
match($0, /proxy_pass http:[^:;]+:[0-9]+/) {{
  split(substr($0, RSTART + 18, RLENGTH - 18), target, ":")
  if (target[1] in address) to = address[target[1]] ":" target[2]
  else {{
    to = "{nowhere}"
    print "api-docs: " target[1] " is not in " hosts ": its pages answer 502 until api-docs is deployed again" | "cat 1>&2"
  }}
  $0 = substr($0, 1, RSTART + 17) to substr($0, RSTART + RLENGTH)
}}
{{ print }}' > nginx.conf
exec nginx -e stderr -p {directory}/ -c nginx.conf
"""

_PAGE: Final = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>API documentation: {stage}</title>
<style>body {{ font: 1.1rem/1.6 system-ui, sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem; }}</style>
</head>
<body>
<h1>API documentation: {stage}</h1>
<ul>
{entries}
</ul>
</body>
</html>
"""
