"""The pack through Pulumi's own protocol: violations, undecided policies, packs that fail."""

import json

import pytest

from offline.engine.errors import PackError, UsageError
from offline.properties import UNKNOWN

PROGRAM = """
topic = aws.sns.Topic("topic", name="topic", tags={"size": "3"})
queue = aws.sqs.Queue("queue", name="queue", policy=topic.arn)
"""

PACK = """
def check(args, report):
    if args.resource_type == "aws:sns/topic:Topic" and args.props.get("displayName") == "bad":
        report("A topic must not be bad.")

def stack(args, report):
    for resource in args.resources:
        if resource.props.get("tags", {}).get("size") == "9":
            report("size 9 is too large", resource.urn)

PolicyPack("house", [
    ResourceValidationPolicy("topics", "Topics are good.", check, EnforcementLevel.MANDATORY),
    StackValidationPolicy("sizes", "Sizes are small.", stack, EnforcementLevel.{level}),
])
"""
FIELDS = {"policyPackName": "house", "policyPackVersion": "1.2.3", "policyPackVersionTag": "1.2.3"}
TOPIC = "urn:pulumi:dev::shop::aws:sns/topic:Topic::topic"
STACK = "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev"


def pack(level: str = "MANDATORY") -> str:
    return PACK.replace("{level}", level)


def test_everything_passes(bench):
    outcome = bench.program(PROGRAM).pack(pack()).run("preview")
    assert (outcome.result, outcome.violations) == ("succeeded", ())
    assert bench.of_kind("policyLoadEvent") == [{}]
    assert {"resourceUrn": TOPIC, **FIELDS, "passed": ["topics"]} in bench.of_kind("policyAnalyzeSummaryEvent")
    assert {"resourceUrn": TOPIC, **FIELDS, "passed": ["topics"]} in bench.of_kind("policyRemediateSummaryEvent")
    judged = [event["resourceUrn"].rsplit("::", 1)[1] for event in bench.of_kind("policyAnalyzeSummaryEvent")]
    assert judged == ["shop-dev", "default_7_51_1", "topic", "queue"]
    assert bench.of_kind("policyAnalyzeStackSummaryEvent") == [{**FIELDS, "passed": ["sizes"]}]
    assert bench.of_kind("summaryEvent")[0]["PolicyPacks"] == {"house|local|policies": "1.2.3"}


@pytest.mark.parametrize(("level", "result"), [("MANDATORY", "failed"), ("ADVISORY", "succeeded")])
def test_a_stack_violation(bench, level, result):
    outcome = bench.program(PROGRAM.replace('"3"', '"9"')).pack(pack(level)).run("preview")
    violation = {
        "resourceUrn": TOPIC,
        "message": "Sizes are small.\nsize 9 is too large\n",
        "color": "never",
        "policyName": "sizes",
        **FIELDS,
        "enforcementLevel": level.lower(),
    }
    assert (outcome.result, outcome.violations) == (result, (violation,))
    assert bench.of_kind("policyEvent") == [violation]
    assert bench.of_kind("policyAnalyzeStackSummaryEvent") == [{**FIELDS, "failed": ["sizes"]}]
    assert bench.errors() == (["preview failed"] if result == "failed" else [])


def test_up_creates_nothing_when_the_preview_is_refused(bench):
    outcome = bench.program(PROGRAM.replace('"3"', '"9"')).pack(pack()).run("up")
    assert (outcome.result, bench.cloud.log) == ("failed", [])
    assert [event["isPreview"] for event in bench.of_kind("summaryEvent")] == [True]
    assert not (bench.state_dir / "dev.jsonl").exists()


def test_a_resource_violation_at_a_preview_goes_on(bench):
    outcome = bench.program(PROGRAM.replace('tags={"size": "3"}', 'display_name="bad"')).pack(pack()).run("preview")
    assert (outcome.result, outcome.errors, outcome.changes["create"]) == ("failed", (), 3)
    assert [item["message"] for item in outcome.violations] == ["Topics are good.\nA topic must not be bad.\n"]


