"""Which volatilities a history is of."""

from enum import StrEnum


class VolatilityKind(StrEnum):
    """Both per year, of thirty days: as option prices imply them ahead, and as the share has had them."""

    IMPLIED = "implied"
    REALIZED = "realized"
