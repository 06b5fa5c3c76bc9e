"""The command that records."""

import asyncio
import json
import logging
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from tws_sim.clock import RealClock
from tws_sim.control.cli import fail
from tws_sim.recording.file import RecordingWriter
from tws_sim.recording.proxy import Proxy
from tws_sim.recording.redaction import Redaction

app = typer.Typer()


@app.command()
def record(
    *,
    upstream: Annotated[str, typer.Option(help="HOST:PORT of the gateway to record.")],
    out: Annotated[Path, typer.Option(help="The file to write; it must not exist.")],
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port for clients; 0 is any free one.")] = 7497,
    redact: Annotated[bool, typer.Option(help="Replace account ids and order references.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print the address as one JSON line.")] = False,
) -> None:
    """A proxy to a gateway that writes down both directions, for replay-recording."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    upstream_host, _, upstream_port = upstream.rpartition(":")
    if not upstream_port.isdecimal():
        fail(f"--upstream {upstream!r} is no HOST:PORT")
    gateway = upstream_host or "127.0.0.1", int(upstream_port)
    try:
        file = out.open("xb")
    except OSError as problem:
        fail(f"--out: {problem}")
    with file:
        writer = RecordingWriter(file, datetime.now(UTC), redacted=redact)
        proxy = Proxy(gateway, writer, RealClock(), Redaction() if redact else None)
        try:
            asyncio.run(_serve(proxy, host, port, as_json=as_json))
        except* OSError as problems:
            fail(problems.exceptions[0])


async def _serve(proxy: Proxy, host: str, port: int, *, as_json: bool) -> None:
    """Record until SIGINT or SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with proxy.listening(host, port) as address:
        sys.stdout.write((json.dumps({"tws": address}) if as_json else f"Recording at {address}") + "\n")
        sys.stdout.flush()
        await stop.wait()
