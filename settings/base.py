"""The common shape of every settings model: frozen, strict, camelCase in YAML, unknown keys refused."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from components.calc.tags import check_tag_value


class SettingsModel(BaseModel):
    """A frozen value read from YAML; a key that no field declares is an error, and no type is coerced."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        use_attribute_docstrings=True,
    )


ServiceName = Annotated[
    str,
    Field(
        pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$",
        description="lower-case letters, digits and single hyphens, starting with a letter",
        examples=["datalab-api"],
    ),
]
RepositoryName = Annotated[
    str,
    Field(
        pattern=r"^[a-z0-9]+([._-][a-z0-9]+)*$",
        max_length=64,
        description="lower-case letters, digits and single '.', '_' or '-' between them",
        examples=["datalab-api"],
    ),
]
EnvironmentName = Annotated[
    str,
    Field(
        pattern=r"^[A-Z][A-Z0-9_]*$",
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
