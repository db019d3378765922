"""api-docs as the engine is asked for it: a client of Service Connect behind the load balancer, known at preview."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from components.calc.web.nginx_start import start_script
from offline.engine.outcome import Outcome
from offline.engine.state import ResourceRecord
from offline.engine.urn import name_of

Preview = Callable[..., Outcome]


def of_docs(outcome: Outcome, kind: str) -> ResourceRecord:
    [found] = [r for r in outcome.resources if r.type.endswith(f":{kind}") and r.name == "api-docs" and r.custom]
    return found


@pytest.fixture
def container(preview: Preview) -> dict[str, Any]:
    [only] = json.loads(of_docs(preview("dev"), "TaskDefinition").inputs["containerDefinitions"])
    return only


def test_production_has_none(preview: Preview) -> None:
    assert not [resource.urn for resource in preview("prd").resources if "api-docs" in resource.urn]
    assert not [resource.urn for resource in preview("prd").resources if ":ApiDocs" in resource.urn]


def test_the_configuration_is_known_and_readable_at_preview(container: dict[str, Any]) -> None:
    environment = {entry["name"]: entry["value"] for entry in container["environment"]}
    assert [line.strip() for line in environment["NGINX_CONF"].splitlines() if "location ^~" in line] == [
        f"location ^~ /api-docs/{name} {{ proxy_pass http://{name}-api.dev-itemscout-ns:3000; }}"
        for name in ("datalab", "legacy", "tracking")
    ]
    assert 'href="/api-docs/tracking/login"' in environment["LIST_PAGE"]


def test_a_public_image_by_digest_runs_without_root_on_port_3000(container: dict[str, Any]) -> None:
    assert container["image"].startswith("public.ecr.aws/docker/library/nginx@sha256:")
    assert (container["entryPoint"], container["command"]) == (["/bin/sh", "-c"], [start_script()])
    assert (container["user"], container["systemControls"]) == ("101:101", [])
    assert container["healthCheck"]["command"] == [
        "CMD-SHELL",
        "wget -q -T 4 -O /dev/null http://127.0.0.1:3000/healthz || exit 1",
    ]
    assert container["secrets"] == []


def test_it_is_a_client_only_and_starts_after_the_services_it_shows(preview: Preview) -> None:
    service = of_docs(preview("dev"), "Service")
    assert service.inputs["desiredCount"] == 1
    connect = service.inputs["serviceConnectConfiguration"]
    assert (connect["enabled"], connect["namespace"], "services" in connect) == (True, "dev-itemscout-ns", False)
    waits_for = {name_of(urn) for urn in service.dependencies if "aws:ecs/service:Service::" in urn}
    assert waits_for == {"datalab-api", "legacy-api", "tracking-api"}


def test_the_load_balancer_reaches_it_before_the_gateway(preview: Preview) -> None:
    dev = preview("dev")
    [rule] = (r.inputs for r in dev.resources if r.name == "rule-10" and r.type.endswith(":ListenerRule"))
    assert (rule["priority"], rule["conditions"]) == (10, [{"pathPattern": {"values": ["/api-docs*"]}}])
    group = of_docs(dev, "TargetGroup").inputs
    assert (group["port"], group["healthCheck"]["path"]) == (3000, "/healthz")
    egress = {
        (resource.inputs["fromPort"], resource.inputs["toPort"])
        for resource in dev.resources
        if resource.type.endswith(":SecurityGroupEgressRule") and "LoadBalancer" in resource.urn
    }
    assert egress == {(3000, 3000)}


def test_its_role_reads_no_repository_and_no_secret(preview: Preview) -> None:
    [policy] = [
        resource.inputs["policy"]
        for resource in preview("dev").resources
        if resource.type.endswith(":RolePolicy") and resource.name == "api-docs-execution"
    ]
    assert [statement["Sid"] for statement in json.loads(policy)["Statement"]] == ["WriteLogs"]


def test_its_containers_have_no_credentials_and_no_shell(preview: Preview) -> None:
    dev = preview("dev")
    assert "taskRoleArn" not in of_docs(dev, "TaskDefinition").inputs
    assert of_docs(dev, "Service").inputs["enableExecuteCommand"] is False
    [only] = json.loads(of_docs(dev, "TaskDefinition").inputs["containerDefinitions"])
    assert only["readonlyRootFilesystem"] is True
    assert [r.name for r in dev.resources if r.type.endswith(":Role") and r.name.startswith("api-docs")] == [
        "api-docs-execution"
    ]


def test_production_may_have_it_over_https(preview: Preview) -> None:
    prd = preview("prd", overrides={"apiDocs": {"enabled": True}})
    assert (prd.result, prd.errors) == ("succeeded", ())
    assert of_docs(prd, "Service").inputs["desiredCount"] == 2
    [only] = json.loads(of_docs(prd, "TaskDefinition").inputs["containerDefinitions"])
    configuration = next(entry["value"] for entry in only["environment"] if entry["name"] == "NGINX_CONF")
    assert "http://legacy-api.prd-itemscout-ns:3000/legacy/login" in configuration
    assert "proxy_cookie_flags" not in configuration
    assert only["readonlyRootFilesystem"] is True
