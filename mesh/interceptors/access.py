"""Only callers that are known, and that may make the call, reach a handler."""

from typing import Any

from mesh.access.authentication import Authentication
from mesh.access.roles import Role, current
from mesh.errors import MeshError, permission_denied
from mesh.interceptors.handlers import Context, Handler, HandlerInterceptor, behaviour_of, with_behaviour
from mesh.methods import MethodTable, is_infrastructure, method_name
from mesh.telemetry.refusals import DENIED


class AccessInterceptor(HandlerInterceptor):
    """Refuses with UNAUTHENTICATED or PERMISSION_DENIED and ErrorInfo; names the caller to the handler."""

    def __init__(self, authentication: Authentication, least_roles: MethodTable[Role | None]) -> None:
        super().__init__()
        self._authentication = authentication
        self._least_roles = least_roles

    def wrap(self, handler: Handler, method: str) -> Handler:
        """Let the handler run only for those who may."""
        if is_infrastructure(method):
            return handler
        behaviour, name = behaviour_of(handler), method_name(method)
        least, authentication = self._least_roles[name], self._authentication
        DENIED.add(name)

        async def admitted(request: Any, context: Context) -> Any:
            try:
                caller = authentication.caller(context.invocation_metadata() or ())
                if least is None:
                    raise permission_denied("METHOD_CLOSED", "this method is open to nobody")
                if caller.role < least:
                    text = f"{caller.name} is a {_word(caller.role)}; this takes a {_word(least)}"
                    raise permission_denied("ROLE_TOO_LOW", text)
            except MeshError:
                DENIED[name] += 1
                raise
            token = current.set(caller)
            try:
                return await behaviour(request, context)
            finally:
                current.reset(token)

        return with_behaviour(handler, admitted)


def _word(role: Role) -> str:
    return role.name.lower()
