"""Orders on their way to the gate: account, contracts and holdings are found, and nonsense is refused."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from ibkr_server.chain.contract_lookup import ContractLookup
from ibkr_server.orders.order import Order
from ibkr_server.orders.spec import OrderSpec
from ibkr_server.risk.candidate import Candidate
from ibkr_server.risk.contract_checks import expired, faults
from ibkr_server.risk.holdings import Positions, holdings
from ibkr_server.risk.limits import LimitTable
from ibkr_server.risk.refusal import refusal
from ibkr_server.risk.rules import Violation
from mesh.errors import invalid_argument, invalid_arguments, unavailable


class Candidates:
    """Makes candidates of orders."""

    def __init__(
        self,
        accounts: Callable[[], Sequence[str]],
        contracts: ContractLookup,
        positions: Positions,
        limits: LimitTable,
        clock: Callable[[], float],
        market_now: Callable[[], datetime],
    ) -> None:
        """`accounts` are those of the login; `clock` gives monotonic seconds, `market_now` UTC."""
        self._accounts = accounts
        self._contracts = contracts
        self._positions = positions
        self._limits = limits
        self._clock = clock
        self._market_now = market_now

    async def understood(self, spec: OrderSpec, client: str, replacing: Order | None) -> Candidate:
        """An order that makes sense, with its account and contracts and without holdings.

        Raises:
            MeshError: INVALID_ARGUMENT naming each field that is wrong; FAILED_PRECONDITION for an expired
                contract; DEADLINE_EXCEEDED or UNAVAILABLE where its contracts can't be looked up.
        """
        asked_at, prefix = self._clock(), "order." if replacing is None else ""
        spec = replace(spec, account=self._account(spec, prefix))
        contracts = await self._contracts.facts(leg.con_id for leg in spec.legs)
        is_exit = _is_exit(spec, replacing)
        wrong = faults(spec, contracts, is_exit=is_exit)
        if wrong:
            raise invalid_arguments((prefix + field, text) for field, text in wrong)
        ended = expired(spec, contracts, self._market_now())
        if ended:
            raise refusal([Violation("CONTRACT_EXPIRED", prefix + field, text) for field, text in ended])
        limits = self._limits.of(account=spec.account, client=client)
        filled = replacing.filled if replacing is not None else Decimal(0)
        return Candidate(spec, contracts, {}, limits, client, asked_at, filled, is_exit)

    async def with_holdings(self, candidate: Candidate) -> Candidate:
        """The same with what its account holds of the underlying now.

        Raises:
            MeshError: DEADLINE_EXCEEDED or UNAVAILABLE where a position's contract can't be looked up.
        """
        any_leg = candidate.contracts[candidate.spec.legs[0].con_id]
        held = await holdings(candidate.spec.account, any_leg, self._positions, self._contracts)
        return replace(candidate, held=held)

    def _account(self, spec: OrderSpec, prefix: str) -> str:
        accounts = self._accounts()
        if not accounts:
            raise unavailable("the gateway has not told the accounts of its login", retry_after_seconds=1.0)
        if not spec.account and len(accounts) > 1:
            raise invalid_argument(f"{prefix}account", f"must be one of {', '.join(accounts)}")
        if spec.account and spec.account not in accounts:
            raise invalid_argument(f"{prefix}account", f"the login has no account {spec.account}")
        return spec.account or accounts[0]


def _is_exit(spec: OrderSpec, replacing: Order | None) -> bool:
    return replacing is not None and bool(replacing.parent) and spec.quantity <= replacing.spec.quantity
