"""Lines carry trace ids and no secrets, ours and those of the standard library's loggers alike."""

import io
import json
import logging
import subprocess
import sys
from importlib.metadata import version

import pytest
from opentelemetry import trace

from mesh.logging import configure_logging, get_logger


@pytest.fixture
def lines():
    """What was logged as JSON, parsed."""
    stream = io.StringIO()
    configure_logging("INFO", "json", stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    configure_logging()


def test_a_line_has_event_values_level_logger_and_time(lines):
    get_logger("mesh.test").info("line leased", con_id=756733, owner="scanner")
    (line,) = lines()
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "line leased",
        "con_id": 756733,
        "owner": "scanner",
        "level": "info",
        "logger": "mesh.test",
    }


def test_secrets_are_replaced_whatever_the_case(lines):
    get_logger("t").info(
        "login", password="hunter2", Authorization="Bearer x", preview_token="abc", user="me"
    )
    (line,) = lines()
    assert (line["password"], line["Authorization"], line["preview_token"]) == ("[redacted]",) * 3
    assert line["user"] == "me"


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_secrets_are_replaced_in_any_text(log_format):
    stream = io.StringIO()
    configure_logging("INFO", log_format, stream)
    secrets = ["smk_" + "k3y-" * 8, "hunter2", "eyJhbGciOi.eyJzdWIi.c2lnbmF0dXJl"]
    try:
        raise ValueError(f"bad key {secrets[0]}")
    except ValueError:
        get_logger("t").exception("refused", header=f"Bearer {secrets[1]}", tried={"with": [secrets[2]]})
    logging.getLogger("httpx").info("GET / authorization: Bearer %s", secrets[2])
    configure_logging()
    text = stream.getvalue()
    assert [secret for secret in secrets if secret in text] == []
    assert text.count("[redacted]") >= 4


def test_the_service_and_its_version_are_named():
    stream = io.StringIO()
    configure_logging("INFO", "json", stream, service="scanner_server")
    get_logger("t").info("ours")
    logging.getLogger("ib").info("theirs")
    configure_logging()
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["service"] for line in lines] == ["scanner_server"] * 2
    assert {line["version"] for line in lines} == {version("spreadmesh")}


WARNS_AND_FAILS = """
import threading, warnings
from mesh.logging import configure_logging
configure_logging(log_format="json")
warnings.warn("old", UserWarning)
thread = threading.Thread(target=lambda: 1 / 0)
thread.start()
thread.join()
raise RuntimeError("broken")
"""


def test_warnings_and_whatever_nobody_catches_are_lines_too():
    command = [sys.executable, "-c", WARNS_AND_FAILS]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    warned, of_thread, last = [json.loads(line) for line in done.stderr.splitlines()]
    assert (warned["level"], warned["logger"]) == ("warning", "py.warnings")
    assert of_thread["event"] == last["event"] == "uncaught exception"
    kinds = [line["exception"][0]["exc_type"] for line in (of_thread, last)]
    assert kinds == ["ZeroDivisionError", "RuntimeError"]
    assert done.returncode == 1


def test_a_line_inside_a_span_names_it(lines, span_memory):
    with trace.get_tracer("test").start_as_current_span("around") as span:
        get_logger("t").info("inside")
    get_logger("t").info("outside")
    inside, outside = lines()
    assert int(inside["trace_id"], 16) == span.get_span_context().trace_id
    assert int(inside["span_id"], 16) == span.get_span_context().span_id
    assert "trace_id" not in outside


def test_other_libraries_log_in_the_same_format(lines):
    logging.getLogger("ib").warning("error %s", 1100)
    (line,) = lines()
    assert (line["event"], line["level"], line["logger"]) == ("error 1100", "warning", "ib")


def test_an_exception_is_one_line_with_its_traceback(lines):
    try:
        raise KeyError("con_id")
    except KeyError as error:
        get_logger("t").error("failed", exc_info=error)
    (line,) = lines()
    assert line["exception"][0]["exc_type"] == "KeyError"
    assert line["exception"][0]["frames"]


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_a_traceback_shows_no_local_variables(log_format):
    def log_in(password: str) -> None:
        raise ConnectionError(len(password))

    stream = io.StringIO()
    configure_logging("INFO", log_format, stream)
    try:
        log_in("esroh"[::-1])  # the source line shows, the value must not
    except ConnectionError:
        get_logger("t").exception("failed")
    configure_logging()
    assert "ConnectionError" in stream.getvalue()
    assert "horse" not in stream.getvalue()


def test_the_level_silences_what_is_below(lines):
    get_logger("t").debug("quiet")
    assert lines() == []


def test_the_console_format_is_for_reading():
    stream = io.StringIO()
    configure_logging("INFO", "console", stream)
    get_logger("t").info("line leased", con_id=1)
    configure_logging()
    assert "line leased" in stream.getvalue()
    assert "con_id=1" in stream.getvalue()
