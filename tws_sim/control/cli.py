"""Commands for a running simulator: its counters, its faults, its orders."""

import json
import sys
from collections.abc import Sequence
from typing import Annotated, NoReturn

import typer

Control = Annotated[str, typer.Option(help="HOST:PORT of a running simulator's control port.")]

app = typer.Typer()


def fail(problem: object) -> NoReturn:
    """End with code 2 and one sentence."""
    sys.stderr.write(f"error: {problem}\n")
    raise typer.Exit(2)


def _ask(control: str, **request: object) -> None:
    """Print the answer as JSON; an error as a sentence."""
    from tws_sim.control.client import ask

    try:
        found = ask(control, **request)
    except (OSError, ValueError) as problem:
        fail(f"--control {control}: {problem}")
    if "error" in found:
        fail(found["error"])
    sys.stdout.write(json.dumps(found) + "\n")


@app.command()
def counters(control: Control) -> None:
    """Print the counters of a running simulator as JSON."""
    _ask(control, command="counters")


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def fault(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The fault; `faults` lists them.")],
    control: Control,
) -> None:
    """Start a fault; its parameters are options, `faults` lists them."""
    _ask(control, command="fault", name=name, options=_options(context.args))


@app.command()
def orders(control: Control) -> None:
    """Print the live orders of a running simulator as JSON."""
    _ask(control, command="orders")


@app.command()
def ledger(control: Control) -> None:
    """Print every order with its history, and every execution, as JSON."""
    _ask(control, command="ledger")


@app.command()
def account(control: Control) -> None:
    """Print what the account holds and is worth, as JSON."""
    _ask(control, command="account")


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def order(
    context: typer.Context,
    do: Annotated[str, typer.Argument(help="place, modify or cancel.")],
    control: Control,
) -> None:
    """Enter an order by hand, or change or cancel any; the parameters are those of docs/tws-sim.md."""
    given = {name.replace("-", "_"): value for name, value in _options(context.args).items()}
    _ask(control, command="order", do=do, **given)


def _options(words: Sequence[str]) -> dict[str, str]:
    """``--name value`` and ``--name=value`` as a dictionary."""
    options: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        name, equals, value = word.removeprefix("--").partition("=")
        if not word.startswith("--") or not name:
            fail(f"{word!r} is no parameter; write --name value")
        if not equals and (value := next(rest, "")) == "":
            fail(f"{word} has no value")
        if name in options:
            fail(f"{word} is given twice")
        options[name] = value
    return options


@app.command()
def lift(
    control: Control,
    name: Annotated[str | None, typer.Argument(help="Faults of this name; all if absent.")] = None,
) -> None:
    """End faults that are in effect."""
    _ask(control, command="lift", **({} if name is None else {"name": name}))


@app.command()
def faults(
    control: Annotated[str | None, typer.Option(help="HOST:PORT: those in effect there, as JSON.")] = None,
) -> None:
    """List every fault with its parameters."""
    from tws_sim.faults.catalogue import describe

    if control is not None:
        _ask(control, command="faults")
        return
    for entry in describe():
        sys.stdout.write(f"{entry['name']}\n    {entry['does']}\n")
        for name, parameter in entry["parameters"].items():
            default = "required" if parameter["required"] else f"default {parameter['default']}"
            shown = default if parameter["default"] is not None or parameter["required"] else "optional"
            sys.stdout.write(f"      --{name} ({shown}): {parameter['meaning']}\n")
