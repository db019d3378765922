"""Texts: who holds one that is asked for, wherever it stands."""

from policies.resources.graph import UNKNOWNS, PlainResource
from policies.resources.texts import DEEPEST, Texts


def resource(urn: str, **props: object) -> PlainResource:
    return PlainResource(type="aws:sns/topic:Topic", urn=urn, name=urn, props=props)


def nested(levels: int) -> object:
    """A text so many levels below the properties."""
    value: object = "deep"
    for _ in range(levels - 1):
        value = [value]
    return value


def test_each_text_is_asked_once_wherever_it_stands() -> None:
    texts = Texts(
        [
            resource("one", name="api", tags={"Owner": "team"}),
            resource("two", rules=[{"name": "api"}, 3, None, True]),
            resource("three", name=next(iter(UNKNOWNS))),
        ]
    )
    asked: list[str] = []

    def is_api(text: str) -> bool:
        asked.append(text)
        return text == "api"

    assert texts.holders(is_api) == {"one", "two"}
    assert sorted(asked) == ["api", "team"]


def test_what_is_nested_too_deep_is_held_by_whoever_asks() -> None:
    texts = Texts([resource("read", it=nested(DEEPEST)), resource("deeper", it=nested(DEEPEST + 1))])
    assert texts.holders(lambda text: False) == {"deeper"}
    assert texts.holders(lambda text: text == "deep") == {"read", "deeper"}
