"""`spreadmesh orders`: audit and back up the journal of orders, which ibkr_server writes."""

import subprocess
import sys
from pathlib import Path
from typing import Annotated, NoReturn, TypeAlias

import typer

Journal: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--journal",
        metavar="FILE",
        help="The journal; it may be in use. Default: the one that ibkr_server would open here.",
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
) -> None:
    """Check every entry; status 1 where one was changed or is missing, which is named."""
    marks = [f"--mark={given}" for given in mark or ()]
    order = [] if client_order_id is None else ["--", client_order_id]
    _run("audit", journal, *marks, *(["--json"] if json else []), *order)


@app.command()
def backup(
    target: Annotated[Path, typer.Argument(metavar="TARGET", help="A new file.", show_default=False)],
    journal: Journal = None,
) -> None:
    """Copy the journal, also while it is written to, and check the copy."""
    _run("backup", journal, "--", str(target))


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
