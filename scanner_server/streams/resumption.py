"""Streams that can be gone on with: those that are open, and for a while those that have ended."""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from mesh.errors import MeshError, stale_resume
from scanner_server.streams.numbering import Numbering, Sent

KEPT_SECONDS = 30.0
KEPT_STREAMS = 64
KEPT_BYTES = 16 * 1024 * 1024


class _Open(NamedTuple):
    numbering: Numbering
    end: Callable[[Exception], None]


class _Ended(NamedTuple):
    sent: Sent
    at: float
    size: int


class Resumption:
    """By epoch, what was sent last on each stream.

    It keeps the latest of those that have ended, `KEPT_STREAMS` and `KEPT_BYTES` at most, for `KEPT_SECONDS`.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        """Start with none; `monotonic` gives seconds of this machine."""
        self._monotonic = monotonic
        self._open: dict[int, _Open] = {}
        self._ended: dict[int, _Ended] = {}

    def __repr__(self) -> str:
        return f"<Resumption open={len(self._open)} ended={len(self._ended)}>"

    def find(self, epoch: int, sequence: int, key: Hashable) -> Sent:
        """Where the stream of an epoch stands, if that is where its receiver stands.

        Args:
            epoch: of the stream.
            sequence: of the last ranking that the receiver has.
            key: of the scan that the receiver wants now.

        Raises:
            MeshError: OUT_OF_RANGE; the stream is not known, has sent more, or is of another scan.
        """
        self._forget()
        if epoch in self._open:
            sent = self._open[epoch].numbering.sent
        elif epoch in self._ended:
            sent = self._ended[epoch].sent
        else:
            raise stale_resume("RESUME_EPOCH", f"epoch {epoch} is not known, or no longer")
        if sent.ranked is None or sent.sequence != sequence:
            raise stale_resume(
                "RESUME_SEQUENCE",
                f"sequence {sequence} is not the last one, {sent.sequence}",
            )
        if sent.key != key:
            raise stale_resume("RESUME_SPEC", "the last ranking is of another spec")
        return sent

    @contextmanager
    def following(self, numbering: Numbering, end: Callable[[Exception], None]) -> Iterator[None]:
        """Keep up with a stream inside the block, and keep what it sent last afterwards.

        A stream of the same epoch that is still open is ended: its receiver has come back without it.
        """
        epoch = numbering.sent.epoch
        self._ended.pop(epoch, None)
        if epoch in self._open:
            self._open[epoch].end(_superseded())
        mine = self._open[epoch] = _Open(numbering, end)
        try:
            yield
        finally:
            if self._open.get(epoch) is mine:
                del self._open[epoch]
                self._keep(numbering.sent)

    def _keep(self, sent: Sent) -> None:
        if sent.ranked is not None:
            self._ended[sent.epoch] = _Ended(sent, self._monotonic(), sent.ranked.size)
        self._forget()

    def _forget(self) -> None:
        oldest = self._monotonic() - KEPT_SECONDS
        size = sum(ended.size for ended in self._ended.values())
        for epoch, ended in list(self._ended.items()):  # the first ended first
            if ended.at > oldest and len(self._ended) <= KEPT_STREAMS and size <= KEPT_BYTES:
                return
            size -= ended.size
            del self._ended[epoch]


def _superseded() -> MeshError:
    return stale_resume("RESUMED_ELSEWHERE", "the stream goes on in another call")
