"""Configuration: what wins, how values become strings, duplicate keys, and decryption with the stage's passphrase."""

import pytest

from offline.engine.errors import UsageError
from settings.files.stack_config import load, stages_of
from tests.refusals import refusal


def test_values(files):
    stage = 'config:\n  shop:tier: gold\n  shop:services:\n    web:\n      ratio: 0.5\n  shop:day: "2026-11-22"\n  shop:on: true\n'
    config = load(files(stage), "dev", environment={})
    assert config.values == {
        "aws:region": "ap-northeast-2",
        "shop:services": '{"web":{"ratio":0.5}}',
        "shop:tier": "gold",
        "shop:size": "5",
        "shop:token": "abc",
        "shop:day": "2026-11-22",
        "shop:on": "true",
    }
    assert (config.project, config.stage, config.secret_keys) == ("shop", "dev", {"shop:token"})
    assert config.blinded()["shop:token"] == "[secret]"


@pytest.mark.parametrize(
    ("stage", "message"),
    [
        (
            "config:\n  shop:a: 1\n  shop:b: 2\n  shop:a: 3\n",
            "Pulumi.dev.yaml, line 4: the key 'shop:a' is given twice, first in line 2. Only one can hold: delete the other.",
        ),
        ("config:\n  tier: gold\n", "Pulumi.dev.yaml: the key 'tier' has no namespace; write shop:tier."),
        (
            "confg: {}\n",
            "Pulumi.dev.yaml: unknown key 'confg'; allowed at the top level are config, encryptedkey, encryptionsalt, "
            "environment, secretsprovider.",
        ),
        ("config: [1]\n", "Pulumi.dev.yaml: `config` must be a mapping of keys to values."),
        ("config: {\n", "Pulumi.dev.yaml, line 2 is not valid YAML: did not find expected node content."),
        ("- a\n", "Pulumi.dev.yaml must be a mapping of keys to values at its top level, as in `config: …`."),
    ],
)
def test_mistakes_are_named_with_file_and_place(files, stage, message):
    assert refusal(lambda: load(files(stage), "dev", environment={}), UsageError) == message


def test_scalars_are_read_as_pulumi_reads_them(files):
    stage = """config:
  shop:text: {a: yes, b: on, c: 12:30, d: 0o, e: "089"}
  shop:numbers: {a: 1e3, b: 2.0, c: 0o17, d: 010, e: 0x1F, f: 1_000, g: 0.5, h: 089, i: 100000000000000000000}
  shop:others: {a: ~, b: TRUE, c: , d: &x {y: 1}, e: {<<: *x, z: 2}}
  shop:nothing:
  shop:yes: yes
  shop:big: 123456789012345678901234567890
"""
    values = load(files(stage, "name: shop\n"), "dev", environment={}).values
    assert values == {
        "shop:text": '{"a":"yes","b":"on","c":"12:30","d":"0o","e":"089"}',
        "shop:numbers": '{"a":1000,"b":2,"c":15,"d":8,"e":31,"f":1000,"g":0.5,"h":89,"i":100000000000000000000}',
        "shop:others": '{"a":null,"b":true,"c":null,"d":{"y":1},"e":{"y":1,"z":2}}',
        "shop:nothing": "",
        "shop:yes": "yes",
        "shop:big": "1.2345678901234568e+29",
    }


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            "2026-11-22",
            ", line 2: 2026-11-22 is a point in time to Pulumi, which would write it in another form. "
            'Write it in quotes: "2026-11-22".',
        ),
        (".inf", ', line 2: .inf is not a number that a configuration can hold. Write it in quotes: ".inf".'),
        ("{5: x, a: y}", ', line 2: the key 5 is not text. Write it in quotes: "5".'),
        ("{[a]: y}", ", line 2: the key ['a'] is not text. Write it in quotes: \"KEY\"."),
        ("&x {b: *x}", " is not YAML that a configuration can hold: Circular reference detected."),
        ("!!binary aGk=", " is not YAML that a configuration can hold: Object of type bytes is not JSON serializable."),
        (
            "\0",
            " is not YAML that a configuration can hold: unacceptable character #x0000: control characters are not allowed.",
        ),
        ("!foo x", ", line 2 is not valid YAML: could not determine a constructor for the tag '!foo'."),
        ("1\n\tb: 2", ", line 3 is not valid YAML: found a tab character that violates indentation."),
    ],
)
def test_what_no_configuration_means_is_refused(files, value, message):
    assert (
        refusal(lambda: load(files(f"config:\n  shop:a: {value}\n"), "dev", environment={}), UsageError)
        == f"Pulumi.dev.yaml{message}"
    )


def test_a_byte_order_mark_and_windows_line_ends_are_no_part_of_a_value(files):
    directory = files()
    (directory / "Pulumi.dev.yaml").write_bytes(b"\xef\xbb\xbfconfig:\r\n  shop:tier: gold\r\n")
    assert load(directory, "dev", environment={}).values["shop:tier"] == "gold"


def test_nested_duplicate_key(files):
    with pytest.raises(UsageError, match=r"Pulumi.yaml, line 6: the key 'api' is given twice, first in line 5\."):
        load(files(project="name: shop\nconfig:\n  services:\n    value:\n      api: 1\n      api: 2\n"), "dev")


def test_unknown_stage_names_those_that_exist(files):
    directory = files()
    (directory / "Pulumi.prd.yaml").write_text("")
    assert stages_of(directory) == ["dev", "prd"]
    assert refusal(lambda: load(directory, "prod"), UsageError) == (
        "There is no stage 'prod': Pulumi.prod.yaml does not exist. Stages that exist: dev, prd. Did you mean prd?"
    )


@pytest.mark.parametrize("stage", ["", "../other", "a b", "x" * 101])
def test_what_cannot_be_the_name_of_a_stage(files, stage):
    assert refusal(lambda: load(files(), stage), UsageError) == (
        f"{stage!r} cannot be a stage's name: letters, digits, '_', '.' and '-' make one, such as dev."
    )


def test_a_namespace_that_looks_like_the_projects_is_reported(files):
    project = "name: category-analyzer\nconfig:\n  aws:region: ap-northeast-2\n"
    config = load(files("config:\n  category-analyser:logs: {a: 1}\n  gitlab:token: x\n", project), "dev")
    assert config.notices == (
        "Pulumi.dev.yaml: category-analyser:logs is not read: its namespace is not the project's. "
        "Did you mean category-analyzer:logs?",
    )
    assert config.values["category-analyser:logs"] == '{"a":1}'


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        (
            "{type: integer, default: 5}",
            "a declared type is not supported here, only by the Pulumi CLI itself: write the value under `value:`, "
            "without `type`.",
        ),
        ("{a: 1}", "a mapping or list must stand under `value:`."),
        ("", "config.size has no value; write one, or delete the key."),
    ],
)
def test_what_cannot_be_a_value_in_the_project_file(files, declared, message):
    with pytest.raises(UsageError) as raised:
        load(files(project=f"name: shop\nconfig:\n  size: {declared}\n"), "dev")
    assert str(raised.value).startswith("Pulumi.yaml: config.size")
    assert str(raised.value).endswith(message)
