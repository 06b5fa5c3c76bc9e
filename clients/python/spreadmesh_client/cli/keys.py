"""`spreadmesh keys new`: who may call, and what (docs/access.md)."""

import os
from pathlib import Path
from typing import Annotated

import typer

from mesh.access.roles import Role, parse_role

app = typer.Typer(
    help="API keys of callers.",
    epilog="Example: spreadmesh keys new desk-1 --role trader",
    no_args_is_help=True,
)


def to_role(text: str) -> Role:
    """A role by its name.

    Raises:
        typer.BadParameter: It names none.
    """
    try:
        return parse_role(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


@app.callback()
def _keys() -> None:
    """API keys of callers."""


@app.command()
def new(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Of the caller, which its orders are kept under.")
    ],
    *,
    role: Annotated[
        Role,
        typer.Option(
            parser=to_role,
            metavar="|".join(role.name.lower() for role in Role),
            help="What the caller may do at most.",
        ),
    ],
    keys_file: Annotated[
        Path | None, typer.Option(help="Add the line to this file, which the server reads.")
    ] = None,
    key_file: Annotated[
        Path | None, typer.Option(help="Put the key into this file; where it is there, make none.")
    ] = None,
) -> None:
    """Make a key: print it once on stderr, and on stdout the line for the server's API_KEYS_FILE."""
    from mesh.access.keys import key_line, new_key

    key = new_key()
    try:
        line = key_line(name, role, key)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    if key_file is not None and key_file.exists():
        typer.echo(f"{key_file} holds a key already", err=True)
        return
    # The line first: a key without its line would never be let in, and never be made anew.
    if keys_file is None:
        typer.echo(line)
    else:
        _write(keys_file, os.O_APPEND, line)
    if key_file is None:
        typer.echo(
            "The key, which nobody can show again; the caller sets SPREADMESH_API_KEY to it:\n" + key,
            err=True,
        )
    else:
        _write(key_file, os.O_EXCL, key)


def _write(path: Path, flag: int, line: str) -> None:
    """Write a line for the eyes of this user alone.

    Raises:
        typer.BadParameter: The file can't be written.
    """
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | flag, 0o600), "w") as file:
            file.write(line + "\n")
    except OSError as error:
        raise typer.BadParameter(f"{path} can't be written: {error.strerror}") from None
