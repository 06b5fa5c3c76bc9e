"""The data farms and what each serves."""

from typing import Annotated, Literal

from pydantic import Field

from tws_sim.market.instrument import Instrument, Option

FarmName = Annotated[
    Literal["usfarm", "usopt", "ushmds", "secdefnj"],
    Field(description="usopt: options; usfarm: everything else; ushmds: history; secdefnj: contracts."),
]

KINDS = {"usfarm": "Market data", "usopt": "Market data", "ushmds": "HMDS data", "secdefnj": "Sec-def data"}


def farm_of(item: Instrument) -> str:
    """The farm that a contract's ticks come from."""
    return "usopt" if isinstance(item, Option) else "usfarm"
