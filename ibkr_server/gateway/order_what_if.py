"""What-ifs under way, by the number of their order."""

import asyncio
from collections import deque
from collections.abc import Callable

from ibkr_server.gateway.listener import GatewayRefusal
from ibkr_server.orders.broker import WhatIf
from mesh.errors import MeshError

REMEMBERED = 256
"""Answered what-ifs whose late messages are still known to be theirs."""
_WARNINGS = {399, 404, 434, 492, 10167, 10349, *range(2100, 2200)}


class WhatIfs:
    """The gateway answers twice, at first with every number unset: that is no answer yet."""

    def __init__(self) -> None:
        self._asked: dict[int, asyncio.Future[WhatIf]] = {}
        self._over: deque[int] = deque(maxlen=REMEMBERED)

    async def ask(self, order_id: int, write: Callable[[], object]) -> WhatIf:
        """Send the question, and wait for its answer for as long as the caller does.

        Raises:
            MeshError: UNAVAILABLE; a GatewayRefusal with IB's code.
        """
        answer: asyncio.Future[WhatIf] = asyncio.get_running_loop().create_future()
        self._asked[order_id] = answer
        try:
            write()
            return await answer
        finally:
            del self._asked[order_id]
            self._over.append(order_id)

    def knows(self, order_id: int) -> bool:
        """Whether a message of this number is about a what-if."""
        return order_id in self._asked or order_id in self._over

    def answered(self, order_id: int, answer: WhatIf) -> None:
        """The gateway tells what would be."""
        if answer.initial_after is not None:
            self._finish(order_id, answer)

    def refused(self, order_id: int, code: int, text: str) -> None:
        """An error has come for a question; a warning leaves it open."""
        if code not in _WARNINGS:
            self._finish(order_id, GatewayRefusal(code, text))

    def fail(self, error: MeshError) -> None:
        """None of them will be answered."""
        for order_id in list(self._asked):
            self._finish(order_id, error)

    def _finish(self, order_id: int, result: WhatIf | MeshError) -> None:
        answer = self._asked.get(order_id)
        if answer is None or answer.done():
            return
        if isinstance(result, MeshError):
            answer.set_exception(result)
        else:
            answer.set_result(result)
