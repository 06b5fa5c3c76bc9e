"""A session between ib_insync and the simulator, recorded through the proxy and played back."""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ib_insync as ibi

from tests.tws_sim.process import SimulatorProcess
from tws_sim.recording.file import Direction, read

START = ["--start", "2026-11-20T10:00:00", "--seed", "5"]
TICK_MESSAGES = ("priceSizeTick", "tickSize", "tickString", "tickGeneric", "tickOptionComputation")


@dataclass
class Seen:
    """What a client saw: details by local symbol, chains, every tick by contract in order."""

    details: dict[str, Any] = field(default_factory=dict)
    chains: list[Any] = field(default_factory=list)
    ticks: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)


@contextmanager
def recorder(upstream: int, out: Path) -> Iterator[int]:
    """``python -m tws_sim record`` in front of a simulator; yields its port."""
    options = ["--upstream", f"127.0.0.1:{upstream}", "--out", str(out), "--port", "0", "--json"]
    command = [sys.executable, "-m", "tws_sim", "record", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield int(json.loads(process.stdout.readline())["tws"].rpartition(":")[2])
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def listen(ib: ibi.IB, seen: Seen) -> None:
    """Note the arguments of every tick callback under the contract's local symbol."""

    def spy(name: str) -> None:
        original = getattr(ib.wrapper, name)

        def heard(request_id: int, *arguments: Any) -> None:
            ticker = ib.wrapper.reqId2Ticker[request_id]
            seen.ticks.setdefault(ticker.contract.localSymbol, []).append((name, *arguments))
            original(request_id, *arguments)

        setattr(ib.wrapper, name, heard)

    for name in TICK_MESSAGES:
        spy(name)


async def session(port: int, *, ticks: int) -> Seen:
    """Qualify, ask for a chain, stream a share and two options until enough has come."""
    ib, seen = ibi.IB(), Seen()
    await ib.connectAsync("127.0.0.1", port, clientId=7, timeout=4)
    try:
        share = ibi.Stock("SPY", "SMART", "USD")
        options = [ibi.Option("SPY", "20261218", strike, "C", "SMART") for strike in (590, 600)]
        await ib.qualifyContractsAsync(share, *options)
        for contract in (share, *options):
            (details,) = await ib.reqContractDetailsAsync(contract)
            seen.details[contract.localSymbol] = details
        seen.chains = await ib.reqSecDefOptParamsAsync("SPY", "", "STK", share.conId)
        listen(ib, seen)
        for contract in (share, *options):
            ib.reqMktData(contract, "101,221")
        async with asyncio.timeout(20):
            while len(seen.ticks) < 3 or min(map(len, seen.ticks.values())) < ticks:  # noqa: ASYNC110 - no event
                await asyncio.sleep(0.01)
    finally:
        ib.disconnect()
    return seen


async def test_a_recorded_session_replays_to_the_same_contracts_and_ticks(tmp_path: Path) -> None:
    out = tmp_path / "session.tws"
    simulator = SimulatorProcess(["synthetic", "--symbols", "SPY", *START, "--ticks-per-second", "60"])
    with simulator, recorder(simulator.port, out) as port:
        recorded = await session(port, ticks=60)
    with SimulatorProcess(["replay-recording", str(out)]) as player:
        replayed = await session(player.port, ticks=50)
        assert player.counters()["total"]["errors"] == {}
    assert replayed.details == recorded.details
    assert replayed.chains == recorded.chains
    assert recorded.ticks.keys() == replayed.ticks.keys() == recorded.details.keys()
    for symbol, ticks in replayed.ticks.items():
        assert len(ticks) >= 50
        assert ticks == recorded.ticks[symbol][: len(ticks)]


async def test_account_ids_are_not_kept(tmp_path: Path) -> None:
    out = tmp_path / "session.tws"
    simulator = SimulatorProcess(["synthetic", "--symbols", "SPY", *START])
    with simulator, recorder(simulator.port, out) as port:
        await session(port, ticks=1)
    assert b"DU4242424" not in out.read_bytes()
    records = read(out).records
    sent = [one for one in records if one.direction is Direction.TO_CLIENT]
    accounts = [one for one in sent if one.payload.startswith(b"15\0")]
    assert [one.payload for one in accounts] == [b"15\x001\x00DU0000001\x00"]
    assert [records[0].direction, records[-1].direction] == [Direction.OPENED, Direction.CLOSED]
