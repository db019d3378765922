"""A policy asked about a stack as the pack asks it."""

from policies.facts.facts import Facts
from policies.facts.finding import Finding
from policies.resources.graph import Graph
from policies.rules.rule import Rule, Stack


def judged(rule: Rule, graph: Graph, stage: str = "prd") -> list[Finding]:
    """What it reports, by its default settings."""
    return list(rule.judge(Stack(facts=Facts(graph), stage=stage, spec=rule.spec)))
