"""IB's message codes in words a trader can act on.

Source: https://interactivebrokers.github.io/tws-api/message_codes.html
"""

MEANINGS = {
    100: "too many messages a second were sent; the gateway may cut the connection",
    101: "all market data lines of the login are in use",
    103: "the order id was used before",
    162: "historical data were refused",
    200: "no such contract",
    201: "the order was rejected",
    202: "the order was cancelled",
    300: "a subscription was cancelled that the gateway had ended itself",
    321: "the gateway found a mistake in a request",
    322: "the gateway could not process a request",
    326: "another program uses this client id at the gateway: end it or choose another CLIENT_ID",
    354: "the login has no market data subscription for a contract",
    502: "no gateway answers at this address: is it running, and its API port open?",
    504: "not connected to the gateway",
    1100: "the gateway has lost its connection to IB",
    1101: "the gateway is connected to IB again; all quotes had to be asked for anew",
    1102: "the gateway is connected to IB again; quotes went on",
    1300: "the gateway has moved to another port",
    2103: "a market data farm of IB is broken: its quotes are stale",
    2105: "a historical data farm of IB is broken",
    2110: "the gateway has lost its connection to IB and restores it by itself",
    2157: "IB's contract farm is broken",
    10089: "the login has no market data subscription for a contract",
    10090: "part of a contract's market data is not subscribed",
    10167: "delayed quotes are shown: the login has no live subscription",
    10168: "the login has no market data subscription for a contract",
    10197: "another session of the same login gets the quotes: log out of TWS, mobile or web there",
}


def meaning(code: int, text: str) -> str:
    """What a code says; IB's own text where we have no better words."""
    return MEANINGS.get(code, text)
