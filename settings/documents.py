"""The documents of a stage's configuration, validated by models; every problem found is kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from policies.resources.json_text import read_json
from settings.explained import example_of, explain
from settings.origins import CATALOGUE, Origin, Written
from settings.problems import Problem, put, shown

M = TypeVar("M", bound=BaseModel)


class Documents:
    """Configuration by full key (`project:key`), as strings or JSON documents."""

    def __init__(self, values: Mapping[str, object], project: str, stage_file: str, written: Written) -> None:
        self._values = values
        self._project = project
        self.stage_file = stage_file
        self.written = written
        self.problems: list[Problem] = []

    def whole(self, key: str, *inside: str) -> Callable[[object], str]:
        """The example for a whole document, or for what one has under a name: as it is written in its file."""
        if inside:
            return lambda value: put(**{inside[-1]: value})
        if self.written.at(key).file == CATALOGUE:
            return lambda value: put(**{key: {"value": value}})
        return lambda value: put(**{f"{self._project}:{key}": value})

    def document(self, key: str) -> object:
        """The value of a key as parsed JSON; None where it is absent."""
        value = self._values.get(f"{self._project}:{key}")
        if not isinstance(value, str):
            return value
        try:
            return read_json(value)
        except ValueError:
            return value

    def model(self, key: str, model: type[M], default: M | None = None) -> M | None:
        document = self.document(key)
        if document is None:
            if default is None:
                self.add(
                    self.written.at(key),
                    "nothing",
                    f"required: {(model.__doc__ or '').splitlines()[0]}",
                    self.whole(key)(example_of(model)),
                )
            return default
        return self.validated((key,), model, document)

    def validated(self, key: tuple[str, ...], model: type[M], document: object) -> M | None:
        """The model of a document, or of what one has under a name: key is the way there."""
        try:
            return model.model_validate_json(json.dumps(document))
        except ValidationError as error:
            self.problems += explain(
                error,
                at=lambda *inside: self.written.at(*key, *inside),
                whole=self.whole(*key),
                model=model,
                document=document,
            )
            return None

    def mapping(self, key: str) -> dict[str, object]:
        document = self.document(key)
        if document is None:
            return {}
        if isinstance(document, dict):
            return {str(name): {} if entry is None else entry for name, entry in document.items()}
        self.add(self.written.at(key), shown(document), "a mapping from names to their settings", self.whole(key)({}))
        return {}

    def service_names(self) -> tuple[str, ...]:
        document = self.document("services")
        return tuple(str(name) for name in document) if isinstance(document, dict) else ()

    def add(self, at: Origin, found: str, allowed: str, example: str) -> None:
        """Keep one more problem."""
        self.problems.append(Problem(at=at, found=found, allowed=allowed, example=example))
