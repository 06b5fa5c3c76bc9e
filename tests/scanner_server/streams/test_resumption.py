"""What is kept of streams, against a plain model, on virtual time."""

from collections.abc import Callable
from contextlib import ExitStack

import grpc
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from spreadmesh.scan.v1.candidate_pb2 import Candidate

from mesh.errors import MeshError
from scanner_server.live.ranked import Ranked
from scanner_server.streams import resumption
from scanner_server.streams.numbering import Numbering, Sent
from scanner_server.streams.resumption import KEPT_SECONDS, KEPT_STREAMS, Resumption
from tests.scanner_server.streams.rankings import SURFACES, entry, ranked

RANKING = ranked(0, [entry(1, 0.5, 0)], SURFACES[0])
EPOCHS = st.integers(1, 5)
SEQUENCES = st.integers(0, 4)
KEYS = st.sampled_from(["one", "other"])


def refused(_error: Exception) -> None:
    raise AssertionError("nobody takes this stream over")


def numbering(epoch: int, sequence: int, key: str = "one", ranking: Ranked = RANKING) -> Numbering:
    return Numbering(Sent(epoch, sequence, ranking if sequence else None, {}, key), include_smiles=False)


class Model(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.resumption = Resumption(lambda: self.now)
        self.calls: dict[int, tuple[Numbering, ExitStack]] = {}
        self.stands: dict[int, tuple[int, str]] = {}
        self.ended: dict[int, float] = {}

    @rule(epoch=EPOCHS, sequence=SEQUENCES, key=KEYS)
    def begin(self, epoch: int, sequence: int, key: str) -> None:
        ends: list[Exception] = []
        stack = ExitStack()
        before = self.calls.pop(epoch, None)
        stack.enter_context(self.resumption.following(numbering(epoch, sequence, key), ends.append))
        if before is not None:
            before[1].close()  # it was told to end: what it sent last is not kept
        self.calls[epoch] = self.resumption._open[epoch].numbering, stack
        self.stands[epoch] = sequence, key
        self.ended.pop(epoch, None)

    @precondition(lambda self: self.calls)
    @rule(data=st.data(), sequence=SEQUENCES, key=KEYS)
    def send(self, data: st.DataObject, sequence: int, key: str) -> None:
        epoch = data.draw(st.sampled_from(sorted(self.calls)))
        self.calls[epoch][0].sent = numbering(epoch, sequence, key).sent
        self.stands[epoch] = sequence, key

    @precondition(lambda self: self.calls)
    @rule(data=st.data())
    def end(self, data: st.DataObject) -> None:
        epoch = data.draw(st.sampled_from(sorted(self.calls)))
        self.calls.pop(epoch)[1].close()
        self.ended[epoch] = self.now

    @rule(seconds=st.floats(0, 20))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @rule(epoch=EPOCHS, sequence=SEQUENCES, key=KEYS)
    def find(self, epoch: int, sequence: int, key: str) -> None:
        is_kept = epoch in self.calls or self.now - self.ended.get(epoch, -99) < KEPT_SECONDS
        if is_kept and sequence > 0 and self.stands[epoch] == (sequence, key):
            sent = self.resumption.find(epoch, sequence, key)
            assert (sent.epoch, sent.sequence, sent.key) == (epoch, sequence, key)
        else:
            with pytest.raises(MeshError) as raised:
                self.resumption.find(epoch, sequence, key)
            assert raised.value.code is grpc.StatusCode.OUT_OF_RANGE

    @invariant()
    def holds_no_call_twice(self) -> None:
        assert set(self.resumption._open) == set(self.calls)
        assert not set(self.resumption._open) & set(self.resumption._ended)


TestModel = Model.TestCase


def keep(kept: Resumption, epoch: int, ranking: Ranked = RANKING) -> None:
    with kept.following(numbering(epoch, 1, ranking=ranking), refused):
        pass


def large(size: int) -> Ranked:
    named = Candidate(strategy="x" * size)
    return ranked(0, [entry(1, 0.5, 0)._replace(message=named)], SURFACES[0])


def is_kept(kept: Resumption, epoch: int) -> bool:
    try:
        return kept.find(epoch, 1, "one").epoch == epoch
    except MeshError:
        return False


def test_only_the_latest_streams_are_kept() -> None:
    kept = Resumption(lambda: 0.0)
    for epoch in range(KEPT_STREAMS + 3):
        keep(kept, epoch)
    assert [is_kept(kept, epoch) for epoch in range(5)] == [False, False, False, True, True]


def test_large_rankings_make_room_sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resumption, "KEPT_BYTES", 250)
    kept = Resumption(lambda: 0.0)
    for epoch in range(3):
        keep(kept, epoch, large(90))
    assert [is_kept(kept, epoch) for epoch in range(3)] == [False, True, True]
    keep(kept, 3, large(300))
    assert not any(is_kept(kept, epoch) for epoch in range(4))


def test_a_stream_whose_receiver_has_come_back_is_told_to_end() -> None:
    kept = Resumption(lambda: 0.0)
    ends: list[Exception] = []
    end: Callable[[Exception], None] = ends.append
    with kept.following(numbering(1, 3), end):
        with kept.following(numbering(1, 3), refused):
            (reason,) = ends
            assert isinstance(reason, MeshError)
            assert reason.code is grpc.StatusCode.OUT_OF_RANGE
        assert kept.find(1, 3, "one").sequence == 3
    assert kept.find(1, 3, "one").sequence == 3
