"""What an account holds on an order's underlying."""

from collections.abc import Callable, Sequence
from typing import Final

from ibkr_server.account.position import Position
from ibkr_server.chain.contract_lookup import ContractLookup
from ibkr_server.chain.facts import ContractFacts
from ibkr_server.risk.stakes import Holdings

MOST_POSITIONS: Final = 64
"""On one underlying; with more an order is judged by itself."""


Positions = Callable[[str], Sequence[Position] | None]
"""Positions of an account; None while they are not known."""


async def holdings(
    account: str, underlying: ContractFacts, positions: Positions, lookup: ContractLookup
) -> Holdings:
    """Every position on an underlying; empty where they can't all be known.

    `underlying` is any contract on it.

    Raises:
        MeshError: What asking for contracts raises.
    """
    held = [each for each in positions(account) or () if each.quantity and each.symbol == underlying.symbol]
    if len(held) > MOST_POSITIONS:
        return {}
    contracts = await lookup.facts(each.con_id for each in held)
    if len(contracts) < len(held):
        return {}
    return {
        each.con_id: (contracts[each.con_id], each.quantity)
        for each in held
        if contracts[each.con_id].underlying_con_id == underlying.underlying_con_id
    }
