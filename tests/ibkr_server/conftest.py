"""Virtual time for whatever waits on the event loop."""

import pytest

from tests.ibkr_server.loop_clock import LoopClock


@pytest.fixture
async def time(monkeypatch: pytest.MonkeyPatch) -> LoopClock:
    return LoopClock(monkeypatch)
