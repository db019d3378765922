"""The policy `service-connect-contract`: names, ports, namespaces; what is reported and what is not."""

from collections.abc import Callable
from typing import Any

import pytest

from policies.resources import tokens
from policies.rules.service_connect.contract import service_connect_contract
from tests.policies.judging import judged

MEMBER = "Required: a name that a service of dev-shop-ns serves; Service Connect gives a task no other."


def findings(stack: Any, stage: str = "dev") -> list[str]:
    return [finding.message for finding in judged(service_connect_contract, stack.graph(), stage)]


def gateway(stack: Any, address: str) -> list[str]:
    """What is said about a gateway that is given an address, beside an api and a search."""
    stack.joins("api")
    stack.joins("search", port=3100)
    stack.joins("gateway", environment={"API_URL": address})
    return findings(stack)


@pytest.mark.parametrize(
    "address",
    [
        "http://api.dev-shop-ns:3000",
        "http://API.dev-shop-ns:3000/v1?x=1",
        "http://user:pass@search.dev-shop-ns:3100/",
        "ws://search.dev-shop-ns:3100",
        "api.dev-shop-ns",
        "search.dev-shop-ns:3100",
        "http://127.0.0.1:4318",
        "http://localhost:3000",
        "https://msi-api.dev.example.com",
        "https://sqs.ap-northeast-2.amazonaws.com/1/q",
        "https://xn--bcher-kva.xn--p1ai",
        "mysql://db.dev.shop.internal:3306/app",
        "info",
        "1.2.3",
        "v1.2-rc:3",
    ],
)
def test_what_is_served_public_or_of_the_task_itself_passes(stack: Any, address: str) -> None:
    assert gateway(stack, address) == []


@pytest.mark.parametrize(
    ("address", "found"),
    [
        (
            "http://api.dev-shop-ns:3001/x",
            "http://api.dev-shop-ns:3001, and api serves port 3000 there, not 3001. Required: a port that is served. "
            "Use http://api.dev-shop-ns:3000, served by api.",
        ),
        (
            "http://api.dev-shop-ns",
            "http://api.dev-shop-ns, and api serves port 3000 there, not 80. Required: a port that is served. "
            "Use http://api.dev-shop-ns:3000, served by api.",
        ),
        (
            "http://api.prd-shop-ns:3000",
            "http://api.prd-shop-ns:3000, and prd-shop-ns is not dev-shop-ns, the namespace in which gateway takes part. "
            f"{MEMBER} Use http://api.dev-shop-ns:3000, served by api.",
        ),
        (
            "http://serch.dev-shop-ns:3100",
            f"http://serch.dev-shop-ns:3100, and nobody serves that name. {MEMBER} "
            "Use http://search.dev-shop-ns:3100, served by search.",
        ),
        (
            "http://api:3000",
            f"http://api:3000, and nobody serves that name. {MEMBER} Use http://api.dev-shop-ns:3000, served by api.",
        ),
        (
            "http://billing.other-team-ns2:8080",
            "http://billing.other-team-ns2:8080, and other-team-ns2 is not dev-shop-ns, the namespace in which gateway takes "
            f"part. {MEMBER} Use http://api.dev-shop-ns:3000, served by api.",
        ),
        (
            "https://api.dev-shop-ns:3000",
            "https://api.dev-shop-ns:3000, and api serves it without TLS. Required: the scheme that is served. "
            "Use http://api.dev-shop-ns:3000.",
        ),
        (
            "api.prd-shop-ns",
            "api.prd-shop-ns, and prd-shop-ns is not dev-shop-ns, the namespace in which gateway takes part. "
            f"{MEMBER} Use api.dev-shop-ns:3000, served by api.",
        ),
    ],
)
def test_what_nobody_serves_is_a_violation_that_names_the_nearest(stack: Any, address: str, found: str) -> None:
    assert gateway(stack, address) == [f'gateway: API_URL of container "app" is {found}']


def test_a_message_holds_no_password(stack: Any) -> None:
    (message,) = gateway(stack, "http://admin:hunter2@apj.dev-shop-ns:3000/token/hunter2")
    assert "hunter2" not in message
    assert "http://apj.dev-shop-ns:3000, and nobody serves that name" in message


