"""What a program sees must be as on the real engine: URNs, providers, secrets, aliases, configuration, refusals."""

import json

import pytest

from offline.properties import SECRET, SIGNATURE, UNKNOWN

COMPONENT = """
class Box(pulumi.ComponentResource):
    def __init__(self, name, child, opts=None):
        super().__init__("shop:index:Box", name, None, opts)
        self.topic = aws.sns.Topic(child, name="t", opts=Opts(parent=self{child_opts}))
        self.register_outputs({{"arn": self.topic.arn}})
"""


def test_urns_and_the_default_provider(bench):
    bench.program(COMPONENT.format(child_opts="") + 'Box("box", "inner")').run("preview")
    urns = [item["metadata"]["urn"] for item in bench.of_kind("resourcePreEvent")]
    prefix = "urn:pulumi:dev::shop::"
    assert urns == [
        f"{prefix}pulumi:pulumi:Stack::shop-dev",
        f"{prefix}shop:index:Box::box",
        f"{prefix}shop:index:Box$aws:sns/topic:Topic::inner",
    ]
    assert bench.new("inner")["provider"] == f"{prefix}pulumi:providers:aws::default_7_51_1::{UNKNOWN}"
    outcome = bench.run("up")
    provider = next(record for record in outcome.resources if record.type == "pulumi:providers:aws")
    assert (provider.name, provider.inputs) == ("default_7_51_1", {"region": "ap-northeast-2", "version": "7.51.1"})
    assert bench.new("inner")["provider"] == f"{provider.urn}::{provider.id}"
    assert bench.new("box")["outputs"] == {"arn": "arn:t-0"}


def test_duplicate_urn(bench):
    bench.program('aws.sns.Topic("t", name="a")\naws.sns.Topic("t", name="b")')
    assert bench.run("preview").errors == (
        "Duplicate resource URN 'urn:pulumi:dev::shop::aws:sns/topic:Topic::t'; try giving it a unique name: "
        "'t' is registered twice.",
    )


def test_outputs_are_registered_once(bench):
    bench.program(COMPONENT.format(child_opts="") + 'Box("box", "inner").register_outputs({"arn": "other"})')
    assert bench.run("preview").errors == ("box: register_outputs is called twice; once is allowed.",)


def test_dependencies_are_recorded(bench):
    outcome = bench.program(
        """
        a = aws.sns.Topic("a", name="a")
        b = aws.sns.Topic("b", name="b")
        c = aws.sqs.Queue("c", policy=a.arn, tags={"x": b.arn}, opts=Opts(depends_on=[b]))
        """
    ).run("preview")
    record = outcome.resources[-1]
    a, b = (f"urn:pulumi:dev::shop::aws:sns/topic:Topic::{name}" for name in "ab")
    assert record.dependencies == (a, b)
    assert record.property_dependencies == {"policy": (a,), "tags": (b,)}


def test_secrets_stay_secret(bench):
    program = """
    secret = pulumi.Config().require_secret("key")
    topic = aws.sns.Topic("t", name="t", display_name=secret, tags={"a": secret, "b": "open"})
    other = aws.sns.Topic("o", name="o", opts=Opts(additional_secret_outputs=["arn"]))
    pulumi.export("out", topic.display_name)
    pulumi.export("arn", other.arn)
    """
    (bench.directory / "Pulumi.dev.yaml").write_text("config:\n  shop:key:\n    secure: v1:bm9uY2U=:dGV4dA==\n")
    outcome = bench.program(program).run("up")
    assert outcome.outputs == {"out": "[secret]", "arn": "[secret]"}
    blinded = {SIGNATURE: SECRET, "ciphertext": "[secret]"}
    topic = bench.new("t")
    assert topic["inputs"] == {"name": "t", "displayName": blinded, "tags": {"a": blinded, "b": "open"}}
    assert (topic["outputs"]["displayName"], topic["outputs"]["arn"]) == (blinded, "arn:t-0")
    assert bench.of_kind("preludeEvent")[0]["config"]["shop:key"] == "[secret]"
    assert bench.cloud.resources["t-0"]["displayName"] == "secret@not-decrypted.invalid"  # the placeholder, unwrapped
    assert bench.run("up").changes["same"] == 3


