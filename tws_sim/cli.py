"""The command line: one command per market, and those of :mod:`tws_sim.control.cli`."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tws_sim.clock import RealClock
from tws_sim.control.cli import app as control_app
from tws_sim.control.cli import fail
from tws_sim.market.market import Market
from tws_sim.recording.cli import app as recording_app
from tws_sim.serving import serves

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


@app.command()
@serves
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
    start: Annotated[
        datetime | None, typer.Option(help="Market time at the start, New York; now if absent.")
    ] = None,
    liveliness: Annotated[
        float, typer.Option(min=0.0, max=1e5, help="How much faster than life prices move.")
    ] = 1,
) -> tuple[Market, RealClock]:
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
    return market, clock


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
@serves
def replay(
    *,
    data: Annotated[Path, typer.Option(help="A data folder in LEAN's layout.")],
    symbol: Annotated[str, typer.Option(help="The underlying.")],
    date: Annotated[datetime, typer.Option(formats=["%Y-%m-%d", "%Y%m%d"], help="The day.")],
    start: Annotated[str, typer.Option(help="New York time of the first instant, HH:MM.")] = "09:30",
    speed: Annotated[float, typer.Option(help="Market seconds per second.")] = 1,
) -> tuple[Market, RealClock]:
    """A recorded day from its minute bars."""
    from tws_sim.market.replay.lean import ReplayError
    from tws_sim.market.replay.market import load

    clock = RealClock()
    try:
        market = load(data, symbol, date.date(), start=start, speed=speed, clock=clock)
    except ReplayError as problem:
        fail(problem)
    return market, clock


@app.command()
@serves
def replay_recording(
    *,
    file: Annotated[Path, typer.Argument(help="A file written by record.")],
    speed: Annotated[float, typer.Option(min=0.01, max=3600, help="Market seconds per second.")] = 1,
) -> tuple[Market, RealClock]:
    """A recorded session: its contracts, and its ticks at their times."""
    from tws_sim.recording.file import RecordingError
    from tws_sim.recording.market import load

    clock = RealClock()
    try:
        market = load(file, speed=speed, clock=clock)
    except (OSError, RecordingError) as problem:
        fail(problem)
    return market, clock
