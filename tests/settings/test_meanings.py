"""The docstrings of fields: the model's own, those it extends, and a description that is given."""

from pydantic import BaseModel, Field

from settings.meanings import meaning_of, meanings
from settings.workloads import Tasks


class Base(BaseModel):
    first: int = 1
    """Of the base,
    in two lines."""

    second: int = 2
    """Of the base."""


class Derived(Base):
    """The docstring of a class is none of a field."""

    second: int = 3
    """Of the derived."""

    third: int = Field(default=4, description="given")
    """Below it."""

    fourth: int = 5
    """The last."""


def test_a_model_has_the_docstrings_of_those_it_extends() -> None:
    assert meanings(Derived) == {
        "first": "Of the base,\nin two lines.",
        "second": "Of the derived.",
        "third": "Below it.",
        "fourth": "The last.",
    }


def test_a_description_goes_before_the_docstring() -> None:
    assert meaning_of(Derived, Derived.model_fields["third"]) == "given"
    assert meaning_of(Derived, Derived.model_fields["first"]) == "Of the base,\nin two lines."


def test_the_schema_shows_them() -> None:
    properties = Tasks.model_json_schema()["properties"]
    assert {name: schema["description"] for name, schema in properties.items()} == dict(meanings(Tasks))
