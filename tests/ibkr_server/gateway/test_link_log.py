import logging

import pytest
from structlog.testing import capture_logs

from ibkr_server.gateway.link_log import LinkLog, quiet_library

REFUSED = ConnectionRefusedError("connection refused")


def told(lines: list) -> list[tuple[str, str]]:
    return [(line["log_level"], line["event"]) for line in lines]


def test_an_outage_is_a_warning_once_for_each_reason() -> None:
    log = LinkLog(lambda: False)
    with capture_logs() as lines:
        log.ended("here", "closed")
        for attempt, error in enumerate([REFUSED, REFUSED, TimeoutError("no answer in time"), REFUSED], 1):
            log.unreachable("here", error, attempt)
        log.connected("here", 176)
        log.unreachable("here", REFUSED, 1)
    levels = [level for level, event in told(lines) if event == "gateway_unreachable"]
    assert levels == ["warning", "debug", "warning", "warning", "warning"]
    assert told(lines)[0] == ("warning", "gateway_session_ended")


def test_a_planned_restart_is_announced_once_and_is_no_trouble() -> None:
    due = True
    log = LinkLog(lambda: due)
    with capture_logs() as lines:
        log.announce_restart()
        log.announce_restart()
        log.ended("here", "closed")
        log.unreachable("here", REFUSED, 1)
        due = False
        log.announce_restart()
    assert told(lines) == [
        ("info", "gateway_restart_due"),
        ("info", "gateway_session_ended"),
        ("info", "gateway_unreachable"),
        ("info", "gateway_restart_over"),
    ]


@pytest.mark.parametrize(
    ("due", "heard"), [(False, ["ib_insync.wrapper", "ib_insync.ib"]), (True, [])], ids=["usually", "restart"]
)
def test_the_library_says_nothing_that_is_said_here(
    due: bool, heard: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    loggers = [logging.getLogger(f"ib_insync.{name}") for name in ("client", "wrapper", "ib")]
    with quiet_library(lambda: due):
        for logger in loggers:
            logger.error("trouble")
    assert [record.name for record in caplog.records] == heard
    loggers[0].error("trouble")
    assert len(caplog.records) == len(heard) + 1
