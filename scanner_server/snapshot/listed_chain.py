"""A chain with the names that its columns leave out."""

from dataclasses import dataclass
from functools import cached_property

from spreadmesh.common.v1.contract_pb2 import OptionContract

from scanner_server.book.chain import Chain


@dataclass(frozen=True, eq=False)
class ListedChain:
    """The options on one underlying.

    Attributes:
        underlying_con_id: contract number of the share.
        chain: the options, in columns.
        contracts: the options in the order of the chain's rows.
        market_time: when the chain was told, unix seconds.
    """

    underlying_con_id: int
    chain: Chain
    contracts: tuple[OptionContract, ...]
    market_time: float

    @cached_property
    def con_ids(self) -> tuple[int, ...]:
        """Contract number of every row of the chain, then the share's."""
        return (*self.chain.con_id.tolist(), self.underlying_con_id)
