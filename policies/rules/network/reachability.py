"""Policies about ways through the network: to the image, to the database, and from the internet to the load balancer."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.facts.database.replicas import is_replica
from policies.facts.ecs.containers import image_of
from policies.facts.network.subnets import ROUTING, subnets_of
from policies.facts.network.ways_out import endpoints_of, vpcs_of, ways_out
from policies.resources import tokens
from policies.resources.graph import Resource
from policies.resources.outcomes import Absent, Present, Undecided, decided
from policies.resources.reading import holds_none, optional, read, read_flag, read_list
from policies.resources.references import belonging, depended_on, named, references
from policies.resources.requested import asked_flag, asked_list, asked_text
from policies.rules.rule import Problem, Stack, about, policy

_PRIVATE_IMAGE = re.compile(r"[0-9]{12}\.dkr\.ecr\.")
_NETWORKS = {
    tokens.SERVICE: ("networkConfiguration",),
    tokens.TASK_SET: ("networkConfiguration",),
    tokens.SCHEDULE: ("target", "ecsParameters", "networkConfiguration"),
    tokens.EVENT_TARGET: ("ecsTarget", "networkConfiguration"),
}


def _subnets(stack: Stack, resource: Resource) -> tuple[Resource, ...]:
    """The subnets of the stack that something's tasks stand in; none where they use their machine's network."""
    network = _NETWORKS[resource.type]
    if isinstance(read(resource, *network[:-1]), Absent) if len(network) > 1 else False:
        return ()
    if isinstance(read(resource, *network), Absent):
        return ()
    return stack.graph.held(subnets_of(stack.graph, resource, *network, "subnets"))


@policy(
    what="A task's subnet has a way out by which its image, secrets and logs are reached.",
    why="Without one a Fargate task never starts: CannotPullContainerError, after minutes, again and again.",
    severity="high",
    how_to_fix="Route 0.0.0.0/0 of its table to a NAT gateway in a public subnet, or add endpoints for ecr.api, ecr.dkr, s3 and logs.",
    url="https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html",
    types=(tokens.SERVICE, tokens.TASK_SET, tokens.SCHEDULE, tokens.EVENT_TARGET),
    also=(*ROUTING, tokens.NAT_GATEWAY, tokens.VPC_ENDPOINT),
)
def tasks_reach_images(stack: Stack, resource: Resource) -> Iterator[Problem]:
    cut: list[str] = []
    public = (
        optional(read_flag(resource, *_NETWORKS[resource.type], "assignPublicIp"), False)
        if (subnets := _subnets(stack, resource))
        else False
    )
    for subnet in subnets:
        with about(subnet):
            ways = ways_out(stack.graph, subnet)
        if ways is None or ways.behind or (ways.internet and public):
            continue
        if not _by_endpoints(stack, resource, subnet):
            cut.append(subnet.name)
    if cut:
        yield Problem(
            f"its subnets {', '.join(cut)} have no way out for the image",
            "a NAT gateway, or endpoints of AWS's services",
        )


def _by_endpoints(stack: Stack, resource: Resource, subnet: Resource) -> bool:
    """Whether all images of a run come from ECR, and the subnet's network has endpoints for that."""
    vpcs = references(stack.graph, subnet, tokens.VPC, "vpcId").keys
    served = [endpoints_of(stack.graph, vpc) for vpc in vpcs]
    if not all({"ecr.api", "ecr.dkr", "s3"} <= names or "" in names for names in served) or not served:
        return False
    return all(
        _PRIVATE_IMAGE.match(image)
        for definition in stack.facts.definitions_of(resource)
        for image in stack.facts.by_container(definition, image_of).values()
    )


@policy(
    what="A database stands in the network of its clients.",
    why="Between two VPCs that nothing joins no packet passes: a security group of one cannot even be named in the other.",
    severity="high",
    how_to_fix="Give the database a dbSubnetGroupName with subnets of the clients' VPC.",
    url="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.Scenarios.html",
    types=(tokens.DB_INSTANCE, tokens.DB_CLUSTER),
    also=(tokens.DB_SUBNET_GROUP, tokens.SUBNET, tokens.SERVICE, tokens.VPC_PEERING, tokens.TRANSIT_ATTACHMENT),
)
def database_same_network(stack: Stack, database: Resource) -> Iterator[Problem]:
    graph = stack.graph
    if graph.of_type(tokens.VPC_PEERING, tokens.TRANSIT_ATTACHMENT):
        return
    own = _network(stack, database)
    if own is None:
        return
    others = [
        _network(stack, other)
        for other in graph.of_type(tokens.DB_INSTANCE, tokens.DB_CLUSTER)
        if other is not database
    ]
    strangers: list[str] = []
    for run in stack.facts.runs:
        uses = decided(
            lambda run=run: any(
                container.uses_database
                for definition in run.definitions
                for container in stack.facts.containers(definition)
            )
        )
        # What is unknown of a run or of its subnets, other policies say.
        where = decided(lambda run=run: _run_network(stack, run.resource))
        if uses is not True or isinstance(where, Undecided) or not where or where & own:
            continue
        if not any(other is None or where & other for other in others):
            strangers.append(run.name)
    if strangers:
        place = "the default VPC (dbSubnetGroupName is not set)" if own == _DEFAULT else "another VPC"
        yield Problem(
            f"it stands in {place}, and {', '.join(sorted(set(strangers)))} in a VPC of the stack", "one VPC for both"
        )