def test_an_output_that_is_no_longer_asked_to_be_secret_is_shown(bench):
    text = 'aws.sns.Topic("t", name="t", display_name="{}", opts=Opts(additional_secret_outputs=["{}"]))'
    bench.program(text.format("a", "arn")).run("up")
    bench.program(text.format("b", "owner")).run("preview")
    blinded = {SIGNATURE: SECRET, "ciphertext": "[secret]"}
    planned = bench.new("t")["outputs"]
    assert (planned["arn"], planned["owner"]) == ("arn:t-0", blinded)
    bench.run("up")
    assert bench.new("t")["outputs"] == planned


OLD = 'aws.sns.Topic("old", name="t")'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (OLD, 'aws.sns.Topic("new", name="t", opts=Opts(aliases=[pulumi.Alias(name="old")]))'),
        (OLD, 'aws.sns.Topic("new", name="t", opts=Opts(aliases=["urn:pulumi:dev::shop::aws:sns/topic:Topic::old"]))'),
        (
            OLD,
            COMPONENT.format(child_opts=", aliases=[pulumi.Alias(name='old', parent=pulumi.ROOT_STACK_RESOURCE)]")
            + 'Box("box", "inner")',
        ),
        (
            COMPONENT.format(child_opts="") + 'Box("old", "old-t")',
            COMPONENT.format(child_opts="") + 'Box("new", "new-t", Opts(aliases=[pulumi.Alias(name="old")]))',
        ),
    ],
)
def test_aliases_find_the_old_resource(bench, before, after):
    bench.program(before).run("up")
    outcome = bench.program(after).run("up")
    assert outcome.result == "succeeded"
    assert (outcome.changes["replace"], outcome.changes["delete"], bench.cloud.log) == (0, 0, [])
    assert list(bench.cloud.resources) == ["t-0"]
    assert bench.run("preview").changes["create"] == 0


def test_a_record_keeps_the_name_that_its_resource_was_found_by(bench):
    bench.program(COMPONENT.format(child_opts="") + 'Box("old", "old-t")').run("up")
    box = COMPONENT.format(child_opts=', aliases=[pulumi.Alias(name="first")]')
    outcome = bench.program(box + 'Box("new", "new-t", Opts(aliases=[pulumi.Alias(name="old")]))').run("up")
    prefix = "urn:pulumi:dev::shop::shop:index:Box"
    assert {record.name: record.aliases for record in outcome.resources if record.aliases} == {
        "new": (f"{prefix}::old",),
        "new-t": (f"{prefix}$aws:sns/topic:Topic::old-t",),
    }


def test_stack_configuration_replaces_project_configuration(bench):
    (bench.directory / "Pulumi.yaml").write_text(
        "name: shop\nruntime: python\nconfig:\n  aws:region: ap-northeast-2\n  size:\n    value: {a: 1, b: 2}\n  tier: basic\n"
    )
    (bench.directory / "Pulumi.dev.yaml").write_text("config:\n  shop:size:\n    a: 3\n")
    bench.program(
        """
        config = pulumi.Config()
        pulumi.export("size", config.require_object("size"))
        pulumi.export("tier", config.require("tier"))
        pulumi.export("region", aws.config.region)
        pulumi.export("names", [pulumi.get_project(), pulumi.get_stack(), pulumi.get_organization()])
        """
    )
    assert bench.run("preview").outputs == {
        "size": {"a": 3},
        "tier": "basic",
        "region": "ap-northeast-2",
        "names": ["shop", "dev", "organization"],
    }


def test_data_sources_are_answered_and_logs_are_shown(bench):
    bench.program('pulumi.export("account", aws.get_caller_identity().account_id)\npulumi.log.warn("careful")')
    assert bench.run("preview").outputs == {"account": "123456789012"}
    assert bench.cloud.log == ["invoke aws:index/getCallerIdentity:getCallerIdentity"]
    assert bench.of_kind("diagnosticEvent") == [
        {"prefix": "warning: ", "message": "careful\n", "color": "never", "severity": "warning"}
    ]


def test_a_misspelt_namespace_is_a_warning(bench):
    (bench.directory / "Pulumi.dev.yaml").write_text("config:\n  shops:key: x\n")
    assert bench.program("").run("preview").result == "succeeded"
    why = "Pulumi.dev.yaml: shops:key is not read: its namespace is not the project's. Did you mean shop:key?\n"
    assert [(item["severity"], item["message"]) for item in bench.of_kind("diagnosticEvent")] == [("warning", why)]