API = "http://api.dev-shop-ns:3000"
NGINX = (
    "upstream pool { server api.dev-shop-ns:3000; server apy.dev-shop-ns:3000 backup; }\n"
    "location ^~ /api-docs/api { proxy_pass http://api.dev-shop-ns:3000; }\n"
    "location ^~ /api-docs/x { proxy_pass http://api.dev-shop-ns:4000; }\n"
)
CALLERS: dict[str, tuple[Callable[[Any], object], tuple[str, ...]]] = {
    "addresses in an Nginx configuration count": (
        lambda stack: stack.joins("docs", port=None, environment={"NGINX_CONF": NGINX}),
        (
            'docs: NGINX_CONF of container "app" is http://api.dev-shop-ns:4000, and api serves port 3000 there, not 4000. '
            f"Required: a port that is served. Use {API}, served by api.",
            'docs: NGINX_CONF of container "app" is http://apy.dev-shop-ns:3000, and nobody serves that name. '
            f"{MEMBER} Use {API}, served by api.",
        ),
    ),
    "an address that only Nginx will know": (
        lambda stack: stack.joins("docs", port=None, command=("sh", "-c", "proxy_pass http://$upstream;")),
        (
            'docs: the command of container "app" passes requests to an address that only a variable of Nginx holds, so nothing '
            "can be said about it before it runs. Required: addresses in full. Write the name and the port after proxy_pass.",
        ),
    ),
    "a job is told no names": (
        lambda stack: stack.job("night", limit=None, environment={"API_URL": API}),
        (
            f'night: API_URL of container "app" is {API}, and night runs without a service: Service Connect gives its names to '
            f"tasks of services only. Required: an address that every task can reach (the nearest is {API}). Call it through the "
            "load balancer's public name, or make the caller a service.",
        ),
    ),
    "a service outside of Service Connect is told no names": (
        lambda stack: stack.service("plain", limit=None, environment={"API_URL": API}),
        (
            f'plain: API_URL of container "app" is {API}, and plain takes no part in Service Connect, so the name means nothing to '
            f"its tasks. Required: a service that takes part, as a client at least (the nearest is {API}). Set "
            "serviceConnectConfiguration.enabled and its namespace.",
        ),
    ),
}


@pytest.mark.parametrize(("call", "expected"), CALLERS.values(), ids=CALLERS)
def test_who_calls_an_api_by_an_address_that_it_cannot_use(
    stack: Any, call: Callable[[Any], object], expected: tuple[str, ...]
) -> None:
    stack.joins("api")
    call(stack)
    assert findings(stack) == list(expected)


def test_where_nothing_is_served_the_message_says_so(stack: Any) -> None:
    stack.joins("client", port=None, environment={"API_URL": API})
    assert findings(stack) == [
        f'client: API_URL of container "app" is {API}, and nobody serves that name. '
        f"{MEMBER} No service of dev-shop-ns serves anything: give the one meant a port in Service Connect."
    ]


@pytest.mark.parametrize(("stage", "other"), [("dev", "prd"), ("prd", "dev")])
def test_a_namespace_of_another_stage_is_a_violation(stack: Any, stage: str, other: str) -> None:
    stack.joins("api", namespace=f"{other}-shop-ns")
    stack.add(tokens.HTTP_NAMESPACE, "ns", {"name": f"{stage}-shop-ns"})
    assert findings(stack, stage) == [
        f"api: its Service Connect namespace is {other}-shop-ns, which is {other}'s, and the stack is {stage}. Required: a "
        "namespace of the same stage, else its tasks call the other stage's services. Set "
        f"serviceConnectConfiguration.namespace to {stage}-shop-ns."
    ]


def test_a_namespace_that_the_stack_does_not_have_is_a_violation(stack: Any) -> None:
    stack.joins("api", namespace="dev-shop-nss")
    stack.add(tokens.HTTP_NAMESPACE, "ns", {"name": "dev-shop-ns"})
    assert findings(stack) == [
        "api: its Service Connect namespace is dev-shop-nss, and the stack's own is dev-shop-ns. Required: one of the stack's "
        "namespaces, where the services it calls are. Set serviceConnectConfiguration.namespace to dev-shop-ns."
    ]


@pytest.mark.parametrize("kind", tokens.NAMESPACES)
@pytest.mark.parametrize("named", ["by its resource", "by name", "by the cluster's default"])
def test_a_namespace_of_any_kind_is_the_stacks_own(stack: Any, unknown: str, kind: str, named: str) -> None:
    """Amazon ECS Developer Guide, Service Connect: a namespace of Cloud Map of any kind, or the cluster's default."""
    caller, called = stack.joins("gateway", environment={"API_URL": "http://api.dev-shop-ns:3001"}), stack.joins("api")
    namespace = stack.add(kind, "ns", {"name": "dev-shop-ns", "arn": unknown})
    stack.add(tokens.HTTP_NAMESPACE, "other", {"name": "dev-other", "arn": unknown})
    default = {"serviceConnectDefaults": {"namespace": unknown}}
    cluster = stack.add(tokens.CLUSTER, "shop", {"name": "shop", **default}, serviceConnectDefaults=(namespace,))
    for urn in (caller, called):
        service = stack.resources[urn]
        connect = dict(service.props["serviceConnectConfiguration"])
        connect |= {"namespace": "dev-shop-ns" if named == "by name" else unknown}
        if named == "by the cluster's default":
            del connect["namespace"]
        depends = {"cluster": (cluster,)} | (
            {"serviceConnectConfiguration": (namespace,)} if "own" not in named else {}
        )
        changed = dict(service.props) | {"serviceConnectConfiguration": connect, "cluster": unknown}
        stack.add(service.type, service.name, changed, **service.property_dependencies, **depends)
    [message] = findings(stack)
    assert "api.dev-shop-ns:3001, and api serves port 3000 there, not 3001." in message


