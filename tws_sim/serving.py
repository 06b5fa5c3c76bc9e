"""The options that all markets are served with, and what serving one means."""

import asyncio
import dataclasses
import functools
import gc
import inspect
import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from tws_sim.account.account import START_CASH
from tws_sim.clock import RealClock
from tws_sim.control.cli import fail
from tws_sim.gateway import Settings
from tws_sim.market.market import Market
from tws_sim.orders import settings as order_settings
from tws_sim.persistence.file import StateError
from tws_sim.server import Addresses, serve

_PORTS = {"min": 0, "max": 65535}
_ORDERS_HELP = (
    "How the exchange behaves: ack-delay, fill-delay (seconds), mid-fills (a second), concession (0 to 1), "
    "seed, any-hour, most-live."
)


@dataclass(frozen=True)
class Serving:
    """Options of every command that serves a market."""

    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, typer.Option(**_PORTS, help="Port of the TWS protocol; 0 is any free one.")] = 7497
    control_port: Annotated[int, typer.Option(**_PORTS, help="Control port; 0 is any free one.")] = 0
    lines: Annotated[
        int, typer.Option(min=1, help="Market data lines over all clients (error 101 beyond).")
    ] = 100
    message_rate: Annotated[
        int, typer.Option(min=1, help="Messages a second per client (error 100 beyond).")
    ] = 50
    tick_interval: Annotated[
        float | None,
        typer.Option(min=0.0005, max=1.0, help="Seconds between two bursts of ticks; by the rate if absent."),
    ] = None
    read_only: Annotated[bool, typer.Option(help="Refuse orders with error 321.")] = False
    master_client: Annotated[
        int | None, typer.Option(min=0, help="Client id that hears of every client's orders.")
    ] = None
    orders: Annotated[str, typer.Option(metavar="NAME=VALUE,...", help=_ORDERS_HELP)] = ""
    cash: Annotated[float, typer.Option(min=0, help="USD the account begins with.")] = START_CASH
    state: Annotated[
        Path | None, typer.Option(help="File that orders and executions outlive the process in.")
    ] = None
    scenario: Annotated[
        Path | None, typer.Option(help="Faults to play: lines of JSON with at, name, options.")
    ] = None
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the addresses as one JSON line once ready.")
    ] = False

    def run(self, market: Market, clock: RealClock) -> None:
        """Serve the market until a signal ends it."""
        logging.basicConfig(
            level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr
        )
        from tws_sim.faults import scenario

        try:
            steps = scenario.read(self.scenario) if self.scenario else []
        except (OSError, ValueError) as problem:
            fail(f"--scenario: {problem}")
        settings = self._settings()
        where = Addresses(self.host, self.port, self.control_port)
        gc.freeze()  # modules and instruments stay: no ticks wait for a collection that looks at them all
        try:
            asyncio.run(serve(market, settings, clock, where, steps, state=self.state, as_json=self.as_json))
        except* StateError as problems:
            fail(f"--state: {_first(problems)}")
        except* OSError as problems:
            fail(f"cannot listen on {self.host}: {_first(problems)}")

    def _settings(self) -> Settings:
        try:
            orders = order_settings.parse(self.orders)
        except ValueError as problem:
            fail(f"--orders: {problem}")
        return Settings(
            lines=self.lines,
            message_rate=self.message_rate,
            tick_interval=self.tick_interval,
            read_only=self.read_only,
            master_client_id=self.master_client,
            orders=orders,
            cash=self.cash,
        )


def _first(problems: BaseExceptionGroup[BaseException]) -> BaseException:
    problem: BaseException = problems
    while isinstance(problem, BaseExceptionGroup):
        problem = problem.exceptions[0]
    return problem


def serves(make: Callable[..., tuple[Market, RealClock]]) -> Callable[..., None]:
    """A command that serves the market a function makes, with that function's options and the common ones."""
    common = [
        inspect.Parameter(one.name, inspect.Parameter.KEYWORD_ONLY, default=one.default, annotation=one.type)
        for one in dataclasses.fields(Serving)
    ]

    @functools.wraps(make)
    def command(**options: object) -> None:
        shared = {one.name: options.pop(one.name) for one in common}
        Serving(**shared).run(*make(**options))  # type: ignore[arg-type]  # the names are the fields'

    own = inspect.signature(make).parameters.values()
    command.__signature__ = inspect.Signature([*own, *common])  # type: ignore[attr-defined]  # read by typer
    command.__annotations__ = {one.name: one.annotation for one in [*own, *common]}
    return command
