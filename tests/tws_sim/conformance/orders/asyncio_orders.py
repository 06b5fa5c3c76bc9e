"""A client of ib_insync or ib_async that trades: prints what it was told as one JSON line."""

import asyncio
import json
import logging
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

# ib_async calls a cancelled order an error, ib_insync does not; both log what is not in the order's way.
EXPECTED = ("Error 202,", "Error 10147,")


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(15):
        while not condition():  # noqa: ASYNC110 - no event tells that all of it has come
            await asyncio.sleep(0.02)


async def main(library: str, port: int, symbol: str, expiration: str, strike: float) -> dict[str, object]:
    ibx: Any = import_module(library)
    problems: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.addFilter(lambda record: "Canceled order" not in record.getMessage())
    handler.addFilter(lambda record: not record.getMessage().startswith(EXPECTED))
    handler.emit = lambda record: problems.append(record.getMessage())
    logging.getLogger(library).addHandler(handler)
    ib = ibx.IB()
    errors: list[int] = []
    ib.errorEvent += lambda _request, code, *_: errors.append(code)
    await ib.connectAsync("127.0.0.1", port, clientId=7 if library == "ib_insync" else 8, timeout=4)
    low, high = (ibx.Option(symbol, expiration, at, "C", "SMART") for at in (strike, strike + 5))
    await ib.qualifyContractsAsync(low, high)
    legs = [
        ibx.ComboLeg(conId=one.conId, ratio=1, action=action, exchange="SMART")
        for one, action in ((low, "BUY"), (high, "SELL"))
    ]
    spread = ibx.Bag(symbol=symbol, exchange="SMART", currency="USD", comboLegs=legs)
    states: list[Any] = []
    wrapped = ib.wrapper.openOrder

    def heard(number: int, contract: Any, order: Any, state: Any) -> None:
        if order.whatIf:
            states.append(state)
        wrapped(number, contract, order, state)

    ib.wrapper.openOrder = heard
    await asyncio.wait_for(ib.whatIfOrderAsync(spread, ibx.LimitOrder("BUY", 2, 4.5)), 15)
    await until(lambda: len(states) == 2)
    trade = ib.placeOrder(spread, ibx.LimitOrder("BUY", 2, 4.5, orderRef="combo"))
    await until(lambda: trade.orderStatus.status == "Filled")
    await until(lambda: sum(fill.commissionReport.commission > 0 for fill in trade.fills) == 2)
    resting = ib.placeOrder(low, ibx.LimitOrder("BUY", 1, 0.01, orderRef="resting", tif="GTC"))
    await until(lambda: resting.orderStatus.status == "Submitted")
    live = [one.order.orderRef for one in await ib.reqOpenOrdersAsync()]
    ib.cancelOrder(resting.order)
    await until(lambda: resting.orderStatus.status == "Cancelled" and 202 in errors)
    executions = await ib.reqExecutionsAsync(ibx.ExecutionFilter(clientId=ib.client.clientId))
    completed = await ib.reqCompletedOrdersAsync(True)
    mine = {trade.order.permId, resting.order.permId}
    seen = {
        "margin": [float(states[1].initMarginChange), float(states[1].commission)],
        "unset": states[0].initMarginChange,
        "status": [trade.orderStatus.filled, trade.orderStatus.remaining],
        "price": trade.orderStatus.avgFillPrice,
        "fills": [
            [f.contract.secType, f.execution.side, f.execution.shares, f.execution.execId[-6:]]
            for f in trade.fills
        ],
        "leg_prices": [f.execution.price for f in trade.fills],
        "commissions": sorted(f.commissionReport.commission for f in trade.fills),
        "live": live,
        "executions": sorted(f.execution.execId[-6:] for f in executions),
        "references": sorted({f.execution.orderRef for f in executions}),
        "completed": sorted(t.orderStatus.status for t in completed if t.order.permId in mine),
        "errors": sorted(code for code in errors if not 2100 <= code < 2200),
    }
    ib.disconnect()
    return {**seen, "problems": problems}


if __name__ == "__main__":
    _, library, port, symbol, expiration, strike = sys.argv
    print(json.dumps(asyncio.run(main(library, int(port), symbol, expiration, float(strike)))))
