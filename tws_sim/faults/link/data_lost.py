"""1100, then 1101."""

from tws_sim.faults.interruption import LINK_LOST, LinkBroken
from tws_sim.session import Session


class DataLost(LinkBroken):
    """1100, no data while it lasts, then 1101: every market data request has ended."""

    def broken(self) -> tuple[int, str]:
        """1100."""
        return LINK_LOST

    def restored(self, session: Session) -> None:
        """1101."""
        self.lose_data(session)
