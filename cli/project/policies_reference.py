"""docs/policies.md from the catalogue: every policy by concern, its settings, and how it maps to other rule sets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from policies.budget.declarations import DECLARATIONS
from policies.resources.documents import read_yaml
from policies.rules.discovery import concerns
from policies.rules.policy import Level, PolicySpec
from policies.serving.catalog import CATALOG

_LEFT_OUT = Path(__file__).resolve().parents[2] / "docs/policies-left-out.yaml"
_HEAD = """\
# Policies

Made from the catalogue by `./run policies --write`; a test holds it current. `./run policies -s prd` lists the levels of a stage,
`./run policies --coverage -s prd` the resource types that no policy looks at.

The pack judges whole stacks at preview. What is unknown then, and matters, is a violation of the policy that needed it
("undecided at preview: …"), and so is a policy that fails. A stack that is named neither dev nor prd is
judged as prd, unless `stage-names` says otherwise.

### What to do about "undecided at preview"

An output that AWS gives only at creation, put into a JSON document, makes the whole document unknown. The message names the property and
what it was made from; pass on instead what is known before:

| instead of | pass on |
| --- | --- |
| `repository.repository_url` | `f"{account}.dkr.ecr.{region}.amazonaws.com/{name}"`, account by `aws.get_caller_identity()` |
| `database.address` | the name of a DNS record that the program chooses, in a private zone, which points to it |
| `log_group.name`, `role.arn`, `parameter.arn` | the chosen name, or the ARN of account, region and that name; `depends_on` for the order |
| a secret's ARN with its random end | an SSM SecureString, whose ARN ends in its name |

## Using it on another program

    (cd path/to/policies && pulumi install)          # once: makes the virtual environment ../.venv from the pack's requirements.txt
    pulumi preview --policy-pack path/to/policies

[guides/pack-alone.md](guides/pack-alone.md) goes through it, with `policies/profiles/adoption.json`, levels to begin with. The pack needs
nothing of this project. Without its virtual environment the CLI waits for the pack without a word (seen with Pulumi 3.260). Where
PULUMI_OPTION_POLICY_PACK is set, too, `--policy-pack-config` has to be given for both packs.

Levels and numbers are set by policy:

    pulumi preview --policy-pack path/to/policies --policy-pack-config config.json

    {"all": "mandatory", "required-tags": {"enforcementLevel": "advisory", "tags": ["Team"]}, "wait-timeout": {"maximumSeconds": 600}}

A level alone may be written `"https-only": "advisory"`; `"all"` is the level of every policy without one of its own. Pulumi refuses a
setting of a wrong type or out of bounds; one that a policy does not have is a violation of that policy, so that a misspelt name never
passes for a changed one (the name of a policy that does not exist, Pulumi passes over: `./run preview --policy-pack-config` refuses it).
The connection budget has no settings: its numbers are read from the resources, and what a program knows better it declares in tags.

Stages of other names than dev and prd are settings of `stage-names`: `lenient` ones are judged as dev is, and a policy is never stricter
there than it is in dev, whatever level is configured; all others are judged as prd. Subnets of another stack are a setting of
`private-subnets`, prefix lists outside the stack one of `world-ingress`, `no-world-administration` and `database-closed-to-internet`.

## Write your own policy

One function in one file and a table of cases: [writing-policies.md](writing-policies.md). A team's own file in `policies/rules/own/` is
found like the others, and no upgrade of the pack touches it.

## What a program declares

What no resource of AWS says, and the connection budget needs, is declared by tags:

@DECLARATIONS@

Of a pooler its own `DB_CONN_LIMIT` counts, PgBouncer's `max_db_connections` say; what goes through it counts nothing where the
database's security group does not let it in.

An RDS Proxy counts with its share of max_connections, `maxConnectionsPercent` of its target group (100 where none is written), at the
database that its `aws.rds.ProxyTarget` names. Who is let in by its security group and not by the database's opens none there itself.

Other clients are all resources of AWS that stand in a security group which a database lets in and are no ECS task: Lambda functions, EC2
machines and their templates, Batch, Glue, and whatever AWS brings next. Only types that are known to open no connection (application
load balancers, caches, file systems, VPC endpoints, databases themselves) declare nothing. They count where their groups are
let into a database's. Tasks without a network configuration of their own have the groups of the ECS machines in the stack.

A container is a client by its variables, too: `DB_*`, `DATABASE_URL`, and the names and URLs that drivers and frameworks take
(`MYSQL_HOST`, `PGHOST`, `TYPEORM_URL`, `SPRING_DATASOURCE_URL`, `mysql://...`). Its pool is `DB_CONN_LIMIT`, which the
application has to give it, or else what its framework reads: a variable such as `DB_POOL_SIZE` or
`SPRING_DATASOURCE_HIKARI_MAXIMUM_POOL_SIZE`, a parameter of a URL such as `connection_limit`, an option of its command (all names and their
sources: `policies/facts/ecs/stated/pool_names.py`). SQLAlchemy's pools count with an overflow of 10 where none is stated. Where both are
stated, the larger counts.

