"""Refusal under load, before anything is done for the call."""

from typing import Any, Final

from mesh.admission.load_shedder import LoadShedder
from mesh.errors import quota_exceeded, unavailable
from mesh.interceptors.handlers import Context, Handler, HandlerInterceptor, behaviour_of, with_behaviour
from mesh.methods import is_infrastructure, method_name
from mesh.telemetry.refusals import SHED

RETRY_AFTER_SECONDS: Final = 0.5


class LoadSheddingInterceptor(HandlerInterceptor):
    """Refuses with UNAVAILABLE while the server is late, with RESOURCE_EXHAUSTED while a method is full.

    Both carry RetryInfo. Streams are counted by their quotas, and here refused only for lateness.
    """

    def __init__(self, shedder: LoadShedder) -> None:
        super().__init__()
        self._shedder = shedder

    def wrap(self, handler: Handler, method: str) -> Handler:
        """Let the handler run only while there is room for it."""
        if is_infrastructure(method):
            return handler
        behaviour, name, shedder = behaviour_of(handler), method_name(method), self._shedder
        SHED.add(name)

        def check_late() -> None:
            if shedder.is_late_for(name):
                SHED[name] += 1
                raise unavailable("the server is overloaded and sheds this call", RETRY_AFTER_SECONDS)

        async def shed(request: Any, context: Context) -> Any:
            check_late()
            return await behaviour(request, context)

        async def counted(request: Any, context: Context) -> Any:
            check_late()
            if not shedder.try_begin(name):
                SHED[name] += 1
                text = f"at most {shedder.most(name):g} calls run at once"
                raise quota_exceeded(name, text, RETRY_AFTER_SECONDS)
            try:
                return await behaviour(request, context)
            finally:
                shedder.end(name)

        streams = handler.response_streaming or handler.request_streaming
        return with_behaviour(handler, shed if streams else counted)
