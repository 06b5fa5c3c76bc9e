"""Running one command: the event loop, telemetry, and errors as one line."""

import asyncio
import json
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Final, NoReturn

import grpc
import typer
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest, PreconditionFailure

from mesh.errors import MeshError
from mesh.settings import SettingsError, TelemetrySettings
from mesh.telemetry.start import Telemetry, start_telemetry
from spreadmesh_client.cli.addresses import find_addresses
from spreadmesh_client.cli.unreachable import why_unreachable
from spreadmesh_client.orders.errors import LeaseLostError, OutcomeUnknownError
from spreadmesh_client.supervisor.errors import SupervisorError

# Beside 0 for done, 1 for an error, 2 for bad usage and 130 for Ctrl-C: docs/client.md.
EXIT_REFUSED: Final = 3
EXIT_UNFILLED: Final = 4
EXIT_OPEN: Final = 5


def failed(_error: MeshError) -> int:
    """The exit status of an error, for most commands."""
    return 1


def failed_order(error: MeshError) -> int:
    """The exit status of an error, for commands about orders."""
    if isinstance(error, OutcomeUnknownError | LeaseLostError):
        return EXIT_OPEN
    return EXIT_REFUSED if error.code is grpc.StatusCode.FAILED_PRECONDITION else 1


def run(
    command: Coroutine[Any, Any, None],
    trace_dir: Path | None = None,
    *,
    ends_by_ctrl_c: bool = False,
    status: Callable[[MeshError], int] = failed,
) -> None:
    """Run a command to its end.

    Args:
        command: What to do.
        trace_dir: Where its spans go, unless the environment says otherwise.
        ends_by_ctrl_c: Ctrl-C is the normal end (status 0) and not an interruption (status 130).
        status: Exit status of an error.
    """
    try:
        with client_telemetry(trace_dir):
            asyncio.run(command)
    except MeshError as error:
        _fail(describe(error), status(error))
    except SupervisorError as error:
        _fail(str(error))
    except SettingsError as error:
        _fail(str(error), 2)
    except KeyboardInterrupt:
        raise typer.Exit(0 if ends_by_ctrl_c else 130) from None


def ask_scanner(
    call: Callable[[str], Coroutine[Any, Any, None]], scan: str | None, state_dir: Path | None
) -> None:
    """Run a command that needs nothing but the address of scanner_server, which the options may give."""
    found = find_addresses(None, scan, state_dir)
    run(call(found.scan), found.trace_dir)


def ask_desk(
    call: Callable[[str], Coroutine[Any, Any, None]],
    market: str | None,
    state_dir: Path | None,
    *,
    watch: bool = False,
    seconds: float | None = None,
) -> None:
    """Run a command that needs nothing but the address of ibkr_server, which the options may give.

    With `watch`, it lasts until Ctrl-C or for so many seconds.
    """
    found = find_addresses(market, None, state_dir)
    if watch:
        watching = lasting(call(found.market), seconds)
        run(watching, found.trace_dir, ends_by_ctrl_c=True, status=failed_order)
    else:
        run(call(found.market), found.trace_dir, status=failed_order)


async def lasting(watching: Coroutine[Any, Any, None], seconds: float | None) -> None:
    """Run what never ends by itself for so long; None: until cancelled."""
    try:
        async with asyncio.timeout(seconds) as scope:
            await watching
    except TimeoutError:
        if not scope.expired():
            raise


def client_telemetry(trace_dir: Path | None) -> Telemetry:
    """Spans of this process go to `trace_dir`, unless the environment says otherwise."""
    settings = TelemetrySettings.load_or_exit()
    if settings.spreadmesh_trace_dir is None:
        settings = settings.model_copy(update={"spreadmesh_trace_dir": trace_dir})
    return start_telemetry("spreadmesh", settings)


def describe(error: MeshError) -> str:
    """An error in one line that names the fields at fault; several limits against it have a line each."""
    for detail in error.details:
        if isinstance(detail, PreconditionFailure) and detail.violations:
            limits = [f"{each.type}: {each.description}" for each in detail.violations]
            return f"refused: {limits[0]}" if len(limits) == 1 else "\n  ".join(["refused:", *limits])
        if isinstance(detail, BadRequest) and detail.field_violations:
            return "; ".join(
                f"{violation.field}: {violation.description}" if violation.field else violation.description
                for violation in detail.field_violations
            )
    if error.code is grpc.StatusCode.UNAVAILABLE and (reason := why_unreachable(error.message)) is not None:
        return reason
    message = " ".join(error.message.split())
    return f"{error.code.name.lower().replace('_', ' ')}: {message}"


def print_json(message: Message, *, one_line: bool = False) -> None:
    """Print protobuf JSON with the names of the contract; zeros are printed too."""
    print_dict(as_dict(message), one_line=one_line)


def as_dict(message: Message) -> dict[str, Any]:
    """A message as `print_json` prints it."""
    return MessageToDict(message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True)


def print_dict(content: dict[str, Any], *, one_line: bool = False) -> None:
    """Print a JSON object."""
    print(json.dumps(content, indent=None if one_line else 2), flush=True)


def _fail(message: str, status: int = 1) -> NoReturn:
    print(f"spreadmesh: {message}", file=sys.stderr)
    raise typer.Exit(status) from None
