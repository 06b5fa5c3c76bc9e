"""Every figure, part and leg of a ranking arrives in its field."""

import math

import pytest
from spreadmesh.common.v1.contract_pb2 import Right
from spreadmesh.scan.v1 import ranking_pb2

from scanner_server.figures.table import FIGURE_NAMES
from scanner_server.filters.spec import Range, ScanSpec
from scanner_server.live.book import LiveBook
from scanner_server.live.ranker import Ranker
from scanner_server.ranking.incremental import scan
from scanner_server.ranking.ranking import Ranking
from scanner_server.score.weights import COMPONENTS
from scanner_server.snapshot.book_snapshot import BookSnapshot, on_new_surface
from scanner_server.surface.surface import SurfaceSettings
from tests.scanner_server.live.test_live_book import batch, listed
from tests.scanner_server.scripted_market import CONTRACTS, NOON, SHARE, mid_of

SPEC = ScanSpec(
    strategies=("vertical", "iron_condor"),
    ranges={"days_to_expiration": Range(), "bid_ask_width": Range(), "short_delta": Range()},
    limit=50,
)


@pytest.fixture(scope="module")
def snapshot() -> BookSnapshot:
    book = LiveBook(listed(list(CONTRACTS)))
    mids = {con_id: mid_of(contract) for con_id, contract in CONTRACTS.items()}
    book.apply(batch({SHARE: 100.0} | {con_id: max(mid - 0.5, 0.0) for con_id, mid in mids.items()}))
    return on_new_surface(book.copied(NOON + 3), 4, SurfaceSettings())


@pytest.fixture(scope="module")
def ranking(snapshot: BookSnapshot) -> Ranking:
    return scan(snapshot.view, SPEC)


@pytest.fixture(scope="module")
def message(snapshot: BookSnapshot) -> ranking_pb2.Ranking:
    return Ranker(SPEC, 1_000_000).rank(snapshot).message


def test_every_figure_arrives(ranking: Ranking, message: ranking_pb2.Ranking) -> None:
    assert len(message.candidates) == len(ranking.candidates) == 50
    for candidate, sent in zip(ranking.candidates, message.candidates, strict=True):
        for name in FIGURE_NAMES:
            value = candidate.figure(name)
            if math.isnan(value):
                assert not sent.HasField(name)
            else:
                assert getattr(sent, name) == value
        parts = [getattr(sent.score_parts, name) for name in COMPONENTS]
        assert parts == candidate.parts.tolist()
        assert sent.breakevens == list(candidate.breakevens)
        assert (sent.strategy, sent.score) == (candidate.strategy, candidate.score)


def test_every_leg_is_described_in_order(
    snapshot: BookSnapshot, ranking: Ranking, message: ranking_pb2.Ranking
) -> None:
    book, legs = snapshot.book, snapshot.legs
    for candidate, sent in zip(ranking.candidates, message.candidates, strict=True):
        places = [(leg.expiration, leg.right == Right.RIGHT_CALL, leg.strike) for leg in sent.legs]
        assert places == sorted(places)
        quantities = dict(zip(candidate.rows, candidate.quantities, strict=True))
        for leg in sent.legs:
            row = book.listed.chain.row_of(leg.con_id)
            assert row is not None
            assert leg.quantity == quantities[row]
            assert (leg.bid, leg.ask, leg.mid) == (
                book.quotes.bid[row],
                book.quotes.ask[row],
                legs["mid"][row],
            )
            assert leg.implied_volatility == legs["iv"][row]
            assert leg.delta == legs["delta"][row]
            assert leg.quote_age == pytest.approx(3)
            assert not leg.HasField("open_interest")


def test_the_basis_counts_what_the_ranking_counts(ranking: Ranking, message: ranking_pb2.Ranking) -> None:
    counts, basis = ranking.counts, message.basis
    assert basis.contracts_known == len(CONTRACTS)
    assert (basis.contracts_asked, basis.contracts_quoted) == (
        counts.contracts_asked,
        counts.contracts_quoted,
    )
    assert basis.candidates_formed == counts.formed
    assert sum(basis.turned_away.values()) == counts.formed - counts.qualified
    assert set(basis.turned_away) <= {"short_delta", "no_profit", "no_risk", *FIGURE_NAMES}
    assert basis.oldest_quote_age == pytest.approx(3)
    assert (message.surface.number, message.surface.spot) == (4, 100.5)
    assert len(message.surface.expirations) == 2
