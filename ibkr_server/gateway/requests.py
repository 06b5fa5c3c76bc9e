"""What is asked of the gateway about contracts, in the mesh's own types."""

from datetime import date

from ibkr_server import translation
from ibkr_server.chain.contracts import Option, OptionParameters, Underlying
from ibkr_server.chain.facts import ContractFacts
from ibkr_server.gateway.link import GatewayLink
from ibkr_server.gateway.listener import GatewayRefusal
from ibkr_server.gateway.market_rules import MarketRules
from ibkr_server.gateway.pacer import Lane
from ibkr_server.translation import Details, Query

NO_SUCH_CONTRACT = 200


class ContractRequests:
    """Contract details and option parameters; errors as `GatewayLink.request` raises them."""

    def __init__(self, link: GatewayLink) -> None:
        self._link = link
        self._rules = MarketRules(link)

    async def underlying(self, symbol: str, security_type: str, currency: str) -> Underlying | None:
        """The share or index of that name; None where the gateway knows none."""
        return self._noted(await self._details(translation.underlying_query(symbol, security_type, currency)))

    async def underlying_of(self, con_id: int) -> Underlying | None:
        """The share or index of that contract number; None where the gateway knows none."""
        found = await self._details(translation.contract_query(con_id))
        return self._noted([details for details in found if translation.is_underlying(details)])

    async def option_parameters(self, underlying: Underlying) -> list[OptionParameters]:
        """The trading classes and expirations listed on it."""
        chains = await self._link.request(
            Lane.REQUESTS,
            lambda ib: ib.reqSecDefOptParamsAsync(
                underlying.symbol, "", underlying.security_type, underlying.con_id
            ),
        )
        return translation.to_parameters(chains)

    async def options(self, underlying: Underlying, trading_class: str, expiration: date) -> list[Option]:
        """Every strike and right of an expiration; empty where the gateway knows none."""
        query = translation.option_query(underlying, trading_class, expiration)
        return [translation.to_option(details) for details in await self._details(query)]

    async def facts(self, con_id: int) -> ContractFacts | None:
        """Any contract, with the increments of its prices; None where the gateway knows none."""
        found = await self._details(translation.contract_query(con_id))
        if not found:
            return None
        if translation.is_underlying(found[0]):
            self._noted(found)
        rule = translation.market_rule_id(found[0])
        return translation.to_facts(found[0], () if rule is None else await self._rules.increments(rule))

    def _noted(self, found: list[Details]) -> Underlying | None:
        if not found:
            return None
        underlying = translation.to_underlying(found[0])
        self._link.add_underlying(underlying.con_id, underlying.exchange)
        return underlying

    async def _details(self, query: Query) -> list[Details]:
        try:
            return await self._link.request(Lane.REQUESTS, lambda ib: ib.reqContractDetailsAsync(query))
        except GatewayRefusal as refusal:
            if refusal.ib_code == NO_SUCH_CONTRACT:
                return []
            raise
