"""Documents of IAM, and a role that has one."""

import json
from typing import Any

ROLE = "aws:iam/role:Role"


def trust(service: str) -> str:
    """A service may take the role."""
    return _document({"Principal": {"Service": service}, "Action": "sts:AssumeRole"})


def policy(action: str) -> str:
    """One action on everything."""
    return _document({"Action": action, "Resource": "*"})


def _document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})
