"""The interceptors of a server, outermost first."""

import grpc

from mesh.drain import Drain
from mesh.interceptors.deserialization import RequestsInterceptor
from mesh.interceptors.draining import DrainInterceptor
from mesh.interceptors.errors import ErrorsInterceptor
from mesh.interceptors.server_tracing import TracingInterceptor


def server_interceptors(drain: Drain) -> list[grpc.aio.ServerInterceptor]:
    """Trace what follows, turn what it raises into statuses, end it at shutdown, check what comes in."""
    return [TracingInterceptor(), ErrorsInterceptor(), DrainInterceptor(drain), RequestsInterceptor()]
