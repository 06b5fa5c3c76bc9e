"""What a server does around every call."""

import grpc

from mesh.access.authentication import Authentication
from mesh.admission.client_limits import RateLimits, StreamQuotas
from mesh.admission.load_shedder import LoadShedder
from mesh.drain import Drain
from mesh.interceptors.access import AccessInterceptor
from mesh.interceptors.deserialization import RequestsInterceptor
from mesh.interceptors.draining import DrainInterceptor
from mesh.interceptors.errors import ErrorsInterceptor
from mesh.interceptors.handlers import Chain
from mesh.interceptors.load_shedding import LoadSheddingInterceptor
from mesh.interceptors.order_calls import OrderCallsInterceptor
from mesh.interceptors.rate_limiting import RateLimitInterceptor
from mesh.interceptors.server_tracing import TracingInterceptor
from mesh.interceptors.stream_quotas import StreamQuotaInterceptor
from mesh.settings import MeshSettings
from mesh.telemetry.sampling import CallSampler


def server_interceptor(
    drain: Drain, settings: MeshSettings, shedder: LoadShedder, authentication: Authentication
) -> grpc.aio.ServerInterceptor:
    """Trace, turn errors into statuses, refuse who may not and what is too much, end at shutdown, check."""
    return Chain(
        TracingInterceptor(
            CallSampler(settings.trace_calls_per_second, settings.trace_call_objective_seconds)
        ),
        ErrorsInterceptor(),
        AccessInterceptor(authentication, settings.method_roles),
        LoadSheddingInterceptor(shedder),
        StreamQuotaInterceptor(StreamQuotas(settings.stream_limits)),
        RateLimitInterceptor(RateLimits(settings.rate_limits)),
        DrainInterceptor(drain),
        OrderCallsInterceptor(),
        RequestsInterceptor(),
    )
