"""`spreadmesh keys new`: who may call, and what (docs/access.md)."""

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
) -> None:
    """Make a key: print it once on stderr, and on stdout the line for the server's API_KEYS_FILE."""
    from mesh.access.keys import key_line, new_key

    key = new_key()
    try:
        line = key_line(name, role, key)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    typer.echo(
        f"The key, which nobody can show again; the caller sets SPREADMESH_API_KEY to it:\n{key}", err=True
    )
    typer.echo(line)
