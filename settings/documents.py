"""The documents of a stage's configuration, validated by models; every problem found is kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from settings.origins import CATALOGUE, PROJECT_KEYS, Written
from settings.problems import Problem, explain, shown

M = TypeVar("M", bound=BaseModel)


class Documents:
    """Configuration by full key (`project:key`), as strings or JSON documents."""

    def __init__(self, values: Mapping[str, object], project: str, stage_file: str, written: Written) -> None:
        self._values = values
        self._project = project
        self.stage_file = stage_file
        self.written = written
        self.problems: list[Problem] = []

    def file(self, key: str) -> str:
        """The file that a key belongs in."""
        return CATALOGUE if key in PROJECT_KEYS else self.stage_file

    def document(self, key: str) -> object:
        """The value of a key as parsed JSON; None where it is absent."""
        value = self._values.get(f"{self._project}:{key}")
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except json.JSONDecodeError:
            return value

    def model(self, key: str, model: type[M], default: M | None = None) -> M | None:
        document = self.document(key)
        if document is None:
            if default is None:
                self.problems.append(
                    Problem(
                        file=self.file(key),
                        key=key,
                        found="nothing",
                        allowed=f"required: {(model.__doc__ or '').splitlines()[0]}",
                        example=f"{key}: {shown(_required_example(model))}",
                    )
                )
            return default
        return self.validated(key, model, document)

    def validated(self, key: str, model: type[M], document: object, file: str | None = None) -> M | None:
        try:
            return model.model_validate_json(json.dumps(document))
        except ValidationError as error:
            self.problems.extend(explain(error, file=file or self.file(key), key=key, model=model))
            return None

    def mapping(self, key: str) -> dict[str, object]:
        document = self.document(key)
        if document is None:
            return {}
        if isinstance(document, dict):
            return {str(name): {} if entry is None else entry for name, entry in document.items()}
        self.add(self.file(key), key, shown(document), "a mapping from names to their settings", f"{key}: {{}}")
        return {}

    def service_names(self) -> tuple[str, ...]:
        document = self.document("services")
        return tuple(str(name) for name in document) if isinstance(document, dict) else ()

    def add(self, file: str, key: str, found: str, allowed: str, example: str) -> None:
        """Keep one more problem."""
        self.problems.append(Problem(file=file, key=key, found=found, allowed=allowed, example=example))


def _required_example(model: type[BaseModel]) -> dict[str, object]:
    return {
        info.alias or name: info.examples[0]
        for name, info in model.model_fields.items()
        if info.examples and info.is_required()
    }
