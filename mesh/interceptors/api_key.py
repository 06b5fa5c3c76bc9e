"""The caller's API key or token, in the metadata of each call."""

from typing import Any

import grpc

from mesh.access.bearer import AUTHORIZATION, SCHEME, Bearer, checked_bearer
from mesh.interceptors.client_calls import Proceed, for_every_kind


def api_key_interceptors(bearer: Bearer) -> list[grpc.aio.ClientInterceptor]:
    """Send `authorization: Bearer <key or token>` with each call of a channel.

    Not grpc's call credentials: they refuse plaintext channels, right as these are on one machine.

    Raises:
        ValueError: It holds what no header can; where it comes from a function, the call raises it.
    """
    if isinstance(bearer, str):
        checked_bearer(bearer)

    async def intercept(proceed: Proceed, details: grpc.aio.ClientCallDetails, request: Any) -> Any:
        text = bearer if isinstance(bearer, str) else checked_bearer(bearer())
        metadata = grpc.aio.Metadata(*(details.metadata or ()), (AUTHORIZATION, f"{SCHEME} {text}"))
        keyed = grpc.aio.ClientCallDetails(
            details.method, details.timeout, metadata, details.credentials, details.wait_for_ready
        )
        return await proceed(keyed, request)

    return for_every_kind(intercept)
