"""The options on an underlying."""

from datetime import date

from rich.console import Console, RenderableType
from rich.table import Table
from spreadmesh.common.v1.contract_pb2 import Right
from spreadmesh.market.v1.chain_pb2 import GetOptionChainResponse

from spreadmesh_client import connect
from spreadmesh_client.cli.run import print_json
from spreadmesh_client.cli.waiting import waiting
from spreadmesh_client.view.text import market_time

Dates = tuple[date | None, date | None]


async def show_chain(
    address: str, symbol: str, dates: Dates, timeout_seconds: float, *, as_json: bool
) -> None:
    """Print a chain: a row for each expiration, with every contract in JSON."""
    async with connect(market=address) as client:
        with waiting(f"Asking for the options on {symbol}"):
            chain = await client.market.get_option_chain(
                symbol, expiration_from=dates[0], expiration_to=dates[1], timeout_seconds=timeout_seconds
            )
    if as_json:
        print_json(chain)
    else:
        Console().print(chain_table(chain))


def chain_table(chain: GetOptionChainResponse) -> RenderableType:
    """One row for each expiration and trading class."""
    share = chain.underlying
    title = f"{share.symbol} {share.con_id} on {share.primary_exchange}, {len(chain.contracts):,} options"
    table = Table(
        title=title, title_justify="left", title_style="bold", box=None, header_style="bold", pad_edge=False
    )
    for name in ("Expiration", "Class", "Last trading"):
        table.add_column(name)
    for name in ("Calls", "Puts", "Lowest", "Highest", "Multiplier"):
        table.add_column(name, justify="right")
    groups: dict[tuple[str, str], list[int]] = {}
    for index, contract in enumerate(chain.contracts):
        groups.setdefault((contract.expiration, contract.trading_class), []).append(index)
    for (expiration, trading_class), members in groups.items():
        contracts = [chain.contracts[index] for index in members]
        calls = sum(contract.right == Right.RIGHT_CALL for contract in contracts)
        strikes = [contract.strike for contract in contracts]
        table.add_row(
            expiration,
            trading_class,
            market_time(contracts[0].expiration_time),
            str(calls),
            str(len(contracts) - calls),
            f"{min(strikes):g}",
            f"{max(strikes):g}",
            f"{contracts[0].multiplier:g}",
        )
    return table
