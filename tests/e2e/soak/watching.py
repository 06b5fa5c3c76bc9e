"""A client that streams through all faults and holds every quote it has against its age."""

import asyncio
import time
from dataclasses import dataclass, field

from spreadmesh.common.v1.feed_pb2 import Heartbeat
from spreadmesh.market.v1.chain_pb2 import GetOptionChainResponse
from spreadmesh.market.v1.quotes_pb2 import QuoteBatch
from spreadmesh.scan.v1.spec_pb2 import ScanSpec
from spreadmesh_client import Client, RankingUpdate

FRESH_SECONDS = 3.0
DELIVERY_SECONDS = 0.5
CHECK_SECONDS = 0.1


@dataclass
class Watch:
    """What the streams have brought, and every quote that was older than it said.

    The market quotes each contract several times a second, so that one which is silent for longer than
    `FRESH_SECONDS` has lost its source, whatever the reason.
    """

    arrived: dict[int, float] = field(default_factory=dict)
    stale: dict[int, bool] = field(default_factory=dict)
    batches: int = 0
    flagged: int = 0
    rankings: int = 0
    ranked_at: float = 0.0
    ranking_stale: bool = True
    unflagged: list[str] = field(default_factory=list)
    disorder: list[str] = field(default_factory=list)

    async def quotes(self, client: Client, con_ids: list[int]) -> None:
        epoch = sequence = 0
        async with client.market.stream_quotes(con_ids, owner="soak", credits=1) as stream:
            async for event in stream:
                if isinstance(event, QuoteBatch):
                    if event.epoch == epoch and event.sequence != sequence + 1:
                        self.disorder.append(f"batch {event.sequence} after {sequence}")
                    epoch, sequence = event.epoch, event.sequence
                    self._take(event)

    async def rankings_of(self, client: Client, spec: ScanSpec) -> None:
        async with client.scans.stream_scan(spec, min_interval_seconds=0.1) as stream:
            async for event in stream:
                if isinstance(event, RankingUpdate):
                    self.rankings += 1
                    self.ranked_at = time.monotonic()
                    self.ranking_stale = event.ranking.basis.stale
                elif isinstance(event, Heartbeat):
                    self.ranking_stale = event.stale

    async def check(self) -> None:
        """Look at every quote ten times a second."""
        while True:
            before = time.monotonic()
            await asyncio.sleep(CHECK_SECONDS)
            now = time.monotonic()
            if now - before < 2 * CHECK_SECONDS:  # else this process itself was held up
                self._check(now)

    async def until_fresh(self, seconds: float) -> None:
        """Until every contract has been quoted, is not flagged, and a ranking is not stale."""
        since = time.monotonic()
        async with asyncio.timeout(seconds):
            while not self._is_fresh(since):  # noqa: ASYNC110 - a condition over many quotes
                await asyncio.sleep(CHECK_SECONDS)

    def _take(self, batch: QuoteBatch) -> None:
        now = time.monotonic()
        self.batches += 1
        for con_id, stale in zip(batch.con_id, batch.stale, strict=True):
            self.arrived[con_id] = now
            self.flagged += stale and not self.stale.get(con_id, False)
            self.stale[con_id] = stale

    def _check(self, now: float) -> None:
        for con_id, arrived in self.arrived.items():
            age = now - arrived
            if not self.stale[con_id] and age > FRESH_SECONDS + DELIVERY_SECONDS:
                self.unflagged.append(f"{con_id} at {now:.1f}: {age:.1f} s")

    def _is_fresh(self, since: float) -> bool:
        quoted = bool(self.arrived) and min(self.arrived.values()) > since and not any(self.stale.values())
        return quoted and self.ranked_at > since and not self.ranking_stale


def near_the_money(chain: GetOptionChainResponse, spot: float, count: int) -> list[int]:
    """The contracts with the strikes nearest to a price."""
    ordered = sorted(chain.contracts, key=lambda contract: abs(contract.strike - spot))
    return [contract.con_id for contract in ordered[:count]]
