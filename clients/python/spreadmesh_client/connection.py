"""One open connection to each server that the caller needs."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import grpc

from mesh.access.bearer import Bearer
from mesh.channel import environment_api_key, environment_tls, open_channel
from spreadmesh_client.market_data import MarketData
from spreadmesh_client.orders.client import OrdersClient
from spreadmesh_client.orders.control import TradingControl
from spreadmesh_client.presets import Presets
from spreadmesh_client.scans import Scans
from spreadmesh_client.universe import Universes


class Client:
    """What `connect` gives: one part for each service whose address was given."""

    def __init__(self, market: grpc.aio.Channel | None, scanner: grpc.aio.Channel | None) -> None:
        self._market = MarketData(market) if market else None
        self._orders = OrdersClient(market) if market else None
        self._control = TradingControl(market) if market else None
        self._scans = Scans(scanner) if scanner else None
        self._universes = Universes(scanner) if scanner else None
        self._presets = Presets(scanner) if scanner else None

    @property
    def market(self) -> MarketData:
        """Chains, quotes and the state of the gateway."""
        if self._market is None:
            raise ValueError("connect(market=...) was not given an address")
        return self._market

    @property
    def orders(self) -> OrdersClient:
        """Orders, trades, positions and the account."""
        if self._orders is None:
            raise ValueError("connect(market=...) was not given an address")
        return self._orders

    @property
    def control(self) -> TradingControl:
        """Whether orders can be placed: the kill switch."""
        if self._control is None:
            raise ValueError("connect(market=...) was not given an address")
        return self._control

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
    api_key: str | None = None,
    token: Bearer | None = None,
) -> AsyncIterator[Client]:
    """Connect to the servers of a mesh; the channels are closed at the end of the block.

    Nothing is sent before the first call, so a server that is away shows as UNAVAILABLE there.

    Args:
        market: `host:port` of ibkr_server; None if neither market data nor orders are needed.
        scan: `host:port` of scanner_server; None if no scans are needed.
        credentials: TLS for both; None takes the files that SPREADMESH_TLS_* name (docs/tls.md), which may be
            renewed while the connection is open, or plaintext where they name none.
        api_key: Says who calls; without it and `token`, SPREADMESH_API_KEY or SPREADMESH_API_KEY_FILE of the
            environment does (docs/access.md), if that is set.
        token: A token of an OpenID Connect issuer instead, or a function that is asked for one before each
            call and answers at once.

    Raises:
        SettingsError: A variable of the environment can't be used.
        ValueError: Both a key and a token are given, or one that can't be sent.
    """
    if api_key and token:
        raise ValueError("connect() takes api_key or token, not both")
    tls = environment_tls() if credentials is None else None
    key = api_key or token or environment_api_key()
    async with AsyncExitStack() as stack:

        async def channel(address: str | None) -> grpc.aio.Channel | None:
            if address is None:
                return None
            opening = open_channel(address, tls=tls, credentials=credentials, api_key=key)
            return await stack.enter_async_context(opening)

        yield Client(await channel(market), await channel(scan))
