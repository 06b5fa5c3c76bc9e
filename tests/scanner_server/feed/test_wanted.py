"""Which contracts are wanted, and how long they linger."""

import pytest

from scanner_server.feed.wanted import Wanted


class Host:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def host() -> Host:
    return Host()


@pytest.fixture
def wanted(host: Host) -> Wanted:
    return Wanted(60.0, host)


def test_the_union_has_the_highest_priority(wanted: Wanted) -> None:
    wanted.want("a", {1: 20, 2: 60})
    wanted.want("b", {2: 20, 3: 60})
    assert wanted.priorities() == {1: 20, 2: 60, 3: 60}


def test_wanting_again_replaces(wanted: Wanted) -> None:
    wanted.want("a", {1: 20})
    wanted.want("a", {2: 20})
    assert wanted.priorities() == {2: 20}


def test_what_was_released_lingers_and_goes(wanted: Wanted, host: Host) -> None:
    wanted.want("a", {1: 60})
    host.now = 10.0
    wanted.release("a")
    host.now = 69.9
    assert wanted.priorities() == {1: 60}
    host.now = 70.0
    assert wanted.priorities() == {}


def test_another_owner_keeps_what_lingers(wanted: Wanted, host: Host) -> None:
    wanted.want("a", {1: 60, 2: 60})
    wanted.release("a")
    wanted.want("b", {1: 20})
    assert wanted.priorities() == {1: 20, 2: 0}
    host.now = 60.0
    assert wanted.priorities() == {1: 20}
