"""One open connection to each server that the caller needs."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import grpc

from mesh.channel import open_channel
from spreadmesh_client.market_data import MarketData
from spreadmesh_client.presets import Presets
from spreadmesh_client.scans import Scans
from spreadmesh_client.universe import Universes


class Client:
    """What `connect` gives: one part for each service whose address was given."""

    def __init__(
        self,
        market: MarketData | None,
        scans: Scans | None,
        universes: Universes | None,
        presets: Presets | None,
    ) -> None:
        self._market = market
        self._scans = scans
        self._universes = universes
        self._presets = presets

    @property
    def market(self) -> MarketData:
        """Chains, quotes and the state of the gateway."""
        if self._market is None:
            raise ValueError("connect(market=...) was not given an address")
        return self._market

    @property
    def scans(self) -> Scans:
        """Ranked spreads."""
        if self._scans is None:
            raise ValueError("connect(scan=...) was not given an address")
        return self._scans

    @property
    def universes(self) -> Universes:
        """Spreads ranked over many underlyings."""
        if self._universes is None:
            raise ValueError("connect(scan=...) was not given an address")
        return self._universes

    @property
    def presets(self) -> Presets:
        """Specs under a name."""
        if self._presets is None:
            raise ValueError("connect(scan=...) was not given an address")
        return self._presets


@asynccontextmanager
async def connect(
    *,
    market: str | None = None,
    scan: str | None = None,
    credentials: grpc.ChannelCredentials | None = None,
) -> AsyncIterator[Client]:
    """Connect to the servers of a mesh; the channels are closed at the end of the block.

    Nothing is sent before the first call, so a server that is away shows as UNAVAILABLE there.

    Args:
        market: `host:port` of ibkr_server; None if no market data is needed.
        scan: `host:port` of scanner_server; None if no scans are needed.
        credentials: TLS for both; None for plaintext.
    """
    async with AsyncExitStack() as stack:

        async def channel(address: str) -> grpc.aio.Channel:
            opening = open_channel(address, credentials=credentials)
            return await stack.enter_async_context(opening)

        scanner = await channel(scan) if scan is not None else None
        yield Client(
            MarketData(await channel(market)) if market is not None else None,
            Scans(scanner) if scanner is not None else None,
            Universes(scanner) if scanner is not None else None,
            Presets(scanner) if scanner is not None else None,
        )
