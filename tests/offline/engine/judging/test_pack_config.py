"""The file of --policy-pack-config: what is read from it, and every refusal in its words."""

from pathlib import Path
from typing import Any

import pytest

from offline.engine.errors import UnsupportedError, UsageError
from offline.engine.judging.pack_config import PackConfig, load_pack_config
from tests.refusals import refusal

SCHEMAS: dict[str, dict[str, Any]] = {
    "backups": {"minimumDays": {"type": "integer", "minimum": 0, "maximum": 35, "default": 7, "description": "Days."}},
    "tags": {
        "tags": {"type": "array", "items": {"type": "string"}},
        "case": {"type": "string"},
        "strict": {"type": "boolean"},
        "share": {"type": "number"},
    },
    "plain": {},
}


def load(folder: Path, text: str) -> PackConfig:
    path = folder / "levels.json"
    path.write_text(text, "utf-8")
    return load_pack_config(path)


@pytest.mark.parametrize(
    ("text", "levels", "settings"),
    [
        (" \n", (None, None), {}),
        ("{}", (None, None), {}),
        ('{"backups": "disabled"}', ("disabled", None), {}),
        ('{"all": "advisory"}', ("advisory", "advisory"), {}),
        ('{"backups": {"enforcementLevel": "mandatory"}, "all": "disabled"}', ("mandatory", "disabled"), {}),
        ('{"all": {"enforcementLevel": "remediate"}}', ("remediate", "remediate"), {}),
        ('{"backups": {"minimumDays": 3}}', (None, None), {"backups": {"minimumDays": 3}}),
        ('{"backups": {}}', (None, None), {}),
    ],
)
def test_what_a_file_configures(
    tmp_path: Path, text: str, levels: tuple[str | None, str | None], settings: dict[str, Any]
) -> None:
    config = load(tmp_path, text)
    assert (config.level("backups"), config.level("plain")) == levels
    assert config.settings == settings
    config.require_fit(SCHEMAS)


DAYS = '{"type": "integer", "minimum": 0, "maximum": 35}'
EXAMPLE = '{"all": "advisory", "required-tags": {"enforcementLevel": "mandatory", "tags": ["Team"]}}'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a":\n-}', "levels.json, line 2: this is not valid JSON: Expecting value."),
        ("[]", f"levels.json has to be an object of policies, such as {EXAMPLE}."),
        (
            '{"backups": 3}',
            'levels.json: "backups" is 3. Required: a level (advisory, mandatory, remediate, disabled), '
            f'or an object with "enforcementLevel" and settings, such as {EXAMPLE}.',
        ),
        (
            '{"backups": "off"}',
            'levels.json: the level of "backups" is "off". Required: one of advisory, mandatory, remediate, disabled.',
        ),
        (
            '{"all": {"enforcementLevel": 1}}',
            'levels.json: the level of "all" is 1. Required: one of advisory, mandatory, remediate, disabled.',
        ),
        ('{"all": {"days": 1}}', 'levels.json: "all" takes a level only; settings belong to one policy.'),
        (
            '{"backups": "disabled", "backups": "mandatory"}',
            'levels.json: the key "backups" is given twice; only one can hold: delete the other.',
        ),
        ('{"backup": "disabled"}', 'levels.json: "backup" is no policy of the pack. Did you mean "backups"?'),
        ('{"x": {"y": 1}}', 'levels.json: "x" is no policy of the pack. It has: backups, plain, tags.'),
        ('{"tags": {"tag": ["A"]}}', 'levels.json: "tag" is no setting of the policy "tags". Did you mean "tags"?'),
        ('{"plain": {"days": 1}}', 'levels.json: "days" is no setting of the policy "plain". It has: none.'),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, message: str) -> None:
    assert refusal(lambda: load(tmp_path, text).require_fit(SCHEMAS), UsageError) == message


@pytest.mark.parametrize(
    ("policy", "setting", "value", "required"),
    [
        ("backups", "minimumDays", '"7"', DAYS),
        ("backups", "minimumDays", "true", DAYS),
        ("backups", "minimumDays", "7.5", DAYS),
        ("backups", "minimumDays", "-1", DAYS),
        ("backups", "minimumDays", "36", DAYS),
        ("backups", "minimumDays", "null", DAYS),
        ("tags", "tags", '"Team"', '{"type": "array", "items": {"type": "string"}}'),
        ("tags", "tags", '["Team", 1]', '{"type": "array", "items": {"type": "string"}}'),
        ("tags", "strict", "1", '{"type": "boolean"}'),
        ("tags", "share", "false", '{"type": "number"}'),
    ],
)
def test_a_value_that_does_not_fit(tmp_path: Path, policy: str, setting: str, value: str, required: str) -> None:
    assert refusal(
        lambda: load(tmp_path, f'{{"{policy}": {{"{setting}": {value}}}}}').require_fit(SCHEMAS), UsageError
    ) == (f'levels.json: the setting "{setting}" of the policy "{policy}" is {value}. Required: {required}.')


@pytest.mark.parametrize("value", ['{"tags": ["A"]}', '{"case": "any"}', '{"strict": true}', '{"share": 0.5}'])
def test_a_value_that_fits(tmp_path: Path, value: str) -> None:
    load(tmp_path, f'{{"tags": {value}}}').require_fit(SCHEMAS)


@pytest.mark.parametrize(
    ("schema", "what"), [({"enum": ["a"]}, "The keyword 'enum'"), ({"type": "object"}, "The type 'object'")]
)
def test_a_schema_that_is_not_understood_is_not_passed_over(tmp_path: Path, schema: dict[str, Any], what: str) -> None:
    config = load(tmp_path, '{"p": {"s": "b"}}')
    with pytest.raises(UnsupportedError, match=f"{what} in a policy's configuration schema is not supported"):
        config.require_fit({"p": {"s": schema}})


def test_environments_of_pulumi_esc_are_not_passed_over(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError, match=r"The key environments \(Pulumi ESC\) is not supported .*levels\.json"):
        load(tmp_path, '{"environments": ["a"]}')


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"absent\.json cannot be read: No such file or directory\.$"):
        load_pack_config(tmp_path / "absent.json")
    (tmp_path / "latin.json").write_bytes(b'{"\xe4": 1}')
    with pytest.raises(UsageError, match=r"latin\.json is not UTF-8 text \(byte 2\): save it as UTF-8\.$"):
        load_pack_config(tmp_path / "latin.json")
