"""An option chain message as the scanner's columns."""

from collections import Counter

from spreadmesh.common.v1.contract_pb2 import Right
from spreadmesh.market.v1.chain_pb2 import GetOptionChainResponse

from scanner_server.book.chain import Chain
from scanner_server.snapshot.listed_chain import ListedChain
from scanner_server.translation.times import seconds_of


def listed_chain(answer: GetOptionChainResponse) -> ListedChain:
    """Convert an answer of GetOptionChain.

    Raises:
        ValueError: no contracts, or one contract number occurs twice.
    """
    contracts = answer.contracts
    if not contracts:
        raise ValueError(f"the chain of {answer.underlying.symbol} is empty")
    standard, _ = Counter(contract.multiplier for contract in contracts).most_common(1)[0]
    chain = Chain.of(
        answer.underlying.symbol,
        standard,
        con_id=[contract.con_id for contract in contracts],
        expiration=[contract.expiration for contract in contracts],
        expires_at=[seconds_of(contract.expiration_time) for contract in contracts],
        strike=[contract.strike for contract in contracts],
        is_call=[contract.right == Right.RIGHT_CALL for contract in contracts],
        trading_class=[contract.trading_class for contract in contracts],
        multipliers=[contract.multiplier for contract in contracts],
    )
    by_id = {contract.con_id: contract for contract in contracts}
    ordered = tuple(by_id[con_id] for con_id in chain.con_id.tolist())
    return ListedChain(answer.underlying.con_id, chain, ordered, seconds_of(answer.market_time))
