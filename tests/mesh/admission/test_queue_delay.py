"""When lateness counts as overload: only if it lasts, and no longer than it lasts."""

import asyncio
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesh.admission.load_shedder import LoadShedder
from mesh.admission.loop_delay import SAMPLE_SECONDS, sampling_loop_delay
from mesh.admission.priorities import DEFAULT_PRIORITIES
from mesh.admission.queue_delay import QueueDelay
from mesh.methods import MethodTable

TICK = 1 / 64
INTERVAL = 8 * TICK


@given(st.lists(st.tuples(st.integers(1, 12), st.booleans()), max_size=100))
def test_overload_is_a_whole_interval_without_a_short_delay(samples):
    delay, now, seen = QueueDelay(0.02, INTERVAL), 0.0, []
    for gap, late in samples:
        now += gap * TICK
        delay.observe(0.03 if late else 0.02, now)
        seen.append((now, late))
        last_good = max((at for at, was_late in seen if not was_late), default=-1.0)
        first_late = min((at for at, was_late in seen if was_late and at > last_good), default=now)
        assert delay.overloaded == (late and now - first_late >= INTERVAL)


def test_reads_are_shed_before_orders_and_the_background_before_reads():
    priorities = DEFAULT_PRIORITIES
    assert priorities["/spreadmesh.order.v1.ControlService/Halt"].value == "critical"
    table = MethodTable({"*": 10.0})
    shedder = LoadShedder(
        priorities.overlaid("a.B/Bulk=background", lambda _: list(type(priorities["*"]))[2]), table, 0.1
    )
    methods = ["spreadmesh.order.v1.OrderService/CancelOrder", "a.B/Read", "a.B/Bulk"]

    def shed_at(seconds: float) -> list[bool]:
        for tick in range(10):
            shedder.observe(seconds, tick * 0.1)
        return [shedder.is_late_for(method) for method in methods]

    assert shed_at(0.04) == [False, False, False]
    assert shed_at(0.06) == [False, False, True]
    assert shed_at(10.0) == [False, True, True]
    assert shed_at(0.0) == [False, False, False]


def test_each_method_has_a_count_of_its_own():
    shedder = LoadShedder(DEFAULT_PRIORITIES, MethodTable({"*": 2.0, "a.B/Many": 3.0}), 0.1)
    assert [shedder.try_begin("a.B/Read") for _ in range(3)] == [True, True, False]
    assert [shedder.try_begin("a.B/Many") for _ in range(4)] == [True, True, True, False]
    assert repr(shedder) == "<LoadShedder running=5 <QueueDelay on time, target 0.1 s>>"
    shedder.end("a.B/Read")
    assert [shedder.try_begin("a.B/Read") for _ in range(2)] == [True, False]


async def test_a_loop_that_is_kept_busy_is_late_and_one_that_is_not_is_on_time():
    delays: asyncio.Queue[float] = asyncio.Queue()
    with sampling_loop_delay(lambda delay, now: delays.put_nowait(delay)):
        before = [await delays.get() for _ in range(4)]
        time.sleep(0.2)  # noqa: ASYNC251 - blocking the loop is what is measured
        late = await delays.get()
    assert min(before) < 0.02
    assert late >= 0.15
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(delays.get(), 3 * SAMPLE_SECONDS)
