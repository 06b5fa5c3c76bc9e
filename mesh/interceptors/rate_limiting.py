"""Budgets over time, for each client and method."""

import time
from collections.abc import Callable
from typing import Any

from mesh.admission.adaptive_rate import AdaptiveRate
from mesh.admission.client_limits import RateLimits
from mesh.admission.client_name import client_of
from mesh.errors import quota_exceeded
from mesh.interceptors.handlers import Context, Handler, HandlerInterceptor, behaviour_of, with_behaviour
from mesh.methods import is_infrastructure, method_name
from mesh.telemetry.refusals import RATE_LIMITED


class RateLimitInterceptor(HandlerInterceptor):
    """Refuses a call, or the opening of a stream, with RESOURCE_EXHAUSTED, QuotaFailure and RetryInfo."""

    def __init__(self, limits: RateLimits, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._limits = limits
        self._clock = clock

    def wrap(self, handler: Handler, method: str) -> Handler:
        """Let the handler run only within the caller's rate; an adaptive one learns from how it went."""
        if is_infrastructure(method):
            return handler
        behaviour, name = behaviour_of(handler), method_name(method)
        RATE_LIMITED.add(name)
        learns = not (handler.request_streaming or handler.response_streaming)

        async def limited(request: Any, context: Context) -> Any:
            client, began = client_of(context), self._clock()
            limit = self._limits.of(client, name)
            wait = limit.acquire(began)
            if wait > 0:
                RATE_LIMITED[name] += 1
                raise quota_exceeded(f"{client} {name}", f"at most {self._limits.rate(name)}", wait)
            try:
                return await behaviour(request, context)
            finally:
                if learns and isinstance(limit, AdaptiveRate):
                    ended = self._clock()
                    limit.observe(ended - began, ended)

        return with_behaviour(handler, limited)
