"""Loads the modules of pulumi_aws one by one, each when a name of it is first asked for.

pulumi_aws loads a service with the first name that is asked of it, but then whole: 182 modules for one subnet. Its own code stays
as it is: this is an import hook in front of the `__init__` of each service, which imports its modules and does nothing else (one
that does more is executed as it stands), and takes each when it is needed. ADR 25 has the figures.
"""

from __future__ import annotations

import importlib
import re
import sys
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_SDK = "pulumi_aws"
_INPUTS = "_inputs"

_IMPORT = re.compile(r"from \.(?P<names_of>\w+) import \*|from \. import (?P<module>\w+)")
_WITHOUT_EFFECT = re.compile(r"|#.*|import builtins as _builtins|import typing|from \.\. import _utilities")
_WORD_STARTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def load_when_asked_for() -> None:
    """From now on. Has to come before the first import of pulumi_aws; once is enough."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


class _Finder:
    """Finds the services of the SDK; leaves everything else to the finders after it."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname.rpartition(".")[0] != _SDK:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None or not spec.submodule_search_locations or not isinstance(spec.loader, SourceFileLoader):
            return None
        spec.loader = _ServiceLoader(fullname, spec.loader.path)
        return spec


class _ServiceLoader(SourceFileLoader):
    def exec_module(self, module: ModuleType) -> None:
        modules = imports(self.get_data(self.path).decode())
        if modules is None:
            super().exec_module(module)
        else:
            module.__class__ = _Service
            module.__dict__["_modules"] = modules


def imports(text: str) -> dict[str, bool] | None:
    """The modules that an `__init__` imports, and whether it takes all of their names; None if it does anything else."""
    modules: dict[str, bool] = {}
    for line in text.splitlines():
        if found := _IMPORT.fullmatch(line):
            modules[found["names_of"] or found["module"]] = found["module"] is None
        elif not _WITHOUT_EFFECT.fullmatch(line):
            return None
    return modules


class _Service(ModuleType):
    """A service whose `__init__` is executed bit by bit, for each of its modules."""

    _modules: dict[str, bool]

    def __getattr__(self, name: str) -> object:
        if name == "__all__":  # asked for by a star import, which then takes what is there
            self._load(*self._modules)
        elif self._modules.get(name) is False:
            return importlib.import_module(f"{self.__name__}.{name}")
        elif not name.startswith("__"):
            for modules in (*([module] for module in self._likely(name)), self._modules):
                self._load(*modules)
                if name in self.__dict__:
                    return self.__dict__[name]
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")

    def __setattr__(self, name: str, value: object) -> None:
        """A module that was imported becomes an attribute of its package; names taken from it go over that."""
        super().__setattr__(name, value)
        if isinstance(value, ModuleType):
            self._take_names(name, value)

    def __dir__(self) -> list[str]:
        self._load(*self._modules)
        return sorted(self.__dict__)

    def _likely(self, name: str) -> list[str]:
        """Where the generator puts a name: `SecurityGroupArgs` beside `SecurityGroup`, in security_group; other inputs together."""
        whole, beside = (_WORD_STARTS.sub("_", word).lower() for word in (name, re.sub("(Args|Result)$", "", name)))
        return [module for module in dict.fromkeys((whole, beside, _INPUTS)) if module in self._modules]

    def _load(self, *modules: str) -> None:
        for module in modules:
            self._take_names(module, importlib.import_module(f"{self.__name__}.{module}"))

    def _take_names(self, name: str, module: ModuleType) -> None:
        if self._modules.get(name):
            self.__dict__.update((each, getattr(module, each)) for each in module.__all__)
