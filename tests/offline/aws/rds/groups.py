"""A parameter group in the offline AWS."""

from typing import Any

SUBNETS = "aws:rds/subnetGroup:SubnetGroup"
PARAMETERS = "aws:rds/parameterGroup:ParameterGroup"


def make_group(cloud: Any, **inputs: Any) -> Any:
    """The parameter group dev-db-mysql8-4."""
    given: dict[str, Any] = {
        "name": "dev-db-mysql8-4",
        "family": "mysql8.4",
        "parameters": [
            {"name": "max_connections", "value": "60", "applyMethod": "immediate"},
            {"name": "wait_timeout", "value": "60"},
        ],
    }
    return cloud.make(PARAMETERS, "db", **{**given, **inputs})
