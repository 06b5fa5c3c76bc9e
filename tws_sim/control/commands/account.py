"""What the account holds and is worth."""

from typing import Any

from tws_sim.gateway import Gateway


async def run(gateway: Gateway, request: dict[str, Any]) -> dict[str, Any]:
    """Cash, values and margin in USD, and every position."""
    balance, profit = gateway.account.balance(), gateway.account.profit()
    return {
        "cash": balance.cash,
        "net_liquidation": balance.net_liquidation,
        "equity_with_loan": balance.equity_with_loan,
        "initial_margin": balance.margin.initial,
        "maintenance_margin": balance.margin.maintenance,
        "profit": profit._asdict(),
        "positions": [
            {
                "con_id": one.item.con_id,
                "symbol": one.item.symbol,
                "quantity": one.quantity,
                "average_cost": one.average_cost,
            }
            for one in gateway.account.positions()
        ],
    }