Ways out of a broken budget name the file and the key to change where a component tells them: one with the output `name` of a
service or schedule, or `identifier` of a database, and the output `budgetPlaces`. That has for a variable's name, `tasks`, `processes`,
`max_connections` or `instance class` a list such as `[{"least": 1, "change": "Pulumi.dev.yaml:35 tracking.limit: {value}"}]`; the first
entry holds whose `least` is not above the new value. Under `shared NAME` stands the place from which several take it. Without them
the variable and its container are named.

A database that another stack manages is declared by a component resource of the type `category-analyzer:platform:Database` with the
outputs `existing` (true), `host`, `port`, `maxConnections`, `reserve` and `securityGroupId`.

## Exceptions

`policies/exceptions.yaml` names one policy, a pattern of URNs with a resource type and a name, a reason, an owner and the last day, at most
a year ahead (`exceptions-valid`, `maximumDays`). One that is used is shown with every run (`exceptions-shown`), one that excuses a critical
policy by a warning of its own; one that has expired is a violation and excuses nothing; one that its project does not need is reported. The
connection budget has exceptions in dev only.
"""
_SERVED = "Registration and exceptions"


def markdown() -> str:
    """The whole document."""
    rows = (f"| `{row.tag}` | {row.on} | {row.meaning} |" for row in DECLARATIONS)
    head = _HEAD.replace("@DECLARATIONS@", "\n".join(("| tag | on | meaning |", "| --- | --- | --- |", *rows)))
    return "\n".join([head, *_policies(), *_mapping(), *_left_out()])


def _policies() -> Iterator[str]:
    by_concern = {heading: [rule.spec for rule in rules] for heading, rules in concerns().items()}
    listed = {spec.name for specs in by_concern.values() for spec in specs}
    yield f"## The {len(CATALOG)} policies\n"
    for heading, specs in {**by_concern, _SERVED: [spec for spec in CATALOG if spec.name not in listed]}.items():
        yield f"### {heading}\n"
        for spec in specs:
            yield from _policy(spec)


def _policy(spec: PolicySpec) -> Iterator[str]:
    yield f"#### {spec.name}\n"
    yield f"{spec.what} {spec.why}\n"
    levels = ", ".join(f"{stage} {_shown(spec.level(stage))}" for stage in ("dev", "prd"))
    yield f"- Level: {levels}. Severity: {spec.severity}."
    yield f"- Fix: {spec.how_to_fix} [More]({spec.url})"
    if spec.references:
        yield f"- Also asked by: {', '.join(sorted(spec.references.split(), key=_order))}."
    for item in spec.settings:
        values = {stage: _value(item.default(stage)) for stage in ("dev", "prd")}
        defaults = values["prd"] if values["dev"] == values["prd"] else f"dev {values['dev']}, prd {values['prd']}"
        bounds = "" if item.maximum is None else f" At most {item.maximum}."
        yield f"- Setting `{item.name}` ({defaults}): {item.what}{bounds}"
    yield ""


def _mapping() -> Iterator[str]:
    yield "## By rule of Checkov, cdk-nag and AWS Security Hub (Foundational Security Best Practices)\n"
    yield "| rule | policy |\n| --- | --- |"
    found = [(reference, spec.name) for spec in CATALOG for reference in spec.references.split()]
    for reference in sorted({reference for reference, _ in found}, key=_order):
        yield f"| {reference} | {', '.join(name for other, name in found if other == reference)} |"
    yield ""


def _left_out() -> Iterator[str]:
    yield "## Left out, and why\n"
    yield "Rules about services that are no part of such a platform, such as Lambda, DynamoDB, EKS or CloudFront, are not listed.\n"
    yield "| rules | reason |\n| --- | --- |"
    left_out: Any = read_yaml(_LEFT_OUT.read_text(encoding="utf-8"))
    for entry in left_out:
        yield f"| {', '.join(sorted(entry['rules'].split(), key=_order))} | {entry['reason']} |"
    yield ""


def _order(reference: str) -> tuple[str, int]:
    match = re.fullmatch(r"(.*?)(\d+)", reference)
    return (match[1], int(match[2])) if match else (reference, 0)


def _shown(level: Level) -> str:
    return "off" if level is Level.DISABLED else level.value


def _value(value: int | str | tuple[str, ...]) -> str:
    if isinstance(value, tuple):
        return ", ".join(value) or "none"
    return str(value) or "none"
