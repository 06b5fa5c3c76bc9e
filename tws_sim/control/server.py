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


async def respond(gateway: Gateway, commands: dict[str, Command], line: bytes) -> dict[str, Any]:
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
        return await command(gateway, request)
    except (KeyError, TypeError, ValueError) as problem:
        return {"error": f"{request['command']}: {problem}"}


@asynccontextmanager
async def control_port(gateway: Gateway, host: str, port: int) -> AsyncIterator[str]:
    """Answer one JSON line with another; yields ``host:port``. Every connection ends with the block."""
    commands = load()
    conversations: set[asyncio.Task[None]] = set()
    async with asyncio.TaskGroup() as tasks:

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = tasks.create_task(_converse(gateway, commands, reader, writer))
            conversations.add(task)
            task.add_done_callback(conversations.discard)

        server = await asyncio.start_server(accept, host, port, limit=LINE_LIMIT)
        try:
            yield "{}:{}".format(*server.sockets[0].getsockname()[:2])
        finally:
            server.close()
            for task in list(conversations):
                task.cancel()


async def _converse(
    gateway: Gateway,
    commands: dict[str, Command],
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> None:
    """Serve one peer until it leaves or is idle for too long."""
    try:
        while line := await _line(reader):
            answer = await respond(gateway, commands, line)
            writer.write(json.dumps(answer).encode() + b"\n")
            async with asyncio.timeout(_WRITE_SECONDS):
                await writer.drain()
    except (ConnectionError, TimeoutError, ValueError) as problem:
        log.info("control connection ended: %s", problem)
    finally:
        writer.close()


async def _line(reader: asyncio.StreamReader) -> bytes:
    async with asyncio.timeout(_IDLE_SECONDS):
        return await reader.readline()
