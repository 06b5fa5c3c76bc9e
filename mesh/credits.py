"""Credit flow control: the receiver says how many messages it can take, the sender spends one for each.

HTTP/2 windows bound bytes in buffers, not the age of what is in them. With credits nothing is built before
the receiver has room for it, so whatever is sent was true a moment ago (docs/flow-control.md).
"""

import asyncio

from mesh.errors import invalid_argument


class CreditsClosed(Exception):  # noqa: N818 - an end, like StopAsyncIteration, and not a failure
    """The stream has ended: no credit will be granted any more."""


class Credits:
    """A bounded count of messages that the receiver has asked for and the sender has not sent.

    Belongs to one event loop. `acquire` takes its credit without awaiting anything after it was woken, so a
    cancelled waiter never takes one along.
    """

    def __init__(self, maximum: int) -> None:
        """Start with none; `maximum` bounds how many may ever be outstanding."""
        self._maximum = maximum
        self._available = 0
        self._closed = False
        self._changed = asyncio.Event()

    def __repr__(self) -> str:
        return f"<Credits {self._available}/{self._maximum}{' closed' if self._closed else ''}>"

    @property
    def available(self) -> int:
        """Credits granted and not yet taken, in messages."""
        return self._available

    def grant(self, n: int) -> None:
        """Add `n` credits.

        Raises:
            MeshError: INVALID_ARGUMENT if `n` is not positive or more than `maximum` would be outstanding;
                the count is then unchanged.
        """
        if n <= 0:
            raise invalid_argument("credits", f"a grant must be positive, not {n}")
        if self._available + n > self._maximum:
            raise invalid_argument(
                "credits", f"{self._available} outstanding and {n} more exceed the maximum of {self._maximum}"
            )
        self._available += n
        self._changed.set()

    def try_acquire(self) -> bool:
        """Take a credit if there is one."""
        if self._closed or self._available == 0:
            return False
        self._available -= 1
        return True

    async def acquire(self) -> None:
        """Wait for a credit and take it. Safe to cancel.

        Raises:
            CreditsClosed: `close` was called, before or meanwhile.
        """
        while not self.try_acquire():
            if self._closed:
                raise CreditsClosed
            self._changed.clear()
            await self._changed.wait()

    def close(self) -> None:
        """Let every waiter, present and future, end with `CreditsClosed`."""
        self._closed = True
        self._changed.set()
