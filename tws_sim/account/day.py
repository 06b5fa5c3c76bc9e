"""What positions were worth when the day began, and so what they have brought since."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

_NOTHING: Mapping[int, "Worth"] = {}


class Worth(NamedTuple):
    """Of one contract's position, USD: cash flow since ever, market value, profit realized since ever."""

    flow: float
    value: float
    realized: float


class Day(NamedTuple):
    """A day of the market's clock (New York) and each contract's worth at its beginning."""

    date: date
    opening: Mapping[int, Worth] = _NOTHING

    def profit(self, con_id: int, now: Worth) -> float:
        """What a position has brought since the beginning, USD."""
        opening = self._at_opening(con_id)
        return now.flow + now.value - opening.flow - opening.value

    def realized(self, con_id: int, now: Worth) -> float:
        """What has been realized since the beginning, USD."""
        return now.realized - self._at_opening(con_id).realized

    def has_traded(self, con_id: int, flow: float) -> bool:
        """Whether a contract was traded since the beginning."""
        return flow != self._at_opening(con_id).flow

    def _at_opening(self, con_id: int) -> Worth:
        return self.opening.get(con_id, Worth(0.0, 0.0, 0.0))
