"""What a ranking stands on, in words."""

from collections.abc import Mapping
from typing import Final

from spreadmesh.common.v1.feed_pb2 import DataOrigin
from spreadmesh.scan.v1.ranking_pb2 import Ranking, RankingBasis

from spreadmesh_client.view.text import duration, market_time, percent, price

ORIGINS: Final = {
    DataOrigin.DATA_ORIGIN_LIVE: "live",
    DataOrigin.DATA_ORIGIN_FROZEN: "frozen",
    DataOrigin.DATA_ORIGIN_DELAYED: "delayed",
    DataOrigin.DATA_ORIGIN_DELAYED_FROZEN: "delayed, frozen",
}


def basis_lines(ranking: Ranking) -> list[str]:
    """Market time and surface; contracts and quote ages; candidates and what turned most of them away."""
    basis, surface = ranking.basis, ranking.surface
    lines = [
        f"{market_time(ranking.market_time)} · spot {price(surface.spot)} · surface {surface.number} · "
        f"{_state(basis)}",
        f"{basis.contracts_quoted:,} of {basis.contracts_asked:,} contracts quoted "
        f"({percent(basis.coverage)}){_ages(basis)}",
        f"{len(ranking.candidates):,} of {basis.candidates_formed:,} spreads "
        f"in {duration(basis.scan_seconds)}{_most(' · ', basis.turned_away, 'turned away')}",
        _most("", basis.legs_turned_away, "legs turned away"),
    ]
    return [line for line in lines if line]


def _state(basis: RankingBasis) -> str:
    if basis.stale:
        return "STALE: the last ranking known"
    flags = ["underlying STALE"] if basis.underlying_stale else []
    flags += (
        [f"{basis.contracts_stale:,} contracts STALE (their spreads marked !)"]
        if basis.contracts_stale
        else []
    )
    return " · ".join([ORIGINS.get(basis.origin, "no data yet"), *flags])


def _ages(basis: RankingBasis) -> str:
    if not basis.HasField("median_quote_age"):
        return ""
    return f" · quote age {duration(basis.median_quote_age)}, oldest {duration(basis.oldest_quote_age)}"


def _most(before: str, counts: Mapping[str, int], what: str) -> str:
    if not any(counts.values()):
        return ""
    name, count = max(counts.items(), key=lambda item: item[1])
    return f"{before}{sum(counts.values()):,} {what}, most by {name} ({count:,})"
