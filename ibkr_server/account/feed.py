"""Asks the gateway for positions, values and profit: all of it anew after each time it was away.

The portfolio that comes with an account's values tells what each position is worth, so profit needs one
request per account (reqPnL) and none per position (reqPnLSingle). The gateway serves a portfolio for one
account at a time: of a login's further accounts it tells the values without one.
https://interactivebrokers.github.io/tws-api/account_updates.html
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, NoReturn

from ibkr_server.gateway.link import GatewayLink
from ibkr_server.gateway.pacer import Lane
from mesh.errors import MeshError
from mesh.logging import get_logger

ANSWER_SECONDS = 4.0
"""What is not complete after so long is asked for again."""

log = get_logger(__name__)


class AccountFeed:
    """Keeps the link's account book filled."""

    def __init__(
        self, link: GatewayLink, watching: Callable[[], AbstractContextManager[asyncio.Event]]
    ) -> None:
        """`watching` gives an event that is set whenever the link's state changes."""
        self._link = link
        self._book = link.account
        self._watching = watching
        self._asked_in = 0
        self._cancellations: list[Callable[[Any], object]] = []

    async def run(self) -> NoReturn:
        """Read everything whenever the gateway is back, until cancelled."""
        with self._watching() as changed:
            while True:
                while not self._link.ready:
                    changed.clear()
                    await changed.wait()
                session = self._link.state.connections
                async with asyncio.TaskGroup() as tasks:
                    reading = tasks.create_task(self._read())
                    while self._link.ready and self._link.state.connections == session:
                        changed.clear()
                        await changed.wait()
                    reading.cancel()
                self._book.away()

    async def _read(self) -> None:
        accounts = self._link.orders.accounts
        while not self._book.is_complete(accounts):
            try:
                await self._ask(accounts)
            except MeshError as error:
                log.warning("account_not_asked_for", error=str(error))
            if not await self._completed(accounts):
                log.warning("account_incomplete", seconds=ANSWER_SECONDS)

    async def _ask(self, accounts: Sequence[str]) -> None:
        for cancel in self._withdrawn():
            await self._link.send(Lane.REQUESTS, cancel)
        await self._link.send(Lane.REQUESTS, self._ask_for_positions)
        for place, account in enumerate(accounts):
            values = self._ask_for_values if place else self._ask_for_updates
            await self._link.send(Lane.REQUESTS, partial(values, account))
            await self._link.send(Lane.REQUESTS, partial(self._ask_for_profit, account))

    def _withdrawn(self) -> list[Callable[[Any], object]]:
        """What ends the requests of before; a new session has none."""
        session, before = self._link.state.connections, self._cancellations
        self._cancellations = []
        if session == self._asked_in:
            return before
        self._asked_in = session
        self._book.session_began()
        return []

    def _ask_for_positions(self, client: Any) -> None:
        self._book.list_requested()
        client.reqPositions()
        self._cancellations.append(lambda client: client.cancelPositions())

    def _ask_for_updates(self, account: str, client: Any) -> None:
        client.reqAccountUpdates(True, account)
        self._cancellations.append(lambda client: client.reqAccountUpdates(False, account))

    def _ask_for_values(self, account: str, client: Any) -> None:
        number = self._number(account, client)
        client.reqAccountUpdatesMulti(number, account, "", False)
        self._cancellations.append(lambda client: client.cancelAccountUpdatesMulti(number))

    def _ask_for_profit(self, account: str, client: Any) -> None:
        number = self._number(account, client)
        client.reqPnL(number, account, "")
        self._cancellations.append(lambda client: client.cancelPnL(number))

    def _number(self, account: str, client: Any) -> int:
        number = int(client.getReqId())
        self._book.requested(number, account)
        return number

    async def _completed(self, accounts: Sequence[str]) -> bool:
        """Whether all was told in time."""
        with self._book.watching() as watch:
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    while not self._book.is_complete(accounts):
                        watch.changed.clear()
                        await watch.changed.wait()
            except TimeoutError:
                return False
        return True
