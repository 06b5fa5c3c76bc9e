"""2110."""

from typing import Annotated, Literal

from pydantic import Field

from tws_sim.faults.interruption import LinkBroken
from tws_sim.session import Session


class ServerBroken(LinkBroken):
    """2110 (it will be restored automatically), no data while it lasts, then 1102 or 1101."""

    data: Annotated[
        Literal["kept", "lost"],
        Field(description="Whether market data requests outlive it (1102) or not (1101)."),
    ] = "kept"

    def broken(self) -> tuple[int, str]:
        """2110."""
        text = (
            "Connectivity between Trader Workstation and server is broken. It will be restored automatically."
        )
        return 2110, text

    def restored(self, session: Session) -> None:
        """1102 or 1101."""
        if self.data == "kept":
            self.keep_data(session)
        else:
            self.lose_data(session)
