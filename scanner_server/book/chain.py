"""The listed option contracts of one underlying, as columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from scanner_server.columns import Flags, Floats, Ints, Rows


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """Contracts of one underlying, one row each, sorted by (expiration, trading class, right, strike).

    Within an expiration and class the calls come before the puts. Two series of one date that end at
    different instants (AM and PM settled) are two expirations.

    Attributes:
        symbol: the underlying.
        multiplier: shares per standard contract.
        expirations: ISO date of each expiration, by ascending instant; shape (m,).
        expires_at: the instant of each expiration, unix seconds UTC; shape (m,).
        con_id: contract ids; shape (n,).
        expiration: index into `expirations`; shape (n,).
        strike: USD per share; shape (n,).
        is_call: true for a call, false for a put; shape (n,).
        multipliers: shares per contract of each row; shape (n,).
        trading_class: trading class of each row; length n.
        standard: rows of the standard trading class of their expiration, the only ones scanned; shape (n,).
    """

    symbol: str
    multiplier: float
    expirations: tuple[str, ...]
    expires_at: Floats
    con_id: Ints
    expiration: Rows
    strike: Floats
    is_call: Flags
    multipliers: Floats
    trading_class: tuple[str, ...]
    standard: Flags
    _row_of: dict[int, int]

    @classmethod
    def of(
        cls,
        symbol: str,
        multiplier: float,
        *,
        con_id: Sequence[int],
        expiration: Sequence[str],
        expires_at: Sequence[float],
        strike: Sequence[float],
        is_call: Sequence[bool],
        trading_class: Sequence[str],
        multipliers: Sequence[float] | None = None,
    ) -> Self:
        """Sort contracts given row by row, in any order, into a chain.

        Args:
            symbol: the underlying.
            multiplier: shares per standard contract.
            con_id: contract ids, each once.
            expiration: ISO date per contract.
            expires_at: expiration instant per contract, unix seconds UTC.
            strike: USD per share.
            is_call: true for a call.
            trading_class: as the exchange names it.
            multipliers: shares per contract; all standard when left out.

        Raises:
            ValueError: columns of different lengths, or a contract id that occurs twice.
        """
        n = len(con_id)
        shares = [multiplier] * n if multipliers is None else multipliers
        columns = (expiration, expires_at, strike, is_call, trading_class, shares)
        if any(len(column) != n for column in columns):
            raise ValueError("the columns of a chain must have one length")
        if len(set(con_id)) != n:
            raise ValueError("a contract id occurs twice in the chain")
        series = sorted({(at, date) for at, date in zip(expires_at, expiration, strict=True)})
        place = {key: index for index, key in enumerate(series)}
        index = [place[key] for key in zip(expires_at, expiration, strict=True)]
        order = sorted(range(n), key=lambda i: (index[i], trading_class[i], not is_call[i], strike[i]))
        ids = [int(con_id[i]) for i in order]
        classes = tuple(trading_class[i] for i in order)
        rows = np.array([index[i] for i in order], np.int32)
        per_row = np.array([shares[i] for i in order], np.float64)
        return cls(
            symbol=symbol,
            multiplier=float(multiplier),
            expirations=tuple(date for _, date in series),
            expires_at=np.array([at for at, _ in series], np.float64),
            con_id=np.array(ids, np.int64),
            expiration=rows,
            strike=np.array([strike[i] for i in order], np.float64),
            is_call=np.array([is_call[i] for i in order], np.bool_),
            multipliers=per_row,
            trading_class=classes,
            standard=_standard(rows, classes, per_row == multiplier),
            _row_of={con: row for row, con in enumerate(ids)},
        )

    def __len__(self) -> int:
        return len(self.con_id)

    def row_of(self, con_id: int) -> int | None:
        """The row of a contract, or None where it is not in the chain."""
        return self._row_of.get(con_id)

    def rows_of(self, con_ids: Sequence[int]) -> Rows:
        """Rows of several contracts.

        Raises:
            KeyError: a contract that is not in the chain.
        """
        return np.array([self._row_of[con_id] for con_id in con_ids], np.int32)


def _standard(expiration: Rows, classes: tuple[str, ...], plain: Flags) -> Flags:
    """Per expiration the class with the most contracts of the standard multiplier; ties: the first name."""
    counts: dict[int, dict[str, int]] = {}
    for index, name, is_plain in zip(expiration.tolist(), classes, plain.tolist(), strict=True):
        of_expiration = counts.setdefault(index, {})
        of_expiration[name] = of_expiration.get(name, 0) + is_plain
    chosen = {index: min(names, key=lambda name: (-names[name], name)) for index, names in counts.items()}
    same = [chosen[index] == name for index, name in zip(expiration.tolist(), classes, strict=True)]
    return np.array(same, np.bool_) & plain
