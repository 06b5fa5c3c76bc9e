"""A surface as a message."""

import numpy as np
from spreadmesh.scan.v1 import ranking_pb2

from scanner_server.book.chain import Chain
from scanner_server.columns import Flags
from scanner_server.surface.surface import Surface, SurfaceSettings
from scanner_server.translation.times import timestamp_of


def surface_message(
    chain: Chain, surface: Surface, asked: Flags, settings: SurfaceSettings
) -> ranking_pb2.Surface:
    """The surface at the expirations asked for (shape (m,)), smiles included."""
    return ranking_pb2.Surface(
        number=surface.number,
        market_time=timestamp_of(surface.market_time),
        spot=surface.spot,
        rate=surface.rate,
        dividend_yield=settings.dividend_yield,
        expirations=[_expiration(chain, surface, int(index)) for index in np.flatnonzero(asked)],
    )


def _expiration(chain: Chain, surface: Surface, index: int) -> ranking_pb2.SurfaceExpiration:
    knots = slice(int(surface.knot_start[index]), int(surface.knot_start[index + 1]))
    message = ranking_pb2.SurfaceExpiration(
        expiration=chain.expirations[index],
        years=float(surface.years[index]),
        days_to_expiration=int(surface.days_to_expiration[index]),
        forward=float(surface.forward[index]),
        smile_x=surface.knot_x[knots].tolist(),
        smile_volatility=surface.knot_iv[knots].tolist(),
    )
    if not np.isnan(surface.atm_iv[index]):
        message.atm_volatility = float(surface.atm_iv[index])
    return message


def without_smiles(surface: ranking_pb2.Surface) -> None:
    """Clear the points of the smiles, in place."""
    for expiration in surface.expirations:
        expiration.ClearField("smile_x")
        expiration.ClearField("smile_volatility")
