"""Many clients: each has its own budget, and their number is bounded."""

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from mesh.admission.client_limits import RateLimits, StreamQuotas
from mesh.admission.rates import parse_rate
from mesh.methods import MethodTable

ONE = MethodTable({"*": parse_rate("fixed_window:1/h"), "a.B/Free": parse_rate("unlimited")})


def test_clients_and_methods_have_budgets_of_their_own():
    limits = RateLimits(ONE)
    pairs = [("ann", "a.B/C"), ("bob", "a.B/C"), ("ann", "a.B/D")]
    assert [limits.of(*pair).acquire(0.0) for pair in pairs] == [0, 0, 0]
    assert all(limits.of(*pair).acquire(0.0) > 0 for pair in pairs)
    assert limits.of("ann", "a.B/Free").acquire(0.0) == 0
    assert repr(limits) == "<RateLimits tracked=4/4096>"


@given(st.lists(st.integers(0, 6), max_size=60))
def test_the_clients_seen_last_are_remembered_and_no_others(clients):
    limits = RateLimits(ONE, most_tracked=3)
    recent: list[int] = []
    for client in clients:
        fresh = limits.of(str(client), "a.B/C").acquire(0.0) == 0
        assert fresh == (client not in recent)
        recent = [*(each for each in recent if each != client), client][-3:]
    assert repr(limits) == f"<RateLimits tracked={len(recent)}/3>"


class OpenStreams(RuleBasedStateMachine):
    """Streams open and close in any order; the model is a plain list of them."""

    def __init__(self) -> None:
        super().__init__()
        self.quotas = StreamQuotas(MethodTable({"*": 2.0}))
        self.open: list[tuple[str, str]] = []

    @rule(client=st.sampled_from(["ann", "bob"]), method=st.sampled_from(["a.B/C", "a.B/D"]))
    def opens(self, client: str, method: str) -> None:
        room = self.open.count((client, method)) < 2
        assert self.quotas.try_open(client, method) == room
        if room:
            self.open.append((client, method))

    @rule(data=st.data())
    def closes(self, data: st.DataObject) -> None:
        if self.open:
            pair = data.draw(st.sampled_from(self.open))
            self.open.remove(pair)
            self.quotas.close(*pair)

    @invariant()
    def only_open_streams_are_kept(self) -> None:
        clients = len({client for client, _ in self.open})
        assert repr(self.quotas) == f"<StreamQuotas open={len(self.open)} clients={clients}>"


TestOpenStreams = OpenStreams.TestCase
