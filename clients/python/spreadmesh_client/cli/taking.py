"""Options that several commands share, without writing them again in each."""

from collections.abc import Callable
from functools import wraps
from inspect import Parameter, signature
from typing import Any


def takes(parameter: str, build: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command the options of `build` in place of one parameter, which gets what that makes of them."""
    shared = signature(build).parameters

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        own = [each for name, each in signature(command).parameters.items() if name != parameter]

        @wraps(command)
        def taking(*arguments: Any, **options: Any) -> Any:
            given = {name: options.pop(name) for name in shared}
            return command(*arguments, **{parameter: build(**given)}, **options)

        named = [each for each in own if each.kind is not Parameter.KEYWORD_ONLY]
        ordered = [*named, *shared.values(), *own[len(named) :]]
        taking.__signature__ = signature(command).replace(parameters=ordered)  # type: ignore[attr-defined] # read by inspect
        taking.__annotations__ = {each.name: each.annotation for each in ordered}
        return taking

    return decorate
