"""What the caller of a stream says while it runs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from spreadmesh.scan.v1.scan_service_pb2 import StreamScanRequest

from mesh.errors import invalid_argument
from scanner_server.presets.presets import Presets
from scanner_server.rpc.requests import asked_by
from scanner_server.streams.scan_stream import ScanStream


@asynccontextmanager
async def listen(
    requests: AsyncIterator[StreamScanRequest], stream: ScanStream, presets: Presets
) -> AsyncIterator[None]:
    """Pass requests on to the stream inside the block; what is wrong with one ends the stream."""
    listening = asyncio.create_task(_listen(requests, stream, presets))
    try:
        yield
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


async def _listen(requests: AsyncIterator[StreamScanRequest], stream: ScanStream, presets: Presets) -> None:
    try:
        async for request in requests:
            await _obey(request, stream, presets)
    except Exception as error:
        stream.fail(error)
    else:
        stream.finish()


async def _obey(request: StreamScanRequest, stream: ScanStream, presets: Presets) -> None:
    match request.WhichOneof("message"):
        case "grant":
            stream.grant(request.grant.credits)
        case "change":
            stream.change(await asked_by(request.change.spec, "change.spec", presets))
        case "open":
            raise invalid_argument("open", "was sent already; send change for another spec")
        case _:
            raise invalid_argument("message", "must be one of change, grant")
