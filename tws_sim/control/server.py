"""Serving the control port."""

import asyncio
import json
import logging
from typing import Any

from tws_sim.control.commands import Command
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


class ControlPort:
    """Answers the lines of every peer until it leaves, is idle for too long, or the port closes."""

    def __init__(self, gateway: Gateway, commands: dict[str, Command]) -> None:
        self._gateway = gateway
        self._commands = commands
        self._writers: set[asyncio.StreamWriter] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One JSON line for each line."""
        self._writers.add(writer)
        try:
            while line := await asyncio.wait_for(reader.readline(), _IDLE_SECONDS):
                answer = respond(self._gateway, self._commands, line)
                writer.write(json.dumps(answer).encode() + b"\n")
                await asyncio.wait_for(writer.drain(), _WRITE_SECONDS)
        except (ConnectionError, TimeoutError, ValueError) as problem:
            log.info("control connection ended: %s", problem)
        finally:
            self._writers.discard(writer)
            writer.close()

    def close(self) -> None:
        """End every connection; the peers' readers see the end and return."""
        for writer in self._writers:
            writer.transport.abort()
