"""A ranking and what it stands on, as messages."""

import numpy as np
from spreadmesh.common.v1.feed_pb2 import DataOrigin
from spreadmesh.scan.v1 import ranking_pb2

from scanner_server.columns import Flags
from scanner_server.filters.contracts import asked_contracts
from scanner_server.filters.spec import ScanSpec
from scanner_server.ranking.ranking import Counts, Ranking
from scanner_server.snapshot.asked import expirations_of
from scanner_server.snapshot.book_snapshot import BookSnapshot, CopiedBook
from scanner_server.translation.candidate import candidate_message
from scanner_server.translation.surface import surface_message
from scanner_server.translation.times import timestamp_of

# From the most to the least live.
_ORIGINS = np.array(
    [
        DataOrigin.DATA_ORIGIN_UNSPECIFIED,
        DataOrigin.DATA_ORIGIN_LIVE,
        DataOrigin.DATA_ORIGIN_FROZEN,
        DataOrigin.DATA_ORIGIN_DELAYED,
        DataOrigin.DATA_ORIGIN_DELAYED_FROZEN,
    ]
)


def ranking_message(snapshot: BookSnapshot, ranking: Ranking, spec: ScanSpec) -> ranking_pb2.Ranking:
    """The whole ranking, without candidate ids, time taken and trace."""
    book = snapshot.book
    chain = book.listed.chain
    asked = asked_contracts(chain, book.market_time, spec)
    expirations = expirations_of(chain, asked)
    return ranking_pb2.Ranking(
        market_time=timestamp_of(ranking.market_time),
        surface=surface_message(chain, snapshot.surface, expirations, snapshot.settings),
        candidates=[candidate_message(snapshot, candidate) for candidate in ranking.candidates],
        basis=_basis(book, ranking.counts, asked),
    )


def _basis(book: CopiedBook, counts: Counts, asked: Flags) -> ranking_pb2.RankingBasis:
    message = ranking_pb2.RankingBasis(
        contracts_known=len(book.listed.chain),
        contracts_asked=counts.contracts_asked,
        contracts_quoted=counts.contracts_quoted,
        coverage=counts.contracts_quoted / counts.contracts_asked if counts.contracts_asked else 1.0,
        candidates_formed=counts.formed,
        turned_away=counts.turned_away,
        legs_turned_away={name: count for name, count in counts.legs_turned_away.items() if count},
    )
    quoted = asked & book.quotes.quoted
    message.contracts_stale = int(np.count_nonzero(quoted & book.quotes.stale))
    message.underlying_stale = book.quotes.underlying.stale
    if quoted.any():
        message.stale = message.contracts_stale == message.contracts_quoted
        ages = np.maximum(book.market_time - book.quotes.quote_time[quoted], 0.0)
        message.median_quote_age = float(np.median(ages))
        message.oldest_quote_age = float(ages.max())
        message.origin = DataOrigin.ValueType(int(_ORIGINS[book.origin[quoted].max()]))
    return message
