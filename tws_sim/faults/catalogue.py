"""Every fault by its name, which is its file's, and its parameters."""

import inspect
import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any

from pydantic import ValidationError

from tws_sim.faults.fault import Fault, FaultError

_FOLDERS = ("sockets", "link", "data", "broker")


@cache
def load() -> dict[str, type[Fault]]:
    """Classes by name, in the order of their folders."""
    found: dict[str, type[Fault]] = {}
    for folder in _FOLDERS:
        package = import_module(f"tws_sim.faults.{folder}")
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            kind = _fault_in(module.name)
            found[_name(kind)] = kind
    return found


def _fault_in(module_name: str) -> type[Fault]:
    for _, kind in inspect.getmembers(import_module(module_name), inspect.isclass):
        if issubclass(kind, Fault) and kind.__module__ == module_name:
            return kind
    raise ImportError(f"{module_name} has no fault")


def _name(kind: type[Fault]) -> str:
    return kind.__module__.rpartition(".")[2].replace("_", "-")


def name_of(fault: Fault) -> str:
    """The name of a fault."""
    return _name(type(fault))


def build(name: str, options: Mapping[str, object]) -> Fault:
    """A fault out of its name and its parameters; texts are read as what the parameters are.

    Raises:
        FaultError: names what is unknown, missing or wrong.
    """
    kind = load().get(name)
    if kind is None:
        raise FaultError(f"unknown fault {name!r}; known are {', '.join(load())}")
    try:
        return kind.model_validate({key.replace("-", "_"): value for key, value in options.items()})
    except ValidationError as problem:
        raise FaultError(f"{name}: {'; '.join(_sentences(kind, problem))}") from None


def _sentences(kind: type[Fault], problem: ValidationError) -> list[str]:
    known = ", ".join(_shown(field) for field in kind.model_fields)
    sentences = []
    for error in problem.errors():
        where = _shown(str(error["loc"][0])) if error["loc"] else "parameters"
        if error["type"] == "extra_forbidden":
            sentences.append(f"unknown parameter {where!r}; known are {known}")
        else:
            sentences.append(f"{where}: {error['msg'].removeprefix('Value error, ')}")
    return sentences


def _shown(field: str) -> str:
    return field.replace("_", "-")


def describe() -> list[dict[str, Any]]:
    """Name, what it does, and the parameters of every fault, each with its default and meaning."""
    return [
        {
            "name": name,
            "does": (inspect.getdoc(kind) or "").partition("\n\n")[0].replace("\n", " "),
            "parameters": {
                _shown(field): {
                    "required": info.is_required(),
                    "default": None if info.is_required() else info.default,
                    "meaning": info.description or "",
                }
                for field, info in kind.model_fields.items()
            },
        }
        for name, kind in load().items()
    ]
