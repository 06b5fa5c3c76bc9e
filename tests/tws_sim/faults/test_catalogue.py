"""Names, parameters, and what is said of wrong ones."""

from datetime import UTC, datetime, time

import pytest

from tws_sim.faults.catalogue import build, describe, load, name_of
from tws_sim.faults.fault import FaultError
from tws_sim.faults.sockets.daily_restart import seconds_until
from tws_sim.market.calendar import NEW_YORK

NAMES = {
    "black-hole", "byte-by-byte", "client-id-stays", "daily-restart", "delay", "fin", "port-reset",
    "refuse-connections", "restart", "rst", "data-kept", "data-lost", "farm-broken", "farm-inactive",
    "server-broken", "competing-session", "frozen", "lines", "next-order-id", "not-subscribed", "rate-broken",
    "rate-limit", "request-error", "silence", "accepted-then-cut", "cancelled-by-hand", "correction",
    "error-on-live-order", "execution-first", "fill-races-cancel", "no-combo-status", "order-rejected",
    "order-silence", "replayed-executions", "slow-legs", "two-perm-ids", "what-if-unanswered",
}  # fmt: skip


def test_every_fault_is_described_with_its_parameters() -> None:
    described = {entry["name"]: entry for entry in describe()}
    assert described.keys() == NAMES == load().keys()
    for entry in described.values():
        assert entry["does"].endswith(".")
        assert all(parameter["meaning"] for parameter in entry["parameters"].values())
    assert described["delay"]["parameters"]["by"]["required"]
    assert described["restart"]["parameters"]["seconds"]["default"] == 10
    assert not {"client", "seconds"} & described["next-order-id"]["parameters"].keys()


def test_texts_are_read_as_what_the_parameters_are() -> None:
    fault = build("not-subscribed", {"client": "3", "part": "true", "seconds": "2.5"})
    assert fault == build("not-subscribed", {"client": 3, "part": True, "seconds": 2.5})
    assert name_of(fault) == "not-subscribed"
    assert build("competing-session", {"resume-after": "no"}).model_dump()["resume_after"] is False


@pytest.mark.parametrize(
    ("name", "options", "problem"),
    [
        ("boom", {}, r"unknown fault 'boom'; known are black-hole, byte-by-byte.*silence"),
        ("fin", {"klient": 3}, "fin: unknown parameter 'klient'; known are client"),
        ("fin", {"seconds": 3}, "unknown parameter 'seconds'"),
        ("fin", {"client": "three"}, "fin: client: .*integer"),
        ("delay", {}, "delay: by: Field required"),
        ("delay", {"by": "nan"}, "delay: by: "),
        ("black-hole", {"seconds": 0}, "seconds: .*greater than 0"),
        ("black-hole", {"seconds": "inf"}, "seconds: "),
        (
            "silence",
            {"request": "reqNothing"},
            "request: unknown request 'reqNothing'; known are .*reqMktData",
        ),
        ("farm-broken", {"farm": "mars"}, "farm: .*'usfarm'"),
        ("request-error", {"request": "reqMktData", "code": 0}, "code: "),
        ("daily-restart", {"at": "25:00"}, "at: "),
    ],
)
def test_what_is_wrong_is_named(name: str, options: dict[str, object], problem: str) -> None:
    with pytest.raises(FaultError, match=problem):
        build(name, options)


@pytest.mark.parametrize(
    ("now", "at", "seconds"),
    [
        (datetime(2026, 11, 20, 10, 0, tzinfo=NEW_YORK), time(23, 45), 13.75 * 3600),
        (datetime(2026, 11, 20, 23, 45, tzinfo=NEW_YORK), time(23, 45), 24 * 3600),
        (datetime(2026, 11, 20, 15, 0, tzinfo=UTC), time(10, 30), 1800),
        (datetime(2026, 3, 7, 12, 0, tzinfo=NEW_YORK), time(12, 0), 23 * 3600),  # the clocks go forward
        (datetime(2026, 10, 31, 12, 0, tzinfo=NEW_YORK), time(12, 0), 25 * 3600),
    ],
)
def test_the_time_until_a_daily_restart(now: datetime, at: time, seconds: float) -> None:
    assert seconds_until(at, now) == seconds
