"""Only callers that are known, and that may make the call, reach a handler."""

from typing import Any

from mesh.access.authentication import Authentication
from mesh.access.roles import Caller, Role, current
from mesh.access.taking_back import ending_once_refused
from mesh.access.token_claims import TokenKeyUnknown
from mesh.errors import MeshError, permission_denied, unauthenticated
from mesh.interceptors.handlers import Context, Handler, HandlerInterceptor, behaviour_of, with_behaviour
from mesh.methods import MethodTable, is_infrastructure, method_name
from mesh.telemetry.refusals import DENIED


class AccessInterceptor(HandlerInterceptor):
    """Refuses with UNAUTHENTICATED or PERMISSION_DENIED and ErrorInfo; names the caller to the handler.

    A stream ends likewise soon after its caller would be refused: a token has expired, a key or a role was
    taken back.
    """

    def __init__(self, authentication: Authentication, least_roles: MethodTable[Role | None]) -> None:
        super().__init__()
        self._authentication = authentication
        self._least_roles = least_roles

    def wrap(self, handler: Handler, method: str) -> Handler:
        """Let the handler run only for those who may."""
        if is_infrastructure(method):
            return handler
        name = method_name(method)
        behaviour, door = behaviour_of(handler), _Door(name, self._least_roles[name], self._authentication)

        async def answered(request: Any, context: Context) -> Any:
            token = current.set(await door.let_in(context))
            try:
                return await behaviour(request, context)
            finally:
                current.reset(token)

        async def streamed(request: Any, context: Context) -> Any:
            caller = await door.let_in(context)
            token = current.set(caller)
            try:
                async with ending_once_refused(lambda: door.check(context, caller)):
                    return await behaviour(request, context)
            finally:
                current.reset(token)

        streams = handler.request_streaming or handler.response_streaming
        return with_behaviour(handler, streamed if streams else answered)


class _Door:
    """Who may make calls of one method; counts whom it refuses."""

    def __init__(self, method: str, least: Role | None, authentication: Authentication) -> None:
        self._method = method
        self._least = least
        self._authentication = authentication
        DENIED.add(method)

    async def let_in(self, context: Context) -> Caller:
        try:
            try:
                caller = self._authentication.caller(context)
            except TokenKeyUnknown:
                await self._authentication.refresh()
                caller = self._authentication.caller(context)
            return self._with_role(caller)
        except MeshError:
            DENIED[self._method] += 1
            raise

    def check(self, context: Context, caller: Caller) -> None:
        """Whether it would be let in once more, as the same one."""
        try:
            if self._with_role(self._authentication.caller(context)) != caller:
                raise unauthenticated("CALLER_CHANGED", "your name or role is another one by now")
        except MeshError:
            DENIED[self._method] += 1
            raise

    def _with_role(self, caller: Caller) -> Caller:
        if self._least is None:
            raise permission_denied("METHOD_CLOSED", "this method is open to nobody")
        if caller.role < self._least:
            text = f"{caller.name} is {_word(caller.role)}; this takes {_word(self._least)}"
            raise permission_denied("ROLE_TOO_LOW", text)
        return caller


def _word(role: Role) -> str:
    return f"{'an' if role is Role.OPERATOR else 'a'} {role.name.lower()}"
