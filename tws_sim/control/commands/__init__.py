"""Commands of the control port, one module each: ``run(gateway, request)``, under the module's name."""

import pkgutil
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any

from tws_sim.gateway import Gateway

Command = Callable[[Gateway, dict[str, Any]], Awaitable[dict[str, Any]]]


def load() -> dict[str, Command]:
    """Every command by its name."""
    names = [module.name for module in pkgutil.iter_modules(__path__)]
    return {name: import_module(f"{__name__}.{name}").run for name in names}
