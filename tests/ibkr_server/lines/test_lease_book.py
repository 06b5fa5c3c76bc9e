from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ibkr_server.lines.lease import LeaseState
from ibkr_server.lines.lease_book import FIRST_QUOTE_SECONDS, LOOK_SECONDS, LeaseBook, Start, Stop


def book(limit: int = 2, linger: float = 10.0, capacity: int = 100) -> LeaseBook:
    return LeaseBook(limit, linger, capacity)


def steps(lines: LeaseBook, now: float, most: int = 1000) -> list[Start | Stop]:
    taken: list[Start | Stop] = []
    while len(taken) < most and (step := lines.plan(now)) is not None:
        lines.commit(step, now)
        taken.append(step)
    return taken


def test_one_line_serves_everybody() -> None:
    lines = book()
    lines.want("a", 1, 10, 0.0)
    lines.want("b", 1, 10, 0.0)
    assert steps(lines, 0.0) == [Start(1)]
    lines.release("a", [1], 1.0)
    assert steps(lines, 100.0) == []
    assert lines.in_use == 1


def test_never_starts_more_lines_than_there_are() -> None:
    lines = book(limit=2)
    for con_id in (1, 2, 3):
        lines.want("a", con_id, 10, 0.0)
    assert steps(lines, 0.0) == [Start(1), Start(2)]
    assert lines.rotating


def test_contracts_of_equal_priority_take_turns() -> None:
    lines = book(limit=1)
    for con_id in (1, 2, 3):
        lines.want("a", con_id, 10, 0.0)
    order = [step.con_id for step in steps(lines, 0.0)]
    for turn in range(1, 7):
        lines.quoted(order[-1])
        assert lines.plan(turn - 1 + LOOK_SECONDS / 2) is None
        order += [step.con_id for step in steps(lines, float(turn)) if isinstance(step, Start)]
    assert order == [1, 2, 3, 1, 2, 3, 1]
    assert lines.evictions == 6


def test_a_contract_that_never_quotes_keeps_its_line_only_for_a_while() -> None:
    lines = book(limit=1)
    lines.want("a", 1, 10, 0.0)
    lines.want("a", 2, 10, 0.0)
    steps(lines, 0.0)
    assert lines.plan(FIRST_QUOTE_SECONDS - 0.01) is None
    assert steps(lines, FIRST_QUOTE_SECONDS) == [Stop(1), Start(2)]


def test_a_higher_priority_takes_a_line_at_once_and_keeps_it() -> None:
    lines = book(limit=1)
    lines.want("a", 1, 10, 0.0)
    steps(lines, 0.0)
    lines.want("b", 2, 50, 0.0)
    assert steps(lines, 0.0) == [Stop(1), Start(2)]
    lines.quoted(2)
    assert steps(lines, 1000.0) == []


def test_who_was_never_looked_at_comes_before_who_was() -> None:
    lines = book(limit=1)
    for con_id in (1, 2, 3):
        lines.want("a", con_id, 10, 0.0)
    steps(lines, 0.0)
    lines.quoted(1)
    steps(lines, 1.0)
    lines.want("b", 4, 10, 1.5)
    lines.quoted(2)
    assert steps(lines, 2.0) == [Stop(2), Start(3)]
    lines.quoted(3)
    assert steps(lines, 3.0) == [Stop(3), Start(4)]
    lines.quoted(4)
    assert steps(lines, 4.0) == [Stop(4), Start(1)]


def test_another_priority_does_not_cost_a_contract_its_place() -> None:
    lines = book(limit=1)
    for con_id in (3, 2, 1):
        lines.want("a", con_id, 10, float(-con_id))
    steps(lines, 0.0)
    for con_id in (1, 2, 3):
        lines.want("b", con_id, 20, 0.0)
    lines.quoted(3)
    assert steps(lines, 1.0) == [Stop(3), Start(2)]
    lines.quoted(2)
    assert steps(lines, 2.0) == [Stop(2), Start(1)]


def test_an_unowned_line_lingers_and_goes_first() -> None:
    lines = book(limit=2, linger=10.0)
    lines.want("a", 1, 10, 0.0)
    lines.want("a", 2, 10, 0.0)
    steps(lines, 0.0)
    lines.release("a", [2], 1.0)
    assert lines.plan(10.9) is None
    lines.want("a", 3, 10, 5.0)
    assert steps(lines, 5.0) == [Stop(2), Start(3)]
    assert lines.evictions == 0
    lines.release("a", [1], 6.0)
    assert steps(lines, 16.0) == [Stop(1)]


def test_a_line_wanted_again_while_it_lingers_is_not_stopped() -> None:
    lines = book()
    lines.want("a", 1, 10, 0.0)
    steps(lines, 0.0)
    lines.release("a", [1], 1.0)
    lines.want("b", 1, 10, 2.0)
    assert steps(lines, 100.0) == []


def test_a_refused_contract_gives_its_line_back() -> None:
    lines = book(limit=1)
    lines.want("a", 1, 10, 0.0)
    lines.want("a", 2, 10, 0.0)
    steps(lines, 0.0)
    lines.refuse(1, LeaseState.UNKNOWN_CONTRACT, "no such contract", 0.1)
    assert steps(lines, 0.1) == [Start(2)]
    refused = lines.get(1)
    assert refused is not None
    assert refused.reason == "no such contract"