def test_an_explicit_provider_of_the_same_region(bench):
    bench.program(
        'p = aws.Provider("mine", region="{}")\naws.sns.Topic("t", name="t", opts=Opts(provider=p))'.format(
            "ap-northeast-2"
        )
    )
    outcome = bench.run("up")
    assert outcome.result == "succeeded"
    assert bench.new("t")["provider"].startswith("urn:pulumi:dev::shop::pulumi:providers:aws::mine::")
    assert bench.new("mine")["inputs"] == {
        "region": "ap-northeast-2",
        "skipCredentialsValidation": "false",
        "skipRegionValidation": "true",
        "version": "7.51.1",
    }
    assert outcome.changes["create"] == 3


IMPORT = "The option import_ is not supported by the offline engine (resource 't', type aws:sns/topic:Topic)."
ENGINE = "Remove it, or run it on the real engine: ./run preview -s STAGE --engine pulumi."
ACCOUNT = "Remove it, or run the Pulumi CLI against an account: pulumi preview -s STAGE."


@pytest.mark.parametrize(
    ("program", "what"),
    [
        ('aws.sns.Topic("t", opts=Opts(import_="x"))', IMPORT),
        ('aws.sns.Topic("t", opts=Opts(retain_on_delete=True))', "The option retain_on_delete is not"),
        ('aws.sns.Topic("t", opts=Opts(replace_on_changes=["tags"]))', "The option replace_on_changes is not"),
        (
            'aws.sns.Topic("t", opts=Opts(custom_timeouts=pulumi.CustomTimeouts(create="1h30m")))',
            "The option custom_timeouts is not",
        ),
        (
            'aws.sns.Topic("t", opts=Opts(hooks=pulumi.ResourceHookBinding(before_create=[lambda args: None])))',
            "A resource hook is not",
        ),
        ('a = aws.sns.Topic("a")\naws.sns.Topic("t", opts=Opts(deleted_with=a))', "The option deleted_with is not"),
        ('aws.sns.Topic("t", opts=Opts(transforms=[lambda a: None]))', "The option transforms is not"),
        ('aws.sns.Topic.get("t", "arn")', "Reading an existing resource (aws:sns/topic:Topic.get) is not"),
        ('pulumi.StackReference("org/shop/prd")', "A StackReference is not"),
        ('pulumi.ComponentResource("awsx:ecs:Service", "t", {}, None, True)', "A remote component is not"),
        ('pulumi.runtime.register_resource_transform(lambda a: None)', "A stack transform is not"),
    ],
)  # fmt: skip
def test_what_is_missing_is_refused_by_name(bench, program, what):
    outcome = bench.program(program).run("preview")
    assert outcome.result == "failed"
    assert outcome.errors[0].startswith(what)
    assert outcome.errors[0].endswith(ENGINE)


@pytest.mark.parametrize(
    ("program", "what"),
    [
        ('aws.kinesis.Stream("t")', "The resource type aws:kinesis/stream:Stream is not"),
        ('pulumi.CustomResource("gcp:a:B", "t", {})', "The package 'gcp' is not"),
        ('aws.Provider("p", region="eu-west-1")', "A second region (eu-west-1 beside ap-northeast-2) is not"),
        ('aws.Provider("p", default_tags={"tags": {"a": "b"}})', "The AWS provider setting 'defaultTags' is not"),
        ('pulumi.runtime.invoke("random:a:b", {})', "The function random:a:b is not"),
    ],
)  # fmt: skip
def test_what_the_offline_aws_lacks_is_refused_by_name(bench, program, what):
    outcome = bench.program(program).run("preview")
    assert outcome.result == "failed"
    assert outcome.errors[0].startswith(f"{what} supported by the offline AWS")
    assert outcome.errors[0].endswith(ACCOUNT)


def test_what_the_program_says_for_people_is_shown_without_a_trace(bench):
    outcome = bench.program('raise pulumi.RunError("Set shop:key first.")').run("preview")
    assert outcome.errors == ("Set shop:key first.",)


def test_a_component_keeps_its_outputs_through_the_state(bench):
    program = (
        COMPONENT.format(child_opts="") + 'Box("box", "inner")\npulumi.export("list", [1, 2.5, None, {"a": True}])'
    )
    first = bench.program(program).run("up")
    assert first.outputs == {"list": [1, 2.5, None, {"a": True}]}
    lines = (bench.state_dir / "dev.jsonl").read_text().splitlines()
    assert json.loads(lines[0]) == {"journal": 1}
    before = len(lines)
    assert bench.run("up").changes["same"] == 3
    assert len((bench.state_dir / "dev.jsonl").read_text().splitlines()) == before
