"""A client library in a process of its own, driven by commands; both ways a JSON object a line."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

DEADLINE = 15.0
# What drivers are to pick from the objects of their library, by the API's names, which are the same in all.
FIELDS = {
    "contract": ["conId", "secType"],
    "leg": ["conId", "ratio", "action", "exchange"],
    "order": [
        *("orderRef", "action", "totalQuantity", "orderType", "lmtPrice", "auxPrice", "tif", "ocaGroup"),
        *("parentId", "permId", "whatIf"),
    ],
    "state": ["status", "initMarginChange", "maintMarginChange", "equityWithLoanChange", "commission"],
    "status": ["status", "filled", "remaining", "avgFillPrice", "lastFillPrice", "permId", "whyHeld"],
    "holding": ["position", "marketPrice", "averageCost", "realizedPNL"],
    "execution": ["execId", "side", "shares", "price", "cumQty", "avgPrice", "orderRef", "permId"],
    "report": ["execId", "commission", "realizedPNL"],
}
Event = dict[str, Any]


class Driven:
    """Commands go in, events come out; every wait has a deadline."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process = process
        self._commands, self._lines = process.stdin, process.stdout
        self.events: list[Event] = []

    def tell(self, do: str, **arguments: object) -> None:
        """Have the client do something."""
        self._commands.write(json.dumps({"do": do, **arguments}).encode() + b"\n")

    def of(self, kind: str, start: int = 0) -> list[Event]:
        """Events of one kind."""
        return [event for event in self.events[start:] if event["kind"] == kind]

    async def until(self, what: str, condition: Callable[[], bool]) -> None:
        """Take events until a condition holds."""
        try:
            async with asyncio.timeout(DEADLINE):
                while not condition():
                    line = await self._lines.readline()
                    if not line:
                        raise AssertionError(f"the client ended before {what}: {self.events[-10:]}")
                    self.events.append(json.loads(line))
        except TimeoutError:
            raise AssertionError(f"not {what}: {self.events[-10:]}") from None

    async def ask(self, do: str) -> list[Event]:
        """Request a list; what came up to its end."""
        start = len(self.events)
        self.tell(do)
        await self.until(do, lambda: any(one["of"] == do for one in self.of("end", start)))
        return self.events[start:]

    async def end(self) -> None:
        """Let the client disconnect, and hold it to ending well."""
        self._commands.close()
        async with asyncio.timeout(DEADLINE):
            rest, _ = await self._process.communicate()
        self.events += [json.loads(line) for line in rest.splitlines()]
        assert self._process.returncode == 0


@asynccontextmanager
async def driven(command: list[str], port: int) -> AsyncIterator[Driven]:
    """A client, connected and told of the account."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *command, str(port), json.dumps(FIELDS), stdin=pipe, stdout=pipe, limit=2**20
    )
    client = Driven(process)
    try:
        await client.until("connected", lambda: bool(client.of("end")))
        yield client
        await client.end()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
