"""What offline/aws/moto needs of moto's own classes: after an upgrade the name of the failing test says what broke."""

import ast
import functools
import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest

# By our module: members of moto that it calls, wraps or reads; of functions the parameters it counts on.
NEEDED: dict[str, tuple[str, ...]] = {
    "runtime": (
        "moto.settings.ACM_VALIDATION_WAIT",
        "moto.backends.get_service_from_url(url)",
        "moto.core.base_backend.AccountSpecificBackend.get_session(cls)",
        "moto.core.base_backend.AccountSpecificBackend.__getitem__(self, region_name)",
        "moto.core.base_backend.AccountSpecificBackend.service_name",
        "moto.core.base_backend.AccountSpecificBackend.account_id",
        "moto.core.base_backend.BackendDict._instances",
        "moto.core.botocore_stubber.MockRawResponse(self, response_input)",
        "moto.core.loaders.create_loader()",
        "moto.core.request.normalize_request(request)",
        "moto.core.responses.BaseResponse.get_current_account(self)",
        "moto.core.responses.method_names_from_class",
        "moto.core.utils.create_loader",
        "moto.core.utils.method_names_from_class(clazz)",
        "moto.moto_api._internal.mock_random",
        "moto.ecs.urls.url_bases",
        "moto.ecs.urls.url_paths",
        "moto.s3.models.S3BackendDict.bucket_accounts",
    ),
    "patching": ("moto.core.responses.BaseResponse._get_param(self, param_name, if_none)",),
    "assumed": (
        "moto.ec2.models.ec2_backends",
        "moto.ec2.models.vpcs.random_vpc_id",
        "moto.ec2.models.vpcs.VPCBackend.vpcs",
        "moto.ec2.models.vpcs.VPCBackend.create_vpc(self, cidr_block)",
        "moto.ec2.models.vpcs.VPC.cidr_block",
        "moto.ec2.models.subnets.random_subnet_id",
        "moto.ec2.models.subnets.SubnetBackend.subnets",
        "moto.ec2.models.subnets.SubnetBackend.create_subnet(self, vpc_id, cidr_block)",
        "moto.ec2.models.subnets.Subnet.vpc_id",
        "moto.ec2.models.security_groups.random_security_group_id",
        "moto.ec2.models.security_groups.SecurityGroupBackend.create_security_group(self, name, description, vpc_id)",
        "moto.ec2.models.security_groups.SecurityGroupBackend.get_security_group_from_id(self, group_id)",
        "moto.ecs.models.ecs_backends",
        "moto.ecs.models.EC2ContainerServiceBackend.clusters",
        "moto.ecs.models.EC2ContainerServiceBackend.create_cluster(self, cluster_name)",
        "moto.moto_api._internal.mock_random",
        "moto.route53.models.route53_backends",
        "moto.route53.models.HostedZoneIdentifier.generate(self)",
        "moto.route53.models.Route53Backend.zones",
        "moto.route53.models.Route53Backend.create_hosted_zone(self, name, private_zone, caller_reference)",
    ),
    "applicationautoscaling": (
        "moto.applicationautoscaling.models.ApplicationAutoscalingBackend.put_scaling_policy(self)",
        "moto.applicationautoscaling.models.ApplicationAutoscalingBackend.policies",
        "moto.applicationautoscaling.models.ApplicationAutoscalingBackend.targets",
        "moto.applicationautoscaling.models.FakeApplicationAutoscalingPolicy.delete_alarms(self, account_id, region_name)",
        "moto.applicationautoscaling.models.FakeApplicationAutoscalingPolicy.policy_arn",
        "moto.applicationautoscaling.responses.ApplicationAutoScalingResponse.applicationautoscaling_backend",
        "moto.applicationautoscaling.responses.ApplicationAutoScalingResponse.register_scalable_target(self)",
    ),
    "codebuild": (
        "moto.codebuild.exceptions.ResourceNotFoundException",
        "moto.codebuild.models.CodeBuild.project_metadata",
        "moto.codebuild.models.CodeBuildBackend.codebuild_projects",
        "moto.codebuild.responses._validate_required_params_artifacts(artifacts)",
        "moto.codebuild.responses._validate_required_params_environment(environment)",
        "moto.codebuild.responses._validate_required_params_source(source)",
        "moto.codebuild.responses.CodeBuildResponse.codebuild_backend",
        "moto.codebuild.responses.CodeBuildResponse.create_project(self)",
        "moto.core.responses.ActionResult(self, result)",
    ),
    "codecommit": (
        "moto.codecommit.exceptions.RepositoryDoesNotExistException",
        "moto.codecommit.exceptions.RepositoryNameExistsException",
        "moto.codecommit.models.CodeCommitBackend.get_repository(self, repository_name)",
        "moto.codecommit.models.CodeCommitBackend.repositories",
        "moto.codecommit.responses.CodeCommitResponse.codecommit_backend",
        "moto.codecommit.responses.CodeCommitResponse.create_repository(self)",
    ),
    "ecs": (
        "moto.core.utils.utcnow",
        "moto.ecs.exceptions.ECSException",
        "moto.ecs.exceptions.InvalidParameterException",
        "moto.ecs.exceptions.TaskDefinitionNotFoundException",
        "moto.ecs.models.ecs_backends",
        "moto.ecs.models.Cluster.active_services_count",
        "moto.ecs.models.Cluster.default_capacity_provider_strategy",
        "moto.ecs.models.Cluster.pending_tasks_count",
        "moto.ecs.models.Cluster.running_tasks_count",
        "moto.ecs.models.EC2ContainerServiceBackend._get_cluster(self, name)",
        "moto.ecs.models.EC2ContainerServiceBackend._get_last_task_definition_revision_id(self, family)",
        "moto.ecs.models.EC2ContainerServiceBackend._get_service(self, cluster_str, service_str)",
        "moto.ecs.models.EC2ContainerServiceBackend.create_cluster(self, cluster_name)",
        "moto.ecs.models.EC2ContainerServiceBackend.delete_cluster(self, cluster_str)",
        "moto.ecs.models.EC2ContainerServiceBackend.describe_task_definition(self, task_definition_str)",
        "moto.ecs.models.EC2ContainerServiceBackend.services",
        "moto.ecs.models.EC2ContainerServiceBackend.task_definitions",
        "moto.ecs.models.Service.deployments",
        "moto.ecs.models.Service.launch_type",
        "moto.ecs.models.Service.task_definition",
        "moto.ecs.models.TaskDefinition.container_definitions",
        "moto.ecs.models.TaskDefinition.status",
        "moto.ecs.responses.EC2ContainerServiceResponse.create_service(self)",
        "moto.ecs.responses.EC2ContainerServiceResponse.delete_service(self)",
        "moto.ecs.responses.EC2ContainerServiceResponse.ecs_backend",
        "moto.ecs.responses.EC2ContainerServiceResponse.register_task_definition(self)",
        "moto.ecs.responses.EC2ContainerServiceResponse.run_task(self)",
        "moto.ecs.responses.EC2ContainerServiceResponse.update_service(self)",
        "moto.moto_api._internal.mock_random",
    ),
    "elb": (
        "moto.elbv2.exceptions.DuplicateListenerError",
        "moto.elbv2.exceptions.DuplicateLoadBalancerName",
        "moto.elbv2.exceptions.ELBClientError",
        "moto.elbv2.models.ELBv2Backend.create_listener(self, load_balancer_arn, protocol, port)",
        "moto.elbv2.models.ELBv2Backend.create_load_balancer(self, name)",
        "moto.elbv2.models.ELBv2Backend.delete_load_balancer(self, arn)",
        "moto.elbv2.models.ELBv2Backend.load_balancers",
        "moto.elbv2.models.FakeListener.port",
        "moto.elbv2.models.FakeLoadBalancer.attrs",
        "moto.elbv2.models.FakeLoadBalancer.listeners",
        "moto.elbv2.models.FakeLoadBalancer.name",
    ),
    "iam": (
        "moto.core.responses.ActionResult(self, result)",
        "moto.core.responses.EmptyResult",
        "moto.core.utils.utcnow",
        "moto.iam.aws_managed_policies.aws_managed_policies_data",
        "moto.iam.exceptions.NotFoundException",
        "moto.iam.models.AWSManagedPolicy.from_data(cls, name, account_id, region_name, data)",
        "moto.iam.models.IAMBackend.attach_role_policy(self, policy_arn, role_name)",
        "moto.iam.models.IAMBackend.get_user(self, name)",
        "moto.iam.models.IAMBackend.managed_policies",
        "moto.iam.responses.IamResponse.backend",
        "moto.moto_api._internal.mock_random",
        "moto.moto_api._internal.moto_random.MotoRandom.get_random_string(self, length)",
    ),
    "kms": ("moto.kms.models.generate_private_key", "moto.kms.utils.generate_private_key(key_spec)"),
    "logs": (
        "moto.logs.exceptions.ResourceNotFoundException",
        "moto.logs.models.LogGroup.kms_key_id",
        "moto.logs.models.LogsBackend.groups",
        "moto.logs.responses.LogsResponse.logs_backend",
    ),
    "rds": (
        "moto.core.responses.ActionResult(self, result)",
        "moto.moto_api._internal.mock_random",
        "moto.rds.exceptions.DBParameterGroupNotFoundError",
        "moto.rds.exceptions.RDSClientError",
        "moto.rds.models.RDSBackend.create_subnet_group(self, subnet_name)",
        "moto.rds.models.RDSBackend.databases",
        "moto.rds.models.RDSBackend.db_parameter_groups",
        "moto.rds.models.RDSBackend.modify_db_subnet_group(self, subnet_name, description, subnets)",
        "moto.rds.models.RDSBackend.subnet_groups",
        "moto.rds.models.uuid",
        "moto.rds.responses.RDSResponse.backend",
        "moto.rds.responses.RDSResponse.create_db_instance(self)",
        "moto.rds.responses.RDSResponse.modify_db_instance(self)",
        "moto.rds.responses.RDSResponse.params",
    ),
    "s3": (
        "moto.iam.access_control.IAMPolicy.is_action_permitted(self, action, resource)",
        "moto.iam.access_control.PermissionResult.NEUTRAL",
        "moto.s3.models.FakeBucket.get_permission(self, action, resource)",
        "moto.s3.models.FakeBucket.policy",
    ),
    "scheduler": (
        "moto.core.exceptions.JsonRESTError(self, error_type, message)",
        "moto.scheduler.models.EventBridgeSchedulerBackend.create_schedule(self)",
        "moto.scheduler.models.EventBridgeSchedulerBackend.create_schedule_group(self, name, tags)",
        "moto.scheduler.models.EventBridgeSchedulerBackend.get_schedule(self, group_name, name)",
        "moto.scheduler.models.EventBridgeSchedulerBackend.get_schedule_group(self, group_name)",
        "moto.scheduler.models.EventBridgeSchedulerBackend.schedule_groups",
        "moto.scheduler.models.Schedule.action_after_completion",
        "moto.scheduler.responses.EventBridgeSchedulerResponse.scheduler_backend",
        "moto.scheduler.responses.EventBridgeSchedulerResponse.update_schedule(self)",
    ),
    "servicediscovery": (
        "moto.core.exceptions.JsonRESTError(self, error_type, message)",
        "moto.servicediscovery.models.ServiceDiscoveryBackend.create_http_namespace(self, name)",
        "moto.servicediscovery.models.ServiceDiscoveryBackend.namespaces",
    ),
    "sns": (
        "moto.core.responses.ActionResult(self, result)",
        "moto.sns.models.SNSBackend._find_subscription(self, topic_arn, endpoint, protocol)",
        "moto.sns.models.SNSBackend.get_topic(self, arn)",
        "moto.sns.models.Subscription.attributes",
        "moto.sns.responses.SNSResponse._get_attributes(self)",
        "moto.sns.responses.SNSResponse.backend",
        "moto.sns.responses.SNSResponse.create_topic(self)",
        "moto.sns.responses.SNSResponse.get_topic_attributes(self)",
        "moto.sns.responses.SNSResponse.set_topic_attributes(self)",
        "moto.sns.responses.SNSResponse.subscribe(self)",
    ),
    "sqs": ("moto.sqs.models.Queue.BASE_ATTRIBUTES",),
}


