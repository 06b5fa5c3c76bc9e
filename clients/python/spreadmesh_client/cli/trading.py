"""`spreadmesh positions`, `account`, `halt`, `resume`, `cancel-all`."""

from typing import Annotated

import typer

from spreadmesh_client.cli.options import Json, Market, StateDir, Timeout, Watch, WatchSeconds


def positions(
    market: Market = None,
    timeout: Timeout = 10,
    watch: Watch = False,
    seconds: WatchSeconds = None,
    json: Json = False,
    state_dir: StateDir = None,
) -> None:
    """Show what the accounts hold."""
    from spreadmesh_client.cli.account import show_positions, watch_positions
    from spreadmesh_client.cli.run import ask_desk

    call = watch_positions if watch else show_positions
    ask_desk(
        lambda address: call(address, timeout, as_json=json), market, state_dir, watch=watch, seconds=seconds
    )


def account(
    name: Annotated[str, typer.Argument(metavar="ACCOUNT", help="IB's account. Default: the only one.")] = "",
    *,
    market: Market = None,
    timeout: Timeout = 10,
    watch: Watch = False,
    seconds: WatchSeconds = None,
    json: Json = False,
    state_dir: StateDir = None,
) -> None:
    """Show values and profit of an account."""
    from spreadmesh_client.cli.account import show_account, watch_account
    from spreadmesh_client.cli.run import ask_desk

    call = watch_account if watch else show_account
    ask_desk(
        lambda address: call(address, name, timeout, as_json=json),
        market,
        state_dir,
        watch=watch,
        seconds=seconds,
    )


def halt(
    reason: Annotated[str, typer.Argument(metavar="REASON", help="Why, for whoever looks at it later.")],
    *,
    cancel_orders: Annotated[
        bool, typer.Option("--cancel-orders", help="Also cancel every order that the server has placed.")
    ] = False,
    market: Market = None,
    timeout: Timeout = 10,
    json: Json = False,
    state_dir: StateDir = None,
) -> None:
    """Let no new or changed order leave, also after a restart, until `spreadmesh resume`."""
    from spreadmesh_client.cli.halting import halt_trading
    from spreadmesh_client.cli.run import ask_desk

    ask_desk(
        lambda address: halt_trading(address, reason, timeout, cancel_orders=cancel_orders, as_json=json),
        market,
        state_dir,
    )


def resume(
    reason: Annotated[
        str, typer.Argument(metavar="REASON", help="Why, for whoever looks at it later.")
    ] = "resumed by hand",
    *,
    market: Market = None,
    timeout: Timeout = 10,
    json: Json = False,
    state_dir: StateDir = None,
) -> None:
    """End the halt, and show whether orders can be placed."""
    from spreadmesh_client.cli.halting import resume_trading
    from spreadmesh_client.cli.run import ask_desk

    ask_desk(lambda address: resume_trading(address, reason, timeout, as_json=json), market, state_dir)


def cancel_all(
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
    market: Market = None,
    timeout: Timeout = 10,
    state_dir: StateDir = None,
) -> None:
    """Cancel every order of the login, people's and other programs' too. Only after `spreadmesh halt`."""
    from spreadmesh_client.cli.halting import cancel_everybodys
    from spreadmesh_client.cli.run import ask_desk

    if not yes:
        typer.confirm("Cancel the orders of everybody, people and other programs included?", abort=True)
    ask_desk(lambda address: cancel_everybodys(address, timeout), market, state_dir)