def test_a_resource_violation_at_an_update_comes_before_the_creation(bench):
    policies = """
    import pulumi

    def check(args, report):
        if args.resource_type == "aws:sqs/queue:Queue" and not pulumi.runtime.is_dry_run():
            report(f"policy is {args.props['policy']}")

    PolicyPack("house", [ResourceValidationPolicy("queues", "No queues.", check, EnforcementLevel.MANDATORY)])
    """
    outcome = bench.program(PROGRAM).pack(policies).run("up")
    assert outcome.result == "failed"
    assert bench.cloud.log == ["create topic"]
    assert [item["message"] for item in outcome.violations] == ["No queues.\npolicy is arn:topic-0\n"]
    assert outcome.errors == ("queue (aws:sqs/queue:Queue) was not touched: a mandatory policy refuses it.",)


def test_what_policies_see(bench):
    policies = """
    import json, pulumi

    def stack(args, report):
        queue = next(r for r in args.resources if r.name == "queue")
        box = next(r for r in args.resources if r.resource_type == "shop:index:Box")
        report(json.dumps({
            "stack": pulumi.get_stack(),
            "project": pulumi.get_project(),
            "config": pulumi.Config("aws").get("region"),
            "types": sorted(r.resource_type for r in args.resources),
            "by_property": {k: [r.urn for r in v] for k, v in queue.property_dependencies.items()},
            "parent": queue.parent.urn,
            "provider": [queue.provider.resource_type, dict(queue.provider.props)],
            "protect": queue.opts.protect,
            "aliases": list(queue.opts.aliases),
            "outputs": dict(box.props),
        }, sort_keys=True))

    PolicyPack("house", [StackValidationPolicy("see", "D.", stack, EnforcementLevel.ADVISORY)])
    """
    program = """
    class Box(pulumi.ComponentResource):
        def __init__(self):
            super().__init__("shop:index:Box", "box", {"input": 1})
            topic = aws.sns.Topic("topic", name="topic", opts=Opts(parent=self))
            aws.sqs.Queue("queue", name="queue", policy=topic.arn, opts=Opts(parent=self, protect=True, aliases=[pulumi.Alias(name="q")]))
            self.register_outputs({"name": topic.name})
    Box()
    """
    bench.program(program).pack(policies).run("preview")
    seen = bench.of_kind("policyEvent")[0]["message"]
    box = "urn:pulumi:dev::shop::shop:index:Box"
    assert json.loads(seen.removeprefix("D.\n")) == {
        "stack": "dev",
        "project": "shop",
        "config": "ap-northeast-2",
        "types": [
            "aws:sns/topic:Topic",
            "aws:sqs/queue:Queue",
            "pulumi:providers:aws",
            "pulumi:pulumi:Stack",
            "shop:index:Box",
        ],
        "by_property": {"policy": [f"{box}$aws:sns/topic:Topic::topic"]},
        "parent": f"{box}::box",
        "provider": ["pulumi:providers:aws", {"region": "ap-northeast-2", "version": "7.51.1"}],
        "protect": True,
        "aliases": [],
        "outputs": {"name": "topic"},
    }


def test_an_undecided_policy_is_a_failure_that_says_so(bench):
    policies = """
    def stack(args, report):
        for resource in args.resources:
            if resource.name == "queue" and "x" in resource.props["policy"]:
                report("found")

    PolicyPack("house", [StackValidationPolicy("looks", "Looks.", stack, EnforcementLevel.ADVISORY)])
    """
    outcome = bench.program(PROGRAM).pack(policies).run("preview")
    assert outcome.result == "failed"
    assert [(item["message"], item["enforcementLevel"], item["resourceUrn"]) for item in outcome.violations] == [
        (
            "can't run policy 'looks' from policy pack 'house@v0.0.1' during preview: string value at .policy can't be "
            "known during preview\nA policy that cannot decide has not passed, so this run fails.\n",
            "mandatory",
            STACK,
        )
    ]
    assert bench.run("up").result == "failed"
    assert bench.cloud.log == []


