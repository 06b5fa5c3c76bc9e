"""Asks the gateway for positions, values and profit: all of it anew after each time it was away.

The portfolio that comes with an account's values tells what each position is worth, so profit needs one
request per account (reqPnL) and none per position (reqPnLSingle). The gateway serves a portfolio for one
account at a time: of a login's further accounts it tells the values without one.
https://interactivebrokers.github.io/tws-api/account_updates.html
"""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, NoReturn

from ibkr_server.gateway.link import GatewayLink
from ibkr_server.gateway.pacer import Lane
from mesh.errors import MeshError
from mesh.logging import get_logger

ANSWER_SECONDS = 4.0
"""Positions that are not complete after so long are asked for again."""

log = get_logger(__name__)


class AccountFeed:
    """Keeps the link's account book filled."""

    def __init__(
        self, link: GatewayLink, watching: Callable[[], AbstractContextManager[asyncio.Event]]
    ) -> None:
        """`watching` gives an event that is set whenever the link's state changes."""
        self._link = link
        self._watching = watching
        self._session = 0

    async def run(self) -> NoReturn:
        """Subscribe whenever the gateway is back, until cancelled."""
        with self._watching() as changed:
            while True:
                while not self._link.ready:
                    changed.clear()
                    await changed.wait()
                session = self._link.state.connections
                await self._read()
                while self._link.ready and self._link.state.connections == session:
                    changed.clear()
                    await changed.wait()
                self._link.account.away()

    async def _read(self) -> None:
        book = self._link.account
        try:
            while self._link.ready and not book.reconciled:
                await self._subscribe()
                await self._until_complete()
        except MeshError as error:
            log.warning("account_not_read", error=str(error))

    async def _subscribe(self) -> None:
        first_time = self._session != self._link.state.connections
        if first_time:
            self._session = self._link.state.connections
            self._link.account.session_began()
        await self._link.send(Lane.REQUESTS, self._ask_for_positions)
        for place, account in enumerate(self._link.orders.accounts):
            if place == 0:
                await self._link.send(Lane.REQUESTS, partial(_ask_for_updates, account))
            elif first_time:
                await self._link.send(Lane.REQUESTS, partial(self._ask_for_values, account))
            if first_time:
                await self._link.send(Lane.REQUESTS, partial(self._ask_for_profit, account))

    def _ask_for_positions(self, client: Any) -> None:
        self._link.account.list_requested()
        client.reqPositions()

    def _ask_for_values(self, account: str, client: Any) -> None:
        client.reqAccountUpdatesMulti(self._number(account, client), account, "", False)

    def _ask_for_profit(self, account: str, client: Any) -> None:
        client.reqPnL(self._number(account, client), account, "")

    def _number(self, account: str, client: Any) -> int:
        request_id = int(client.getReqId())
        self._link.account.requested(request_id, account)
        return request_id

    async def _until_complete(self) -> None:
        book = self._link.account
        with book.watching() as watch:
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    while not book.reconciled:
                        watch.changed.clear()
                        await watch.changed.wait()
            except TimeoutError:
                log.warning("positions_incomplete", seconds=ANSWER_SECONDS)


def _ask_for_updates(account: str, client: Any) -> None:
    client.reqAccountUpdates(True, account)