@functools.cache
def _tree(module: str) -> ast.Module | None:
    """moto's own source: its classes in this process may be completed already."""
    try:
        found = importlib.util.find_spec(module)
    except ModuleNotFoundError:
        return None
    return ast.parse(Path(found.origin).read_text("utf-8")) if found and found.origin else None


def _members(owner: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """What a module or class defines, imports or sets, in its methods, too."""
    for node in ast.walk(owner):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node is not owner:
            yield node.name, node
        elif isinstance(node, ast.alias):
            yield node.asname or node.name, node
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr, node


@pytest.mark.parametrize(
    ("ours", "needed"),
    [pytest.param(ours, needed, id=f"{ours}: {needed}") for ours, members in NEEDED.items() for needed in members],
)
def test_moto_has(ours: str, needed: str) -> None:
    path, _, parameters = needed.rstrip(")").partition("(")
    names = path.split(".")
    length = next(length for length in range(len(names) - 1, 0, -1) if _tree(".".join(names[:length])))
    node: ast.AST | None = _tree(".".join(names[:length]))
    for name in names[length:]:
        assert node is not None
        node = next((found for own, found in _members(node) if own == name), None)
        assert node is not None, f"offline/aws/moto/{ours}.py needs {needed}; moto has no {name}"
    if parameters:
        if isinstance(node, ast.ClassDef):
            node = next(found for own, found in _members(node) if own == "__init__")
        assert isinstance(node, ast.FunctionDef)
        taken = [argument.arg for argument in (*node.args.args, *node.args.kwonlyargs)]
        assert taken[: len(parameters.split(", "))] == parameters.split(", ")


@pytest.mark.parametrize("ours", sorted(NEEDED))
def test_every_use_of_moto_is_listed(ours: str, project_root: Path) -> None:
    """What a module imports of moto, and every private name that it reads on an object of moto's."""
    tree = ast.parse((project_root / f"offline/aws/moto/{ours}.py").read_text("utf-8"))
    imported = {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and str(node.module).split(".")[0] == "moto"
        for alias in node.names
    }
    used = set(imported.values())
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load) and isinstance(node.value, ast.Name):
            used |= {f"{imported[node.value.id]}.{node.attr}"} if node.value.id in imported else set()
    listed = {needed.partition("(")[0] for needed in NEEDED[ours]}
    drawn = {use for use in used if use.startswith("moto.moto_api._internal.mock_random")}
    assert {use for use in used - drawn if not any(f"{needed}.".startswith(f"{use}.") for needed in listed)} == set()
    own = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    own |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and _on_self_of_ours(node, ours)}
    private = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr.startswith("_") and not node.attr.startswith("__")
    } - own
    everywhere = {needed.partition("(")[0].rsplit(".", 1)[-1] for needed in (*NEEDED[ours], *NEEDED["patching"])}
    assert private <= everywhere


def _on_self_of_ours(node: ast.Attribute, ours: str) -> bool:
    return ours == "runtime" and isinstance(node.value, ast.Name) and node.value.id == "self"


def test_every_module_that_uses_moto_is_listed(project_root: Path) -> None:
    users = {
        path.relative_to(project_root / "offline").as_posix()
        for path in (project_root / "offline").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if (isinstance(node, ast.ImportFrom) and not node.level and str(node.module).split(".")[0] == "moto")
        or (isinstance(node, ast.Import) and any(alias.name.split(".")[0] == "moto" for alias in node.names))
    }
    assert users == {f"aws/moto/{ours}.py" for ours in NEEDED.keys() - {"patching"}}
