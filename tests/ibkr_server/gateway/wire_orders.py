"""Messages about orders as a gateway of server version 176 writes them, field by field."""

from collections.abc import Sequence

UNSET = "1.7976931348623157E308"
OPTION = (1001, "SPY", "OPT", "20261218", "590.0", "C", "100", "SMART", "USD", "SPY   261218C00590000", "SPY")
COMBO = (28812380, "SPY", "BAG", "", "0.0", "?", "", "SMART", "USD", "SPY", "COMB")
Leg = tuple[int, int, str]


def open_order(
    order_id: int = 41,
    *,
    status: str = "Submitted",
    perm_id: int = 900,
    client_id: int = 1,
    ref: str = "mine",
    contract: Sequence[object] = OPTION,
    action: str = "BUY",
    quantity: object = "1",
    kind: str = "LMT",
    limit: object = "2.5",
    stop: object = "0.0",
    tif: str = "DAY",
    good_till: str = "",
    oca: tuple[str, int] = ("", 3),
    parent_id: int = 0,
    account: str = "DU1234567",
    legs: Sequence[Leg] = (),
    routing: Sequence[tuple[str, str]] = (),
    what_if: bool = False,
    margins: Sequence[object] = (UNSET,) * 9,
    commissions: Sequence[object] = ("", "", "", "USD"),
    warning: str = "",
) -> list[object]:
    combo_legs = [
        field for con_id, ratio, side in legs for field in (con_id, ratio, side, "SMART", 0, 0, "", -1)
    ]
    params = [field for pair in routing for field in pair]
    return [
        *(5, order_id, *contract),
        *(action, quantity, kind, limit, stop, tif, oca[0], account, "", 0, ref, client_id, perm_id),
        *(0, 0, 0, "", "", "", "", "", "", "", good_till),
        *("", "", "", 0, "", -1, 0, "", "", "", "", "", 0, 0, 0, 0, "", oca[1], 0, 0, "", parent_id, 0),
        *("", 0, "", "", 0, "", "", "", "", "", ""),
        *(len(legs), *combo_legs, 0, len(routing), *params, "", "", ""),
        *("", 0, "", "IB", 0, 0, ""),
        *(0, int(what_if), status, *margins, *commissions, warning),
        *(0, 0, 0, "None", UNSET, UNSET, UNSET, UNSET, UNSET, UNSET, 0, "", "", "", 0.0, 0, 0, 0, 0),
        *("", 2147483647, 0, "", "", "", "", ""),
    ]


def order_status(
    order_id: int = 41,
    status: str = "Submitted",
    *,
    filled: object = 0,
    remaining: object = 1,
    price: object = 0,
    perm_id: int = 900,
    client_id: int = 1,
) -> list[object]:
    return [3, order_id, status, filled, remaining, price, perm_id, 0, 0, client_id, "", 0]


def execution(
    execution_id: str,
    *,
    request_id: int = -1,
    order_id: int = 41,
    perm_id: int = 900,
    client_id: int = 1,
    contract: Sequence[object] = OPTION,
    side: str = "BOT",
    shares: object = 1,
    price: object = 2.5,
    ref: str = "mine",
) -> list[object]:
    return [
        *(11, request_id, order_id, *contract, execution_id, "20261120 11:00:01 US/Eastern", "DU1234567"),
        *("CBOE", side, shares, price, perm_id, client_id, 0, shares, price, ref, "", "", "", 1),
    ]


def commission(execution_id: str, amount: object = 0.65, realized: object = UNSET) -> list[object]:
    return [59, 1, execution_id, amount, "USD", realized, "", ""]


def error(number: int, code: int, text: str = "text") -> list[object]:
    return [4, 2, number, code, text, ""]


def completed_order(
    *,
    status: str = "Filled",
    perm_id: int = 900,
    ref: str = "mine",
    filled: object = 1,
    reason: str = "Filled Size: 1",
) -> list[object]:
    return [
        *(101, *OPTION, "BUY", "1", "LMT", "2.5", "0.0", "DAY", "", "DU1234567", "", 0, ref, perm_id),
        *(0, 0, 0, "", "", "", "", "", "", "", "", "", "", 0, "", -1, "", "", "", "", "", 0, 0, 0, "", 3, 0),
        *("", 0, "", "", 0, "", "", "", "", 0, 0, 0, "", "", "", "", "", "IB", 0, 0, "", 0, status, 0, 0, 0),
        *("", "", 0.0, 0, 0, "", filled, 0, 0, "", 0, 0, 0, "20261120 11:00:01 US/Eastern", reason),
        *("", "", "", "", ""),
    ]
