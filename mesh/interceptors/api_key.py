"""The caller's API key, in the metadata of each call."""

from typing import Any

import grpc

from mesh.access.bearer import AUTHORIZATION, SCHEME
from mesh.interceptors.client_calls import Proceed, for_every_kind


def api_key_interceptors(api_key: str) -> list[grpc.aio.ClientInterceptor]:
    """Send `authorization: Bearer <key>` with each call of a channel.

    Not grpc's call credentials: they refuse plaintext channels, right as these are on one machine.

    Raises:
        ValueError: The key holds what no header can; it is not shown.
    """
    if not (api_key.isascii() and api_key.isprintable()) or " " in api_key:
        raise ValueError("an API key has visible ASCII characters only")

    async def intercept(proceed: Proceed, details: grpc.aio.ClientCallDetails, request: Any) -> Any:
        metadata = grpc.aio.Metadata(*(details.metadata or ()), (AUTHORIZATION, f"{SCHEME} {api_key}"))
        keyed = grpc.aio.ClientCallDetails(
            details.method, details.timeout, metadata, details.credentials, details.wait_for_ready
        )
        return await proceed(keyed, request)

    return for_every_kind(intercept)
