"""1100, then 1102."""

from tws_sim.faults.interruption import LINK_LOST, LinkBroken
from tws_sim.session import Session


class DataKept(LinkBroken):
    """1100, no data while it lasts, then 1102: every market data request goes on."""

    def broken(self) -> tuple[int, str]:
        """1100."""
        return LINK_LOST

    def restored(self, session: Session) -> None:
        """1102."""
        self.keep_data(session)
