"""An answer in protobuf's JSON as the slow scanner of the scanner's own tests reads it."""

from datetime import datetime
from typing import Any

from tests.scanner_server.reference.expiry import YEAR, Expiry, Option

Json = dict[str, Any]


def expiry_of(surface: Json, date: str) -> Expiry:
    """The surface of the answer at one expiration."""
    found = next(each for each in surface["expirations"] if each["expiration"] == date)
    points = list(zip(found["smile_x"], found["smile_volatility"], strict=True))
    now = datetime.fromisoformat(surface["market_time"]).timestamp()
    return Expiry(surface["spot"], now, surface["rate"], found["years"], found["forward"], points)


def option_of(leg: Json, expiry: Expiry) -> Option:
    """The contract and quote of a leg."""
    return Option(
        con_id=int(leg["con_id"]),
        expires_at=expiry.now + expiry.years * YEAR,
        call=leg["right"] == "RIGHT_CALL",
        strike=leg["strike"],
        bid=leg["bid"],
        ask=leg["ask"],
        volume=leg.get("volume", 0.0),
        open_interest=leg.get("open_interest", 0.0),
        quote_time=expiry.now - leg["quote_age"],
    )
