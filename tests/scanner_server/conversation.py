"""The caller's side of StreamScan."""

from typing import Any

import grpc
from spreadmesh.common.v1.feed_pb2 import CreditGrant
from spreadmesh.scan.v1.scan_service_pb2 import OpenScan, StreamScanRequest, StreamScanResponse
from spreadmesh.scan.v1.scan_service_pb2_grpc import ScanServiceStub
from spreadmesh.scan.v1.spec_pb2 import ScanSpec

from tests.scanner_server.scripted_market import CONTRACTS, ScriptedMarket

SPEC = ScanSpec(underlying="ACME", strategies=["vertical"], limit=5)
EVERYTHING = len(CONTRACTS) + 1
TIMEOUT = 20
# Surfaces come only when spot has moved: then a ranking is news if and only if a quote came.
QUOTES_ONLY = {"surface_interval": 60.0}


class Conversation:
    """The caller's side of a stream."""

    def __init__(self, scans: ScanServiceStub) -> None:
        self.call = scans.StreamScan(timeout=TIMEOUT)

    async def say(self, **message: Any) -> None:
        await self.call.write(StreamScanRequest(**message))

    async def open(self, spec: ScanSpec = SPEC, **fields: Any) -> None:
        values = {"credits": 1, "min_interval_seconds": 0.0} | fields
        await self.say(open=OpenScan(spec=spec, **values))

    async def grant(self, credits_count: int = 1) -> None:
        await self.say(grant=CreditGrant(credits=credits_count))

    async def hear(self) -> StreamScanResponse:
        response = await self.call.read()
        assert response is not grpc.aio.EOF
        return response

    async def hear_ranking(self) -> StreamScanResponse:
        """The next message but heartbeats."""
        while (response := await self.hear()).WhichOneof("message") == "heartbeat":
            pass
        return response


async def quoted(market: ScriptedMarket, **options: Any) -> None:
    """Quotes of everything, once it is asked for."""
    await market.until(lambda: len(market.stream.asked) == EVERYTHING and market.stream.credits > 0)
    market.stream.send_everything(**options)