def test_a_pack_that_remediates_is_refused(bench):
    policies = """
    def fix(args):
        if args.resource_type == "aws:sns/topic:Topic":
            return {**args.props, "displayName": "fixed"}

    PolicyPack("house", [
        ResourceValidationPolicy("fixing", "Fixes.", remediate=fix, enforcement_level=EnforcementLevel.REMEDIATE)
    ])
    """
    outcome = bench.program('aws.sns.Topic("topic", name="topic")').pack(policies).run("up")
    assert outcome.errors == (
        "Remediation by a policy is not supported by the offline engine (policy 'fixing'). Remove it, or run it on the real "
        "engine: ./run preview -s STAGE --engine pulumi.",
    )
    assert bench.cloud.log == []


@pytest.mark.parametrize(
    ("policies", "what"),
    [
        ("raise RuntimeError('no such table')", "ended before it was ready"),
        ("print('hello', flush=True)\nimport time\ntime.sleep(60)", "wrote 'hello' where its port was expected"),
        (
            "import os\ndef stack(args, report):\n    print('going down')\n    os._exit(3)\n"
            "PolicyPack('house', [StackValidationPolicy('dies', 'D.', stack)])",
            "died during AnalyzeStack",
        ),
        (
            "def stack(args, report):\n    raise KeyError('limit')\n"
            "PolicyPack('house', [StackValidationPolicy('breaks', 'D.', stack)])",
            "failed in AnalyzeStack: Exception calling application: 'limit'",
        ),
        (
            "def check(args, report):\n    report(3)\n"
            "PolicyPack('house', [ResourceValidationPolicy('odd', 'D.', check)])",
            "failed in Analyze: Exception calling application: Expected message to be a string",
        ),
    ],
)
def test_a_pack_that_fails_fails_the_run(bench, policies, what):
    outcome = bench.program(PROGRAM).pack(policies).run("up")
    assert (outcome.result, bench.cloud.log) == ("failed", [])
    assert outcome.errors[0].startswith(f"The policy pack in {bench.pack_dir} {what}")
    assert "nothing was judged, so this run fails" in outcome.errors[0]


def test_what_the_pack_wrote_is_shown(bench):
    outcome = bench.program("").pack("raise RuntimeError('no such table')").run("preview")
    assert "\n  RuntimeError: no such table" in outcome.errors[0]


def test_a_configuration_too_large_for_a_process(bench):
    bench.program("").pack(pack())
    with pytest.raises(PackError, match=r"cannot be started: .*Argument list too long"):
        bench.run("preview", overrides={"shop:big": "x" * 200_000})


def test_there_is_no_pack(bench):
    bench.program("").pack_dir = bench.directory / "absent"
    with pytest.raises(UsageError, match=r"There is no policy pack in .*absent: it has no PulumiPolicy\.yaml"):
        bench.run("preview")


def test_secrets_are_seen_by_policies_and_hidden_in_events(bench):
    policies = """
    def stack(args, report):
        topic = next(r for r in args.resources if r.name == "topic")
        if topic.props["displayName"] == "s3cret":
            report("a weak secret")

    PolicyPack("house", [StackValidationPolicy("weak", "D.", stack, EnforcementLevel.MANDATORY)])
    """
    bench.program('aws.sns.Topic("topic", name="topic", display_name=pulumi.Output.secret("s3cret"))')
    outcome = bench.pack(policies).run("preview")
    assert [item["message"] for item in outcome.violations] == ["D.\na weak secret\n"]
    assert "s3cret" not in repr(bench.events)


def test_unknowns_reach_policies_as_unknown(bench):
    policies = """
    def stack(args, report):
        queue = next(r for r in args.resources if r.name == "queue")
        try:
            queue.props["policy"]
        except Exception as error:
            report(error.unknown_type_sentinel)

    PolicyPack("house", [StackValidationPolicy("sees", "D.", stack, EnforcementLevel.ADVISORY)])
    """
    outcome = bench.program(PROGRAM).pack(policies).run("preview")
    assert [item["message"] for item in outcome.violations] == [f"D.\n{UNKNOWN}\n"]
