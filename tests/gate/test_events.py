"""An event is taken apart, and its values are shown without secrets."""

import pytest

from gate.events import ParsedEvent, displayed, parse


def test_parse():
    parsed = parse({"sequence": 3, "timestamp": 5, "cancelEvent": {}})
    assert parsed == ParsedEvent(kind="cancelEvent", payload={}, sequence=3, timestamp=5)
    with pytest.raises(ValueError, match=r"exactly one kind beside sequence and timestamp, found \['a', 'b'\]"):
        parse({"a": 1, "b": 2})


def test_displayed():
    secret = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "[secret]"}
    value = {"a": secret, "l": ["04da6b54-80e4-46f7-96ec-b56ff0331ba9", 1], "n": None}
    assert displayed(value) == {"a": "[secret]", "l": ["[unknown]", 1], "n": None}
