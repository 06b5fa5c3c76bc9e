"""Quotes to send: 1,024 contracts with every column of the contract filled."""

import numpy as np

from ibkr_server.quotes.columns import Quote, QuoteColumns

ROWS = 1024
FIRST_CON_ID = 500_000_000
QUOTE_TIME_US = 1_767_712_200_000_000


def con_ids() -> list[int]:
    """The contracts."""
    return list(range(FIRST_CON_ID, FIRST_CON_ID + ROWS))


def random_quotes() -> list[Quote]:
    """One quote per contract: prices in cents, sizes in contracts."""
    rng = np.random.default_rng(1)
    bids = np.round(rng.uniform(0.05, 40, ROWS), 2)
    sizes = rng.integers(1, 500, (4, ROWS))
    return [
        Quote._make([bid, bid + 0.05, *sizes[:2, i], bid, *sizes[2:, i], *[np.nan] * 5, 1])
        for i, bid in enumerate(bids)
    ]


def filled_columns() -> QuoteColumns:
    """Those quotes as the server keeps them."""
    columns = QuoteColumns()
    rows = [columns.row(con_id) for con_id in con_ids()]
    columns.write(rows, random_quotes(), [True] * ROWS, QUOTE_TIME_US)
    return columns
