"""Limits as text: what the settings accept, and how they say what is wrong."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesh.admission.adaptive_rate import AdaptiveRate
from mesh.admission.fixed_window import FixedWindow
from mesh.admission.rates import DEFAULT_RATES, Unlimited, parse_count, parse_rate
from mesh.admission.sliding_window import SlidingWindow
from mesh.admission.token_bucket import TokenBucket
from mesh.methods import MethodTable
from mesh.settings import MeshSettings, SettingsError

SCAN = "spreadmesh.scan.v1.ScanService"


@pytest.mark.parametrize(
    ("text", "kind", "shown"),
    [
        ("token_bucket:10/s:20", TokenBucket, "<TokenBucket 20.0/20 +10/s>"),
        ("token_bucket:30/m:5", TokenBucket, "<TokenBucket 5.0/5 +0.5/s>"),
        ("fixed_window:100/m", FixedWindow, "<FixedWindow 0/100 in 60 s>"),
        ("sliding_window:100/10s", SlidingWindow, "<SlidingWindow 0/100 in 10 s>"),
        ("sliding_window:7/h", SlidingWindow, "<SlidingWindow 0/7 in 3600 s>"),
        ("adaptive:5..100/s:50ms", AdaptiveRate, "<AdaptiveRate 100.0/s in 5..100>"),
        ("unlimited", Unlimited, "<Unlimited>"),
    ],
)
def test_each_form_makes_its_own_kind(text, kind, shown):
    limit = parse_rate(text).start()
    assert type(limit) is kind
    assert repr(limit) == shown


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("leaky_bucket:10/s", "'leaky_bucket' is not one of token_bucket, fixed_window"),
        ("token_bucket:10/s", "must look like token_bucket:10/s:20"),
        ("token_bucket:10/s:0", "above 0"),
        ("fixed_window:0/s", "above 0"),
        ("fixed_window:10/0s", "above 0"),
        ("sliding_window:-1/s", "must look like sliding_window"),
        ("sliding_window:1001/s", "at most 1000 calls"),
        ("adaptive:100..5/s:50ms", "slowest rate"),
        ("adaptive:0..5/s:50ms", "slowest rate"),
        ("adaptive:1..5/s:50s", "must look like adaptive"),
        ("", "is not one of"),
    ],
)
def test_a_rate_that_cannot_be_read_is_explained_with_its_entry(text, complaint):
    with pytest.raises(ValueError, match=complaint) as raised:
        DEFAULT_RATES.overlaid(f"*=unlimited, {SCAN}/RunScan={text}", parse_rate)
    assert str(raised.value).startswith(repr(f"{SCAN}/RunScan={text}"))


@pytest.mark.parametrize("pattern", ["RunScan", "/a.B/C", "a.B/", "a.B/C/D", "a.*/C", "", "**", "a B/C"])
def test_a_pattern_that_matches_no_method_is_refused(pattern):
    with pytest.raises(ValueError, match="is not package"):
        DEFAULT_RATES.overlaid(f"{pattern}=unlimited", parse_rate)


def test_an_entry_given_twice_or_without_a_value_is_refused():
    with pytest.raises(ValueError, match="given twice"):
        DEFAULT_RATES.overlaid("*=unlimited,*=fixed_window:1/s", parse_rate)
    with pytest.raises(ValueError, match="'=' and a value"):
        DEFAULT_RATES.overlaid("unlimited", parse_rate)


def test_the_nearest_pattern_decides():
    table = MethodTable({"*": 1}).overlaid(f"{SCAN}/*=2,\n{SCAN}/RunScan=3,", int)
    assert [table[f"/{SCAN}/RunScan"], table[f"{SCAN}/WatchScan"], table["/a.B/RunScan"]] == [3, 2, 1]
    assert table.overlaid("*=4", int)["/a.B/C"] == 4
    assert table.overlaid("", int)[f"{SCAN}/RunScan"] == 3


@given(st.text(max_size=30))
def test_any_other_text_is_a_value_error_and_nothing_else(text):
    try:
        table = DEFAULT_RATES.overlaid(text, parse_rate)
    except ValueError:
        return
    table["/a.B/C"].start().acquire(0.0)


def test_counts():
    assert [parse_count("7"), parse_count("unlimited")] == [7, math.inf]
    for text in ["0", "-1", "1.5", "many", "", "1e3", "²"]:
        with pytest.raises(ValueError, match="above 0, or unlimited"):
            parse_count(text)


def test_settings_lay_the_text_over_the_defaults(monkeypatch):
    monkeypatch.setenv("RATE_LIMITS", f"{SCAN}/RunScan=token_bucket:10/s:20")
    monkeypatch.setenv("STREAM_LIMITS", f"{SCAN}/*=3")
    monkeypatch.setenv("CALL_LIMITS", f"{SCAN}/RunScan=8")
    monkeypatch.setenv("CALL_PRIORITIES", f"{SCAN}/*=background")
    settings = MeshSettings.load()
    assert str(settings.rate_limits[f"/{SCAN}/RunScan"]) == "token_bucket:10/s:20"
    assert str(settings.rate_limits[f"/{SCAN}/WatchScan"]) == "token_bucket:1000/s:2000"
    assert [settings.stream_limits[f"{SCAN}/WatchScan"], settings.stream_limits["a.B/C"]] == [3, 256]
    assert [settings.call_limits[f"{SCAN}/RunScan"], settings.call_limits["a.B/C"]] == [8, 256]
    names = [f"{SCAN}/RunScan", "spreadmesh.order.v1.OrderService/CancelOrder", "a.B/C"]
    assert [settings.call_priorities[name].value for name in names] == ["background", "critical", "normal"]


def test_a_wrong_entry_is_one_line_that_quotes_it(monkeypatch):
    monkeypatch.setenv("RATE_LIMITS", f"{SCAN}/RunScan=leaky:1/s")
    monkeypatch.setenv("CALL_PRIORITIES", "*=urgent")
    with pytest.raises(SettingsError) as raised:
        MeshSettings.load()
    assert [line.partition(": ")[0] for line in raised.value.lines] == ["RATE_LIMITS", "CALL_PRIORITIES"]
    assert f"'{SCAN}/RunScan=leaky:1/s': 'leaky' is not one of token_bucket" in raised.value.lines[0]
    assert "'*=urgent': 'urgent' is not one of critical, normal, background" in raised.value.lines[1]
