"""The command line: one command per market, and those of :mod:`tws_sim.control.cli`."""

import asyncio
import gc
import logging
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tws_sim.clock import RealClock
from tws_sim.control.cli import app as control_app
from tws_sim.control.cli import fail
from tws_sim.gateway import Settings
from tws_sim.market.market import Market
from tws_sim.recording.cli import app as recording_app
from tws_sim.server import Addresses, serve

if TYPE_CHECKING:
    from tws_sim.market.synthetic.universe import Crowd

MOST_UNDERLYINGS, MOST_OPTIONS = 500, 10_000

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="A simulator of the TWS / IB Gateway socket protocol.",
)

app.add_typer(control_app)
app.add_typer(recording_app)

Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="Port of the TWS protocol; 0 is any free one.")]
ControlPort = Annotated[int, typer.Option(min=0, max=65535, help="Control port; 0 is any free one.")]
Lines = Annotated[int, typer.Option(min=1, help="Market data lines over all clients (error 101 beyond).")]
Rate = Annotated[int, typer.Option(min=1, help="Messages a second per client (error 100 beyond).")]
Scenario = Annotated[Path | None, typer.Option(help="Faults to play: lines of JSON with at, name, options.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the addresses as one JSON line once ready.")]


def _first(problems: BaseExceptionGroup[OSError]) -> BaseException:
    problem: BaseException = problems
    while isinstance(problem, BaseExceptionGroup):
        problem = problem.exceptions[0]
    return problem


@dataclass(frozen=True)
class Common:
    """Options both markets share."""

    host: str
    port: int
    control_port: int
    lines: int
    message_rate: int
    scenario: Path | None
    as_json: bool
    tick_interval: float | None = None

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
        settings = Settings(
            lines=self.lines, message_rate=self.message_rate, tick_interval=self.tick_interval
        )
        where = Addresses(self.host, self.port, self.control_port)
        gc.freeze()  # modules and instruments stay: no ticks wait for a collection that looks at them all
        try:
            asyncio.run(serve(market, settings, clock, where, steps, as_json=self.as_json))
        except* OSError as problems:
            fail(f"cannot listen on {self.host}: {_first(problems)}")


@app.command()
def synthetic(
    *,
    symbols: Annotated[str, typer.Option(help="Underlyings, separated by commas.")] = "SPY,AAPL,MSFT",
    crowd: Annotated[
        str | None,
        typer.Option(metavar="50x2000", help="Also so many underlyings, U001 on, of so many options each."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="One seed, one market.")] = 1,
    ticks_per_second: Annotated[
        float, typer.Option(min=0.0, max=1e6, help="Ticks over all subscribed options.")
    ] = 500,
    tick_interval: Annotated[
        float | None,
        typer.Option(min=0.0005, max=1.0, help="Seconds between two bursts of them; by the rate if absent."),
    ] = None,
    start: Annotated[
        datetime | None, typer.Option(help="Market time at the start, New York; now if absent.")
    ] = None,
    liveliness: Annotated[
        float, typer.Option(min=0.0, max=1e5, help="How much faster than life prices move.")
    ] = 1,
    host: Host = "127.0.0.1",
    port: Port = 7497,
    control_port: ControlPort = 0,
    lines: Lines = 100,
    message_rate: Rate = 50,
    scenario: Scenario = None,
    as_json: AsJson = False,
) -> None:
    """A seeded market that moves and holds no static arbitrage."""
    from tws_sim.market.calendar import NEW_YORK
    from tws_sim.market.synthetic.market import SyntheticMarket
    from tws_sim.market.synthetic.universe import NOBODY

    names = [name.strip().upper() for name in symbols.split(",") if name.strip()]
    if not names or not all(name.isalnum() and len(name) <= 6 for name in names):
        fail(f"--symbols: {symbols!r} is no list of symbols")
    clock = RealClock()
    opened = start.replace(tzinfo=NEW_YORK) if start else datetime.now(NEW_YORK)
    market = SyntheticMarket(
        names,
        seed,
        clock,
        opened,
        ticks_per_second=ticks_per_second,
        liveliness=liveliness,
        crowd=_crowd(crowd) if crowd else NOBODY,
    )
    common = Common(host, port, control_port, lines, message_rate, scenario, as_json, tick_interval)
    common.run(market, clock)


def _crowd(text: str) -> "Crowd":
    from tws_sim.market.synthetic.universe import Crowd

    underlyings, _, options = text.partition("x")
    if not underlyings.isdecimal() or not options.isdecimal():
        fail(f"--crowd: {text!r} is not of the form 50x2000")
    crowd = Crowd(int(underlyings), int(options))
    if not (1 <= crowd.underlyings <= MOST_UNDERLYINGS and 1 <= crowd.options <= MOST_OPTIONS):
        fail(f"--crowd: {text!r} is beyond {MOST_UNDERLYINGS}x{MOST_OPTIONS}")
    return crowd


@app.command()
def replay(
    *,
    data: Annotated[Path, typer.Option(help="A data folder in LEAN's layout.")],
    symbol: Annotated[str, typer.Option(help="The underlying.")],
    date: Annotated[datetime, typer.Option(formats=["%Y-%m-%d", "%Y%m%d"], help="The day.")],
    start: Annotated[str, typer.Option(help="New York time of the first instant, HH:MM.")] = "09:30",
    speed: Annotated[float, typer.Option(help="Market seconds per second.")] = 1,
    host: Host = "127.0.0.1",
    port: Port = 7497,
    control_port: ControlPort = 0,
    lines: Lines = 100,
    message_rate: Rate = 50,
    scenario: Scenario = None,
    as_json: AsJson = False,
) -> None:
    """A recorded day from its minute bars."""
    from tws_sim.market.replay.lean import ReplayError
    from tws_sim.market.replay.market import load

    clock = RealClock()
    try:
        market = load(data, symbol, date.date(), start=start, speed=speed, clock=clock)
    except ReplayError as problem:
        fail(problem)
    Common(host, port, control_port, lines, message_rate, scenario, as_json).run(market, clock)


@app.command()
def replay_recording(
    *,
    file: Annotated[Path, typer.Argument(help="A file written by record.")],
    speed: Annotated[float, typer.Option(min=0.01, max=3600, help="Market seconds per second.")] = 1,
    host: Host = "127.0.0.1",
    port: Port = 7497,
    control_port: ControlPort = 0,
    lines: Lines = 100,
    message_rate: Rate = 50,
    scenario: Scenario = None,
    as_json: AsJson = False,
) -> None:
    """A recorded session: its contracts, and its ticks at their times."""
    from tws_sim.recording.file import RecordingError
    from tws_sim.recording.market import load

    clock = RealClock()
    try:
        market = load(file, speed=speed, clock=clock)
    except (OSError, RecordingError) as problem:
        fail(problem)
    Common(host, port, control_port, lines, message_rate, scenario, as_json).run(market, clock)
