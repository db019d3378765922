"""Names that AWS would take one by one and that still cannot be: taken by the platform, by a service of AWS or by MySQL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .names import resource_name

MAX_DATABASE_USER: Final = 32
"""Characters of a user name (MySQL 8.4 Reference Manual, "Account User Names and Passwords")."""
DATABASE_USERS: Final[Mapping[str, str]] = {
    "admin": "the master user's, whose password RDS keeps and rotates",
    "rdsadmin": "RDS's own account on the server",
    "rdsproxyadmin": "RDS Proxy's own account on the server",
}

_STAGE_PREFIXES: Final[Mapping[str, str]] = {
    "aws": "Systems Manager and Resource Groups refuse names that begin with 'aws'",
    "ssm": "Systems Manager refuses parameters that begin with 'ssm'",
}
# SSM API Reference, PutParameter; Resource Groups API Reference, CreateGroup.
_STAGES: Final[Mapping[str, str]] = {
    "internal": "Elastic Load Balancing refuses names that begin with 'internal-'",
    "sg": "EC2 refuses security groups that begin with 'sg-'",
    "sthree": "S3 refuses buckets that begin with 'sthree-'",
}
# ELB API Reference, CreateLoadBalancer; EC2 API Reference, CreateSecurityGroup; S3 User Guide, bucket naming rules.
_WORKLOADS: Final[Mapping[str, str]] = {
    "alb": "the load balancer's alarm has that name",
    "builds": "the log group of the stage's builds has that name",
    "db": "the database has that name",
    "images": "/<stage>/images/ holds the verified images, so its secrets would be taken for images",
    "vpc-flow-logs": "the flow logs' log group has that name",
}


def check_stage(stage: str) -> str:
    """Return `stage` when every name that begins with it can exist; raise ValueError otherwise."""
    resource_name(stage, "alb")
    why = _STAGES.get(stage) or next((why for prefix, why in _STAGE_PREFIXES.items() if stage.startswith(prefix)), None)
    if why is not None:
        raise ValueError(
            f"A stage cannot be named '{stage}': {why}, and all names of a stage begin with it; rename it."
        )
    return stage


def check_workload_name(name: str) -> str:
    """Return the name of a service or job when nothing of the platform has it; raise ValueError otherwise."""
    if (why := _WORKLOADS.get(name)) is not None:
        raise ValueError(f"A service or job cannot be named '{name}': {why}; rename it, for example to '{name}-api'.")
    return name


def database_user(workload: str) -> str:
    """The account of a workload on the database server, with '_' for '-'; raises ValueError for one that cannot be."""
    user = workload.replace("-", "_")
    if len(user) > MAX_DATABASE_USER:
        raise ValueError(
            f"The database account '{user}' has {len(user)} characters, and MySQL takes at most {MAX_DATABASE_USER}: "
            f"shorten the name '{workload}' by {len(user) - MAX_DATABASE_USER}."
        )
    if user in DATABASE_USERS:
        raise ValueError(
            f"The database account '{user}' cannot be the workload's own, because it is {DATABASE_USERS[user]}: rename "
            f"'{workload}'."
        )
    return user
