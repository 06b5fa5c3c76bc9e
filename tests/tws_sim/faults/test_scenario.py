"""Faults at set times."""

import asyncio
import logging
from pathlib import Path

import pytest

from tests.tws_sim.faults.library import client, gateway
from tws_sim.faults.fault import FaultError
from tws_sim.faults.scenario import play, playing, read


def written(folder: Path, *lines: str) -> Path:
    path = folder / "scenario.jsonl"
    path.write_text("\n".join(lines))
    return path


async def test_steps_come_in_their_time_whatever_their_order(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "# an outage, then a cut",
        '{"at": 60, "name": "fin"}',
        "",
        '{"at": 5, "name": "data-kept", "options": {"client": 1}}',
        '{"at": 20.5, "lift": "data-kept"}',
    )
    async with gateway() as bench, client(bench) as one, playing(bench.gateway, read(path)):
        await one.settle()
        assert one.codes() == []
        bench.clock.advance(5)
        await one.hears(1100)
        bench.clock.advance(15.5)
        await one.hears(1102)
        await one.settle()
        bench.clock.advance(39.5)
        await one.ended()
        assert bench.gateway.counters.total.faults == {"data-kept": 1, "fin": 1}


async def test_a_step_that_is_not_possible_is_logged_and_left_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = written(
        tmp_path,
        '{"at": 0, "name": "fin", "options": {"client": 9}}',
        '{"at": 0, "name": "next-order-id", "options": {"value": 9}}',
    )
    with caplog.at_level(logging.WARNING):
        async with gateway() as bench, asyncio.timeout(5):
            await play(bench.gateway, read(path))
            assert bench.gateway.next_order_id == 9
    assert "client 9 is not connected" in caplog.text


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("x", "line 2: Expecting value"),
        ("[1]", "line 2: a line has"),
        ('{"at": 1, "name": "fin", "what": 1}', "and nothing else"),
        ('{"name": "fin"}', '"at" has to be seconds'),
        ('{"at": -1, "name": "fin"}', '"at" has to be seconds'),
        ('{"at": true, "name": "fin"}', '"at" has to be seconds'),
        ('{"at": 1}', 'either "name" or "lift"'),
        ('{"at": 1, "name": "fin", "lift": "fin"}', 'either "name" or "lift"'),
        ('{"at": 1, "lift": "boom"}', "unknown fault 'boom'"),
        ('{"at": 1, "name": "boom"}', "unknown fault 'boom'"),
        ('{"at": 1, "name": "fin", "options": []}', "an object"),
        ('{"at": 1, "name": "fin", "options": {"x": 1}}', "unknown parameter 'x'"),
    ],
)
def test_a_line_that_is_wrong_is_named_before_anything_starts(
    tmp_path: Path, line: str, problem: str
) -> None:
    with pytest.raises(FaultError, match=problem):
        read(written(tmp_path, '{"at": 1, "name": "fin"}', line))
