"""The policy `iam-no-destruction`: what runs or deploys an application cannot delete what holds its data."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from policies.facts.iam.given import GIVING, is_given_to_role
from policies.facts.iam.patterns import like
from policies.facts.iam.statements import inline_statements
from policies.resources.graph import Resource
from policies.resources.tokens import IAM_POLICY, ROLE, ROLE_POLICY
from policies.rules.policy import setting
from policies.rules.rule import Problem, Stack, policy

_DESTROYS = (
    "rds:deletedb", "rds:modifydb", "rds:restore", "rds:stopdb", "rds:rebootdb", "dynamodb:deletetable", "s3:deletebucket",
    "s3:putbucketpolicy", "s3:putlifecycleconfiguration", "ecr:deleterepository", "ecr:batchdeleteimage", "ecs:deletecluster",
    "ecs:deleteservice", "kms:schedulekeydeletion", "kms:disablekey", "secretsmanager:deletesecret", "ssm:deleteparameter",
    "logs:deleteloggroup", "logs:putretentionpolicy", "backup:deleterecoverypoint", "backup:deletebackupvault", "cloudtrail:stoplogging",
    "cloudtrail:deletetrail", "ec2:deletevpc", "ec2:terminateinstances", "ec2:authorizesecuritygroupingress", "efs:deletefilesystem",
    "elasticfilesystem:deletefilesystem", "sqs:deletequeue", "sqs:purgequeue", "sns:deletetopic", "route53:deletehostedzone",
)  # fmt: skip
"""Beginnings of actions, in lower case, that remove data, backups or records, or open the network (Service Authorization Reference)."""


@policy(
    what="What runs or deploys an application cannot delete its data, backups or logs, nor open its network.",
    why="Whoever breaks into a task or a build has its role: what it may delete is what they may delete.",
    severity="high",
    how_to_fix="Remove the action: people and the program of the infrastructure delete, with roles of their own.",
    url="https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
    settings=(setting("allowed", (), "Actions that a role needs all the same, as sqs:PurgeQueue."),),
    types=(ROLE_POLICY, ROLE, IAM_POLICY),
    also=tuple(GIVING),
)
def iam_no_destruction(stack: Stack, document: Resource) -> Iterator[Problem]:
    if document.type == IAM_POLICY and not is_given_to_role(stack.graph, document):
        return
    allowed = {action.lower() for action in stack.texts("allowed")}
    inline = document.type == ROLE
    for statement in inline_statements(document) if inline else stack.facts.statements(document, "policy"):
        wrong = [action for action in statement.actions if _destroys(action.lower()) and action.lower() not in allowed]
        if statement.allows and wrong:
            yield Problem(f"{statement.where} allows {', '.join(wrong)[:120]}", "none of it")


@functools.lru_cache(maxsize=4096)
def _destroys(action: str) -> bool:
    """Whether an action, in lower case, or one that a pattern covers, destroys; of every action of a service iam-no-star-actions tells."""
    beginning = action.rstrip("*")
    if not beginning.partition(":")[2]:
        return False
    longer = action.endswith("*") and any(name.startswith(beginning) for name in _DESTROYS)
    return longer or beginning.startswith(_DESTROYS) or any(like(name, action) for name in _DESTROYS)
