"""A bound on the streams of a method that one client holds open."""

from typing import Any, Final

from mesh.admission.client_limits import StreamQuotas
from mesh.admission.client_name import client_of
from mesh.errors import quota_exceeded
from mesh.interceptors.handlers import Context, Handler, HandlerInterceptor, behaviour_of, with_behaviour
from mesh.methods import is_infrastructure, method_name
from mesh.telemetry.refusals import OVER_QUOTA

RETRY_AFTER_SECONDS: Final = 1.0


class StreamQuotaInterceptor(HandlerInterceptor):
    """Refuses a stream with RESOURCE_EXHAUSTED, QuotaFailure and RetryInfo; unary calls pass."""

    def __init__(self, quotas: StreamQuotas) -> None:
        super().__init__()
        self._quotas = quotas

    def wrap(self, handler: Handler, method: str) -> Handler:
        """Count the handler's streams, if it streams in either direction."""
        streams = handler.response_streaming or handler.request_streaming
        if is_infrastructure(method) or not streams:
            return handler
        behaviour, name, quotas = behaviour_of(handler), method_name(method), self._quotas
        OVER_QUOTA.add(name)

        async def counted(request: Any, context: Context) -> Any:
            client = client_of(context)
            if not quotas.try_open(client, name):
                OVER_QUOTA[name] += 1
                text = f"at most {quotas.quota(name):g} streams at once"
                raise quota_exceeded(f"{client} {name}", text, RETRY_AFTER_SECONDS)
            try:
                return await behaviour(request, context)
            finally:
                quotas.close(client, name)

        return with_behaviour(handler, counted)