_DEFAULT = frozenset({"default"})


def _network(stack: Stack, database: Resource) -> frozenset[str] | None:
    """The network of a database; None where it is not known."""
    if isinstance(asked_text(database, "dbSubnetGroupName"), Absent):
        return None if is_replica(database) else _DEFAULT
    groups = [stack.graph.get(key) for key in named(stack.graph, database, tokens.DB_SUBNET_GROUP, "dbSubnetGroupName")]
    found: set[str] = set()
    for group in groups:
        if group is None:
            return None
        with about(group):
            vpcs = vpcs_of(stack.graph, subnets_of(stack.graph, group, "subnetIds"))
        if vpcs is None:
            return None
        found |= vpcs
    return frozenset(found) or None


def _run_network(stack: Stack, resource: Resource) -> frozenset[str]:
    subnets = _subnets(stack, resource) if resource.type in _NETWORKS else ()
    return (
        (vpcs_of(stack.graph, frozenset(subnet.urn for subnet in subnets)) or frozenset()) if subnets else frozenset()
    )


@policy(
    what="A load balancer for the internet stands in subnets that an internet gateway serves, and an internal one does not.",
    why="In a private subnet its public name answers nobody; an internal one has private addresses, wherever it stands.",
    severity="high",
    how_to_fix="Give it public subnets, or set internal to true.",
    url="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html",
    types=(tokens.LOAD_BALANCER,),
    also=ROUTING,
)
def load_balancer_reached(stack: Stack, balancer: Resource) -> Iterator[Problem]:
    if holds_none(read_list(balancer, "subnets")):
        return
    internal = optional(asked_flag(balancer, "internal"), False)
    cut: list[str] = []
    for subnet in stack.graph.held(named(stack.graph, balancer, tokens.SUBNET, "subnets")):
        with about(subnet):
            ways = ways_out(stack.graph, subnet)
        if ways is not None and ways.internet is internal:
            cut.append(subnet.name)
    if cut and internal:
        yield Problem(
            f"internal is true, and its subnets {', '.join(cut)} have a route to an internet gateway",
            "one or the other",
        )
    elif cut:
        yield Problem(f"its subnets {', '.join(cut)} have no route to an internet gateway", "public subnets")


_TABLES = (tokens.ROUTE_TABLE, tokens.DEFAULT_ROUTE_TABLE)


def _default_gateways(stack: Stack, table: Resource) -> tuple[Resource, ...]:
    """The NAT gateways to which a table's own routes lead for the internet."""
    routes = range(len(optional(asked_list(table, "routes"), [])))
    leads = any(
        read(table, "routes", at, "cidrBlock") == Present("0.0.0.0/0")
        and not isinstance(read(table, "routes", at, "natGatewayId"), Absent)
        for at in routes
    )
    return depended_on(stack.graph, table, "routes", tokens.NAT_GATEWAY) if leads else ()


@policy(
    what="A NAT gateway stands in a subnet that an internet gateway serves.",
    why="In a private subnet it leads nowhere: what stands behind it starts no task any more.",
    severity="high",
    how_to_fix="Set its subnetId to a public subnet.",
    url="https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html",
    types=(tokens.NAT_GATEWAY,),
    also=ROUTING,
)
def nat_gateway_public(stack: Stack, gateway: Resource) -> Iterator[Problem]:
    if optional(asked_text(gateway, "connectivityType"), "public") != "public":
        routes = belonging(stack.graph, gateway, tokens.ROUTE, "natGatewayId")
        served = [route for route in routes if read(route, "destinationCidrBlock") == Present("0.0.0.0/0")]
        served += [table for table in stack.graph.of_type(*_TABLES) if gateway in _default_gateways(stack, table)]
        if served:
            yield Problem(f"it is private, and {served[0].name} leads to the internet by it", "connectivityType public")
        return
    for subnet in stack.graph.held(named(stack.graph, gateway, tokens.SUBNET, "subnetId")):
        with about(subnet):
            ways = ways_out(stack.graph, subnet)
        if ways is not None and not ways.internet:
            yield Problem(f"its subnet {subnet.name} has no route to an internet gateway", "a public subnet")
