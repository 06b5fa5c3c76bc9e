"""Options that several commands share."""

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

Json: TypeAlias = Annotated[bool, typer.Option("--json", help="Print protobuf JSON instead of a table.")]
Watch: TypeAlias = Annotated[bool, typer.Option("--watch", help="Keep the table up to date until Ctrl-C.")]
WatchSeconds: TypeAlias = Annotated[
    float | None, typer.Option("--seconds", min=0, help="With --watch: end after this long.")
]
Timeout: TypeAlias = Annotated[
    float, typer.Option("--timeout", min=0.1, metavar="SECONDS", help="Deadline of the call.")
]
Market: TypeAlias = Annotated[
    str | None,
    typer.Option(envvar="SPREADMESH_MARKET", metavar="HOST:PORT", help="Address of ibkr_server."),
]
Scan: TypeAlias = Annotated[
    str | None,
    typer.Option(envvar="SPREADMESH_SCAN", metavar="HOST:PORT", help="Address of scanner_server."),
]
StateDir: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        envvar="SPREADMESH_STATE_DIR",
        metavar="DIR",
        help="Folder for addresses, logs and traces. Default: a per-user cache folder.",
        show_default=False,
    ),
]
