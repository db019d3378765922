"""The common shape of every settings model: frozen, strict, camelCase in YAML, unknown keys refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final, Self, cast

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    WithJsonSchema,
    model_validator,
)
from pydantic.alias_generators import to_camel
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from components.calc.tags import check_tag_value
from settings.meanings import meanings


@dataclass(frozen=True, slots=True, kw_only=True)
class Misfit:
    """A value that does not go with the others of its model. key: as in YAML; example: see settings.problems.Problem."""

    key: str
    found: object
    why: str
    example: str


class Misfits(ValueError):
    """All that does not go together in one model."""

    def __init__(self, misfits: Iterable[Misfit]) -> None:
        self.misfits = tuple(misfits)
        super().__init__("; ".join(misfit.why for misfit in self.misfits))


class SettingsModel(BaseModel):
    """A frozen value read from YAML; a key that no field declares is an error, and no type is coerced."""

    example: ClassVar[Mapping[str, object] | None] = None
    """A value as in YAML, where what is required does not make one."""

    def misfits(self) -> Iterator[Misfit]:
        """What does not go together; each field by itself is what it may be."""
        yield from ()

    @model_validator(mode="after")
    def _no_misfits(self) -> Self:
        if found := tuple(self.misfits()):
            raise Misfits(found)
        return self

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        schema = handler(core_schema)
        properties = handler.resolve_ref_schema(schema)["properties"]
        for name, meaning in meanings(cls).items():
            properties[cls.model_fields[name].alias or name].setdefault("description", meaning)
        return schema

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
    )


NAME_PATTERN: Final = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
ServiceName = Annotated[
    str,
    Field(
        pattern=NAME_PATTERN,
        description="lower-case letters, digits and single hyphens, starting with a letter",
        examples=["datalab-api"],
    ),
]


def _listed(value: object) -> object:
    if isinstance(value, str):
        return (value,)
    return tuple(cast("list[object]", value)) if isinstance(value, list) else value


FormerNames = Annotated[
    tuple[ServiceName, ...],
    Field(min_length=1),
    BeforeValidator(_listed),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": NAME_PATTERN},
                {"type": "array", "items": {"type": "string", "pattern": NAME_PATTERN}, "minItems": 1},
            ]
        }
    ),
]
"""One name, or several with the newest first."""
RepositoryName = Annotated[
    str,
    Field(
        pattern=r"^[a-z0-9]+([._-][a-z0-9]+)*$",
        max_length=64,
        description="lower-case letters, digits and single '.', '_' or '-' between them",
        examples=["datalab-api"],
    ),
]
VARIABLE_PATTERN: Final = r"^[A-Z][A-Z0-9_]*$"
EnvironmentName = Annotated[
    str,
    Field(
        pattern=VARIABLE_PATTERN,
        description="an environment variable's name: upper-case letters, digits and underscores",
        examples=["MSI_API_URL"],
    ),
]
Port = Annotated[
    int, Field(ge=1024, le=65535, description="a container port a non-root user may bind", examples=[3000])
]
LogRetentionDays = Annotated[int, Field(description="a retention CloudWatch Logs has, in days", examples=[30])]
TagValue = Annotated[
    str,
    Field(min_length=1, max_length=256),
    AfterValidator(check_tag_value),
]
