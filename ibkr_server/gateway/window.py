"""How many messages the gateway may come to count within one second, whatever delays them on their way."""

import math
from collections import deque

SECOND = 1.0


class Window:
    """Messages that may still stand in a second of the gateway's count.

    A message is read at an unknown moment between its sending and the answer that shows that it, or a later
    one, has been read: a socket is read in order. So it counts from its sending until a second after that
    answer. Where at most `most` count at any time, the gateway reads at most `most` in any second, also when
    it stops reading for a while and then reads all at once.
    """

    def __init__(self, most: int) -> None:
        """Let at most `most` messages count; `sent` is the number of the last one sent."""
        self.sent = 0
        self._most = most
        self._read = 0
        self._lately: deque[tuple[float, int]] = deque()

    def __repr__(self) -> str:
        return f"<Window {self.unread} unread of {self.sent}, most {self._most}>"

    @property
    def unread(self) -> int:
        """Messages of which it's not known that the gateway has read them."""
        return self.sent - self._read

    def send(self, messages: int = 1) -> None:
        """Count messages that are sent now."""
        self.sent += messages

    def read(self, number: int, now: float) -> None:
        """The gateway has read message `number` and all before it; monotonic seconds."""
        if number > self._read:
            self._lately.append((now, number - self._read))
            self._read = number

    def wait(self, now: float) -> float:
        """Seconds until another may be sent; infinite where the gateway has to read something first."""
        while self._lately and self._lately[0][0] <= now - SECOND:
            self._lately.popleft()
        if self.unread + sum(count for _, count in self._lately) < self._most:
            return 0.0
        return self._lately[0][0] + SECOND - now if self._lately else math.inf
