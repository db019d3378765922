"""Levels and settings of a pack: its own, its initial configuration, and a file of --policy-pack-config over both."""

import pytest

from offline.engine.errors import UsageError

TUNED = """
def stack(args, report):
    report(str(sorted(args.get_config().items())))

schema = PolicyConfigSchema({"limit": {"type": "number", "default": 3}, "name": {"type": "string"}}, required=["name"])
PolicyPack("house", [StackValidationPolicy("tuned", "D.", stack, EnforcementLevel.ADVISORY, schema),
                     StackValidationPolicy("other", "O.", lambda args, report: report("o"), EnforcementLevel.MANDATORY)],
           initial_config={"tuned": {"enforcementLevel": EnforcementLevel.MANDATORY, "name": "x"}})
"""


@pytest.mark.parametrize(
    ("file", "found", "result"),
    [
        (None, [("[('limit', 3.0), ('name', 'x')]", "mandatory"), ("o", "mandatory")], "failed"),
        (
            '{"all": "advisory", "tuned": {"limit": 4.5}}',
            [("[('limit', 4.5), ('name', 'x')]", "advisory"), ("o", "advisory")],
            "succeeded",
        ),
        ('{"other": "disabled", "tuned": "advisory"}', [("[('limit', 3.0), ('name', 'x')]", "advisory")], "succeeded"),
        (
            '{"all": "disabled", "tuned": {"enforcementLevel": "mandatory", "name": "y"}}',
            [("[('limit', 3.0), ('name', 'y')]", "mandatory")],
            "failed",
        ),
    ],
)
def test_configuration_comes_from_the_pack_and_over_it_from_a_file(bench, file, found, result):
    path = bench.directory / "levels.json"
    path.write_text(file or "")
    outcome = bench.program("").pack(TUNED).run("preview", pack_config=path)
    messages = [(item["message"].split("\n")[1], item["enforcementLevel"]) for item in outcome.violations]
    assert (messages, outcome.result) == (found, result)


def test_a_configuration_that_the_pack_does_not_have_stops_the_run_before_anything_is_done(bench):
    path = bench.directory / "levels.json"
    path.write_text('{"tuned": {"limit": "4"}}')
    bench.program('aws.sns.Topic("topic", name="topic")').pack(TUNED)
    with pytest.raises(UsageError) as refused:
        bench.run("up", pack_config=path)
    assert str(refused.value) == (
        'levels.json: the setting "limit" of the policy "tuned" is "4". Required: {"type": "number"}.'
    )
    assert bench.cloud.log == []


def test_a_setting_that_is_required_and_nowhere_set(bench):
    outcome = bench.program("").pack(TUNED.replace(', "name": "x"', "")).run("preview")
    assert outcome.errors == (
        "Policy 'tuned' requires configuration (name); set it in the pack, or in a file named by --policy-pack-config.",
    )
