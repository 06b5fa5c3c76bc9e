"""Which contracts a scan needs quotes of, and how urgently."""

import numpy as np

from scanner_server.book.chain import Chain
from scanner_server.columns import Flags
from scanner_server.filters.contracts import asked_contracts
from scanner_server.filters.spec import ScanSpec
from scanner_server.snapshot.listed_chain import ListedChain

SHARE_PRIORITY = 100
ASKED_PRIORITY = 40
SURFACE_PRIORITY = 20


def expirations_of(chain: Chain, contracts: Flags) -> Flags:
    """Expirations of some contracts (shape (n,)); shape (m,)."""
    found = np.zeros(len(chain.expirations), np.bool_)
    found[chain.expiration[contracts]] = True
    return found


def priorities(listed: ListedChain, market_time: float, spec: ScanSpec) -> dict[int, int]:
    """Priority by con_id: the share first, then what is asked for, then what its surface needs beside it.

    Forward and smile of an expiration come from all of its strikes and both rights: a scan that asks for some
    of them gets the same surface as one that asks for all.
    """
    chain = listed.chain
    asked = asked_contracts(chain, market_time, spec)
    needed = expirations_of(chain, asked)[chain.expiration] & chain.standard
    level = np.where(asked, ASKED_PRIORITY, SURFACE_PRIORITY)
    wanted = dict(zip(chain.con_id[needed].tolist(), level[needed].tolist(), strict=True))
    return wanted | {listed.underlying_con_id: SHARE_PRIORITY}
