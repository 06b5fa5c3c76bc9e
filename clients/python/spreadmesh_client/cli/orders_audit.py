"""`spreadmesh orders`: audit and back up the journal of orders, which ibkr_server writes."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated, NoReturn, TypeAlias

import typer

from spreadmesh_client.cli.options import StateDir

Journal: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--journal",
        metavar="FILE",
        help="The journal; it may be in use. Default: JOURNAL, or of the last mesh, or the user's.",
        show_default=False,
    ),
]

app = typer.Typer(
    help="The journal of orders: is it whole, and what happened to an order.",
    epilog="Example: spreadmesh orders audit my-order-1",
    no_args_is_help=True,
)


@app.command()
def audit(
    client_order_id: Annotated[
        str | None,
        typer.Argument(metavar="CLIENT_ORDER_ID", help="Tell the story of this order.", show_default=False),
    ] = None,
    *,
    journal: Journal = None,
    mark: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SEQUENCE:HASH", help="An entry that must be there, as an earlier audit gave it."
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON, an object in each line.")] = False,
    state_dir: StateDir = None,
) -> None:
    """Check every entry; status 1 where one was changed or is missing, which is named."""
    marks = [f"--mark={given}" for given in mark or ()]
    order = [] if client_order_id is None else ["--", client_order_id]
    _run("audit", journal or _of_last_mesh(state_dir), *marks, *(["--json"] if json else []), *order)


@app.command()
def backup(
    target: Annotated[Path, typer.Argument(metavar="TARGET", help="A new file.", show_default=False)],
    journal: Journal = None,
    state_dir: StateDir = None,
) -> None:
    """Copy the journal, also while it is written to, and check the copy."""
    _run("backup", journal or _of_last_mesh(state_dir), "--", str(target))


def _of_last_mesh(state_dir: Path | None) -> Path | None:
    """Of the mesh that was started here last; None leaves it to the environment, as for ibkr_server."""
    from spreadmesh_client.supervisor.state import latest_journal, state_folder

    return None if "JOURNAL" in os.environ else latest_journal(state_folder(state_dir))


def _run(name: str, journal: Path | None, *arguments: str) -> NoReturn:
    """Let ibkr_server's own command do it: clients import no server."""
    from spreadmesh_client.supervisor.errors import SupervisorError
    from spreadmesh_client.supervisor.packages import require_servers

    try:
        require_servers(["ibkr_server"])
    except SupervisorError as error:
        print(f"spreadmesh: {error}", file=sys.stderr)
        raise typer.Exit(1) from None
    file = [] if journal is None else [f"--journal={journal}"]
    command = [sys.executable, "-m", "ibkr_server.journal", name, *file, *arguments]
    raise typer.Exit(subprocess.run(command, check=False).returncode)  # noqa: S603 - no shell, our own module
