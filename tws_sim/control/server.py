"""Serving the control port."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tws_sim.control.commands import Command, load
from tws_sim.gateway import Gateway

log = logging.getLogger(__name__)

LINE_LIMIT = 64 * 1024
_IDLE_SECONDS = 600.0
_WRITE_SECONDS = 10.0


def respond(gateway: Gateway, commands: dict[str, Command], line: bytes) -> dict[str, Any]:
    """The answer to one line; ``{"error": ...}`` where it is no known command."""
    try:
        request = json.loads(line)
    except ValueError as problem:
        return {"error": f"no JSON: {problem}"}
    if not isinstance(request, dict) or not isinstance(request.get("command"), str):
        return {"error": 'a request is an object with a "command"'}
    command = commands.get(request["command"])
    if command is None:
        return {"error": f"unknown command {request['command']!r}", "commands": sorted(commands)}
    try:
        return command(gateway, request)
    except (KeyError, TypeError, ValueError) as problem:
        return {"error": f"{request['command']}: {problem}"}


@asynccontextmanager
async def control_port(gateway: Gateway, host: str, port: int) -> AsyncIterator[str]:
    """Answer one JSON line with another; yields ``host:port``. Every connection ends with the block."""
    commands = load()
    connections: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine runs in a task
        connections.add(task)
        try:
            await _converse(gateway, commands, reader, writer)
        finally:
            connections.discard(task)

    server = await asyncio.start_server(accept, host, port, limit=LINE_LIMIT)
    try:
        yield "{}:{}".format(*server.sockets[0].getsockname()[:2])
    finally:
        server.close()
        ending = list(connections)
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)


async def _converse(
    gateway: Gateway,
    commands: dict[str, Command],
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> None:
    """Serve one peer until it leaves or is idle for too long."""
    try:
        while line := await asyncio.wait_for(reader.readline(), _IDLE_SECONDS):
            answer = respond(gateway, commands, line)
            writer.write(json.dumps(answer).encode() + b"\n")
            await asyncio.wait_for(writer.drain(), _WRITE_SECONDS)
    except (ConnectionError, TimeoutError, ValueError) as problem:
        log.info("control connection ended: %s", problem)
    finally:
        writer.close()
