"""A ranking and what it stands on, as messages."""

import numpy as np
from spreadmesh.common.v1.feed_pb2 import DataOrigin
from spreadmesh.scan.v1 import ranking_pb2

from scanner_server.ranking.ranking import Ranking
from scanner_server.snapshot.book_snapshot import BookSnapshot

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


def basis_message(snapshot: BookSnapshot, ranking: Ranking) -> ranking_pb2.RankingBasis:
    """What a ranking stands on, without time taken and trace."""
    book, counts = snapshot.book, ranking.counts
    quoted = ranking.asked & book.quotes.quoted
    quoted_count = int(np.count_nonzero(quoted))
    message = ranking_pb2.RankingBasis(
        contracts_known=len(book.listed.chain),
        contracts_asked=counts.contracts_asked,
        contracts_quoted=quoted_count,
        coverage=quoted_count / counts.contracts_asked if counts.contracts_asked else 1.0,
        candidates_formed=counts.formed,
        candidates_pruned=counts.pruned,
        turned_away=counts.turned_away,
        legs_turned_away={name: count for name, count in counts.legs_turned_away.items() if count},
        contracts_stale=int(np.count_nonzero(quoted & book.quotes.stale)),
        underlying_stale=book.quotes.underlying.stale,
    )
    if quoted_count:
        message.stale = message.contracts_stale == quoted_count
        ages = np.maximum(book.market_time - book.quotes.quote_time[quoted], 0.0)
        message.median_quote_age = float(np.median(ages))
        message.oldest_quote_age = float(ages.max())
        message.origin = DataOrigin.ValueType(int(_ORIGINS[book.origin[quoted].max()]))
    return message
