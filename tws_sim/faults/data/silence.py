"""No answer."""

from collections.abc import Sequence

from tws_sim.faults.counted import Counted
from tws_sim.session import Session


class Silence(Counted):
    """Requests of a kind are read and never answered."""

    def intercept(self, session: Session, message_id: int, fields: Sequence[str]) -> bool:
        """Say nothing."""
        return self.takes(message_id)