def test_a_namespace_that_neither_the_service_nor_its_cluster_has_is_undecided(stack: Any) -> None:
    urn = stack.joins("api", port=None)
    stack.change(urn, serviceConnectConfiguration={"enabled": True})
    stack.add(tokens.CLUSTER, "shop", {"name": "shop"})
    assert findings(stack) == [
        f"api: undecided: serviceConnectConfiguration.namespace of {urn} is absent: name the namespace."
    ]


def test_the_unknown_default_of_a_cluster_is_undecided_of_the_cluster(stack: Any, unknown: str) -> None:
    stack.change(stack.joins("api", port=None), serviceConnectConfiguration={"enabled": True})
    cluster = stack.add(tokens.CLUSTER, "shop", {"name": "shop", "serviceConnectDefaults": {"namespace": unknown}})
    assert findings(stack) == [f"api: undecided at preview: serviceConnectDefaults.namespace of {cluster}."]


def test_a_host_of_cloud_map_is_none_of_service_connect(stack: Any, unknown: str) -> None:
    stack.joins("api", namespace="dev-ns.internal", environment={"URL": "http://search.dev-ns.internal:9200"})
    assert len(findings(stack)) == 1
    namespace = stack.add(tokens.DNS_NAMESPACES[0], "ns", {"name": "dev-ns.internal", "id": unknown})
    dns = {"name": "search", "dnsConfig": {"namespaceId": unknown}}
    stack.add(tokens.CLOUD_MAP_SERVICE, "search", dns, dnsConfig=(namespace,))
    assert findings(stack) == []


def test_a_namespace_that_is_unknown_at_preview_is_read_from_its_resource(stack: Any, unknown: str) -> None:
    urn = stack.joins("api", environment={"SELF": "http://api.dev-shop-ns:3000"})
    namespace = stack.add(tokens.HTTP_NAMESPACE, "ns", {"name": "dev-shop-ns", "arn": unknown})
    service = stack.resources[urn]
    connect = dict(service.props["serviceConnectConfiguration"]) | {"namespace": unknown}
    changed = {**service.props, "serviceConnectConfiguration": connect}
    stack.add(
        service.type, service.name, changed, **service.property_dependencies, serviceConnectConfiguration=(namespace,)
    )
    assert findings(stack) == []
    stack.add(service.type, service.name, changed, **service.property_dependencies)
    assert findings(stack) == [f"api: undecided at preview: serviceConnectConfiguration.namespace of {urn}."]


def test_the_databases_private_name_is_no_name_of_service_connect(stack: Any) -> None:
    stack.joins("api", namespace="shop", environment={"METRICS_URL": "http://db.shops:9104", "DB": "db.shops"})
    assert len(findings(stack)) == 2
    stack.add(tokens.DNS_RECORD, "db", {"name": "db.shops"})
    assert findings(stack) == []


def test_a_port_name_that_no_container_has_is_a_violation(stack: Any) -> None:
    urn = stack.joins("api", portName="wep")
    assert findings(stack) == [
        f'api: undecided: serviceConnectConfiguration.services[0].portName of {urn} is "wep", and the task definition names '
        "no such port; its named ports are: web."
    ]


def test_what_is_unknown_or_unreadable_is_a_violation(stack: Any, unknown: str) -> None:
    stack.joins("api")
    client = stack.joins("client", port=None)
    definition = stack.urn(tokens.TASK_DEFINITION, "client")
    stack.change(definition, containerDefinitions=unknown)
    assert findings(stack) == [f"client: undecided at preview: containerDefinitions of {definition}."]
    stack.change(definition, containerDefinitions='{"name": "app"}')
    assert findings(stack) == [
        f"client: undecided: containerDefinitions of {definition} is not a JSON list of containers."
    ]
    stack.change(definition, containerDefinitions="[]")
    stack.change(client, serviceConnectConfiguration={"enabled": "yes", "namespace": "dev-shop-ns"})
    assert findings(stack) == [
        f"client: undecided: serviceConnectConfiguration.enabled of {client} is a string, a boolean is required."
    ]


def test_a_service_whose_configuration_aws_computes_takes_no_part(stack: Any, unknown: str) -> None:
    stack.service("plain", limit=None)
    stack.change(stack.urn(tokens.SERVICE, "plain"), serviceConnectConfiguration=unknown)
    assert findings(stack) == []
