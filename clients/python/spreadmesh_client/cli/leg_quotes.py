"""What the legs of an order are quoted at."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final

from mesh.errors import MeshError
from spreadmesh_client import MarketData
from spreadmesh_client.cli.quotes import Wanted, until_quoted
from spreadmesh_client.orders.legs import NamedLeg
from spreadmesh_client.view.quote_table import QuoteRows

QUOTE_SECONDS: Final = 5.0


async def quoted(market: MarketData, legs: Sequence[NamedLeg]) -> list[NamedLeg]:
    """With bid and ask, where they come in time: they are for the eye, the server's preview decides."""
    rows = QuoteRows()
    wanted = Wanted(tuple(leg.con_id for leg in legs), (), greeks=False)
    with suppress(TimeoutError, MeshError):
        async with asyncio.timeout(QUOTE_SECONDS):
            await until_quoted(market, wanted, rows)
    batch = rows.batch
    found = {number: row for row, number in enumerate(batch.con_id)}
    return [
        replace(
            leg,
            bid=batch.bid[found[leg.con_id]],
            ask=batch.ask[found[leg.con_id]],
            name=_name(leg, rows.names.get(leg.con_id, "")),
        )
        if leg.con_id in found
        else leg
        for leg in legs
    ]


def _name(leg: NamedLeg, local_symbol: str) -> str:
    """IB's own name of a contract that was given by its number."""
    return " ".join(local_symbol.split()) or leg.name if leg.multiplier is None else leg.name
