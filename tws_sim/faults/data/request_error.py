"""An error instead of an answer."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from tws_sim.faults.counted import Count, Counted
from tws_sim.session import Session
from tws_sim.wire import errors
from tws_sim.wire.requests import request_id

TEXTS = {
    errors.NO_HISTORY: "Historical Market Data Service error message:HMDS query returned no data",
    errors.NO_SUCH_CONTRACT: errors.UNKNOWN_CONTRACT,
    errors.VALIDATION_ERROR: errors.validation("Invalid request"),
    errors.PROCESSING_ERROR: errors.processing("Internal error"),
    354: "Requested market data is not subscribed.",
    10197: "No market data during competing live session",
}


class RequestError(Counted):
    """The next request of a kind, or so many of them, gets an error under its id instead of an answer."""

    code: Annotated[int, Field(ge=1, le=99999, description="162, 200, 321, 322 or any other.")]
    text: Annotated[str | None, Field(description="The gateway's own for the code if absent.")] = None
    count: Count = 1

    def intercept(self, session: Session, message_id: int, fields: Sequence[str]) -> bool:
        """Answer with the error."""
        if not self.takes(message_id):
            return False
        text = self.text or TEXTS.get(self.code, f"Error {self.code}")
        session.error(request_id(message_id, fields), self.code, text)
        return True