def test_error_101_lowers_the_limit_to_what_the_gateway_gave() -> None:
    lines = book(limit=5)
    for con_id in range(5):
        lines.want("a", con_id, 10, 0.0)
    steps(lines, 0.0)
    lines.over_limit(4, 0.0)
    lines.over_limit(3, 0.0)
    assert (lines.limit, lines.in_use) == (3, 3)
    assert steps(lines, 0.0) == []


def test_a_line_that_has_ended_is_given_up_and_asked_for_again() -> None:
    lines = book()
    lines.want("a", 1, 10, 0.0)
    steps(lines, 0.0)
    lines.ended(1)
    assert steps(lines, 1.0) == [Stop(1), Start(1)]
    assert lines.evictions == 0
    lines.ended(1)
    lines.lost_all(2.0)
    assert steps(lines, 2.0) == [Start(1)]


def test_with_a_free_line_what_waits_goes_before_what_has_ended() -> None:
    lines = book(limit=3)
    lines.want("a", 1, 10, 0.0)
    steps(lines, 0.0)
    lines.ended(1)
    lines.want("a", 2, 10, 0.0)
    assert steps(lines, 1.0) == [Start(2), Stop(1), Start(1)]


def test_what_the_gateway_has_ended_itself_is_asked_for_without_being_given_up() -> None:
    lines = book()
    for con_id in (1, 2):
        lines.want("a", con_id, 10, 0.0)
    steps(lines, 0.0)
    lines.ended(1)
    lines.forget_ended(1.0)
    assert lines.in_use == 1
    assert steps(lines, 1.0) == [Start(1)]


def test_knows_which_lines_have_brought_no_quote_yet() -> None:
    lines = book(limit=3)
    for con_id, at in ((1, 0.0), (2, 5.0), (3, 6.0)):
        lines.want("a", con_id, 10, at)
        steps(lines, at)
    lines.quoted(3)
    assert lines.unquoted(since=4.0) == {2: 5.0}


def test_a_full_book_refuses() -> None:
    lines = book(capacity=1)
    assert lines.want("a", 1, 10, 0.0) is not None
    assert lines.want("a", 2, 10, 0.0) is None
    assert lines.want("b", 1, 10, 0.0) is not None


class Rotation(RuleBasedStateMachine):
    """A gateway that obeys every step must never see more lines than the limit, nor starve a contract."""

    def __init__(self) -> None:
        super().__init__()
        self.book = LeaseBook(limit=3, linger=5.0, capacity=12)
        self.gateway: set[int] = set()
        self.wanted: dict[str, set[int]] = {"a": set(), "b": set()}
        self.now = 0.0

    @rule(owner=st.sampled_from("ab"), con_id=st.integers(1, 15), priority=st.sampled_from([0, 10, 100]))
    def want(self, owner: str, con_id: int, priority: int) -> None:
        if self.book.want(owner, con_id, priority, self.now) is not None:
            self.wanted[owner].add(con_id)

    @rule(owner=st.sampled_from("ab"), con_ids=st.sets(st.integers(1, 15), max_size=5))
    def release(self, owner: str, con_ids: set[int]) -> None:
        self.book.release(owner, con_ids, self.now)
        self.wanted[owner] -= con_ids

    @rule(seconds=st.floats(0.0, 4.0))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @rule(con_id=st.integers(1, 15))
    def quote(self, con_id: int) -> None:
        self.book.quoted(con_id)

    @rule(con_id=st.integers(1, 15))
    def end(self, con_id: int) -> None:
        self.book.ended(con_id)

    @rule(con_ids=st.sets(st.integers(1, 15), max_size=3))
    def end_at_the_gateway(self, con_ids: set[int]) -> None:
        self.book.forget_ended(self.now)
        self.gateway = {lease.con_id for lease in self.book if lease.state is LeaseState.STREAMING}
        for con_id in con_ids & self.gateway:
            self.book.ended(con_id)
        self.book.forget_ended(self.now)
        self.gateway -= con_ids

    @rule()
    def step(self) -> None:
        step = self.book.plan(self.now)
        if step is None:
            return
        self.book.commit(step, self.now)
        if isinstance(step, Start):
            assert step.con_id not in self.gateway
            self.gateway.add(step.con_id)
        else:
            self.gateway.remove(step.con_id)

    @precondition(lambda self: self.gateway)
    @rule()
    def lose_all(self) -> None:
        self.book.lost_all(self.now)
        self.gateway.clear()

    @invariant()
    def lines_are_bounded_and_known(self) -> None:
        assert len(self.gateway) <= 3
        assert {lease.con_id for lease in self.book if lease.state is LeaseState.STREAMING} == self.gateway
        assert self.book.in_use == len(self.gateway)

    @invariant()
    def everything_wanted_is_there(self) -> None:
        owned = {lease.con_id for lease in self.book if lease.owners}
        assert owned == self.wanted["a"] | self.wanted["b"]
        assert all(lease.owners or lease.con_id in self.gateway for lease in self.book)

    def teardown(self) -> None:
        """Everything of the highest priority gets its turn within bounded time."""
        top = [lease for lease in self.book if lease.owners]
        if not top:
            return
        highest = max(lease.priority for lease in top)
        due = {lease.con_id for lease in top if lease.priority == highest}
        seen = due & self.gateway
        for _ in range(40):
            self.now += FIRST_QUOTE_SECONDS
            seen |= {step.con_id for step in steps(self.book, self.now, most=6)}
        assert seen >= due


TestRotation = Rotation.TestCase
TestRotation.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)
