"""The volatility surface as a value."""

from dataclasses import dataclass

from scanner_server.columns import Floats, Ints


@dataclass(frozen=True, slots=True, eq=False)
class SurfaceSettings:
    """What the market does not tell: continuously compounded rate and dividend yield, per year."""

    rate: float = 0.04
    dividend_yield: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """A numbered snapshot; spot and time are frozen in it. Shapes (m,) are one value per expiration.

    Attributes:
        number: counts the snapshots of one underlying.
        market_time: when it was taken, unix seconds of market time.
        spot: USD per share.
        rate: continuously compounded, per year.
        years: T, elapsed UTC time to expiration in years of 365 days, at least 60 s; shape (m,).
        days: max(365 T, 1); shape (m,).
        days_to_expiration: calendar days in New York; shape (m,).
        forward: USD per share; shape (m,).
        growth: e^(rT); shape (m,).
        atm_iv: volatility at x = 0, per year; NaN without a smile; shape (m,).
        knot_start: expiration e owns the knots [knot_start[e], knot_start[e + 1]); shape (m + 1,).
        knot_x: ln(K/F) of the knots; shape (k,).
        knot_iv: volatility at the knots; shape (k,).
        cubic: coefficients of (x - knot_x)^3, ^2, ^1, ^0 to the right of each knot; shape (k, 4).
    """

    number: int
    market_time: float
    spot: float
    rate: float
    years: Floats
    days: Floats
    days_to_expiration: Ints
    forward: Floats
    growth: Floats
    atm_iv: Floats
    knot_start: Ints
    knot_x: Floats
    knot_iv: Floats
    cubic: Floats
