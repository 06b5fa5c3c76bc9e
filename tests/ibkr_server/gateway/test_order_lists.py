import asyncio

import pytest

from ibkr_server.orders.broker import ExecutionReport, OrderReport
from mesh.errors import MeshError
from tests.ibkr_server.gateway.scripted import Desk, desk, on_virtual_time, until
from tests.ibkr_server.gateway.wire_orders import commission, completed_order, error, execution, open_order

OPEN, COMPLETED, EXECUTIONS = 16, 99, 7
LISTS = {"open": OPEN, "completed": COMPLETED, "executions": EXECUTIONS}


def ask(both: Desk, name: str) -> asyncio.Task[list[OrderReport] | list[ExecutionReport]]:
    broker = both.broker
    asked = {
        "open": broker.open_orders,
        "completed": broker.completed_orders,
        "executions": broker.executions,
    }
    return asyncio.create_task(asked[name]())


def send(both: Desk, name: str, request: list[str], ref: str) -> None:
    """One piece of a list."""
    number = int(request[2]) if name == "executions" else 0
    piece = {
        "open": open_order(ref=ref),
        "completed": completed_order(ref=ref),
        "executions": execution(f"{ref}.01", request_id=number, ref=ref),
    }
    both.gateway.send(*piece[name])


def end(both: Desk, name: str, request: list[str]) -> None:
    number = int(request[2]) if name == "executions" else 0
    both.gateway.send(*{"open": (53, 1), "completed": (102,), "executions": (55, 1, number)}[name])


@pytest.mark.parametrize("name", LISTS)
@on_virtual_time
async def test_a_list_is_all_that_came_up_to_its_end(name: str) -> None:
    async with desk() as both:
        asked = ask(both, name)
        request = await both.gateway.hear(LISTS[name])
        for ref in ("a", "b", "c"):
            send(both, name, request, ref)
        await both.settle()
        assert not asked.done()
        end(both, name, request)
        assert [report.order_ref for report in await asked] == ["a", "b", "c"]


@pytest.mark.parametrize("name", LISTS)
@on_virtual_time
async def test_a_list_without_its_end_is_no_list(name: str) -> None:
    async with desk() as both:
        asked = ask(both, name)
        send(both, name, await both.gateway.hear(LISTS[name]), "a")
        with pytest.raises(MeshError, match=r"DEADLINE_EXCEEDED: no list of .* in 10 s"):
            await asked


@pytest.mark.parametrize("name", LISTS)
@on_virtual_time
async def test_a_disconnection_in_the_middle_of_a_list_leaves_nothing_of_it(name: str) -> None:
    async with desk() as both:
        asked = ask(both, name)
        send(both, name, await both.gateway.hear(LISTS[name]), "old")
        await both.settle()
        both.gateway.hang_up()
        with pytest.raises(MeshError, match="UNAVAILABLE"):
            await asked
        await until(lambda: both.broker.connections == 2 and both.broker.can_send)
        again = ask(both, name)
        request = await both.gateway.hear(LISTS[name])
        send(both, name, request, "new")
        end(both, name, request)
        assert [report.order_ref for report in await again] == ["new"]


@pytest.mark.parametrize("name", ["open", "completed"])
@on_virtual_time
async def test_the_late_end_of_a_list_does_not_end_the_next_one(name: str) -> None:
    async with desk() as both:
        late = ask(both, name)
        first = await both.gateway.hear(LISTS[name])
        with pytest.raises(MeshError, match="DEADLINE_EXCEEDED"):
            await late
        asked = ask(both, name)
        await both.settle()
        assert len(both.gateway.of_kind(LISTS[name])) == 1  # until the old answer is through
        send(both, name, first, "old")
        end(both, name, first)
        second = await both.gateway.hear(LISTS[name])
        send(both, name, second, "new")
        end(both, name, second)
        assert [report.order_ref for report in await asked] == ["new"]


@pytest.mark.parametrize("name", LISTS)
@on_virtual_time
async def test_after_a_list_that_was_never_answered_the_next_one_is(name: str) -> None:
    async with desk() as both:
        lost = ask(both, name)
        await both.gateway.hear(LISTS[name])
        with pytest.raises(MeshError, match="DEADLINE_EXCEEDED"):
            await lost
        asked = ask(both, name)
        request = await both.gateway.hear(LISTS[name])
        end(both, name, request)
        assert await asked == []


@on_virtual_time
async def test_two_at_a_time_are_asked_for_one_after_the_other_and_both_answered() -> None:
    async with desk() as both:
        first, second = ask(both, "open"), ask(both, "open")
        for ref in ("a", "b"):
            request = await both.gateway.hear(OPEN)
            send(both, "open", request, ref)
            await both.settle()
            end(both, "open", request)
        assert [report.order_ref for report in await first] == ["a"]
        assert [report.order_ref for report in await second] == ["b"]


@pytest.mark.parametrize("name", LISTS)
@on_virtual_time
async def test_a_list_of_which_a_piece_cannot_be_read_is_no_list(name: str) -> None:
    async with desk() as both:
        asked = ask(both, name)
        request = await both.gateway.hear(LISTS[name])
        send(both, name, request, "a")
        both.gateway.send(
            {"open": 5, "completed": 101, "executions": 11}[name], "not", "what", "was", "agreed"
        )
        end(both, name, request)
        with pytest.raises(MeshError, match="can't be read"):
            await asked
        again = ask(both, name)
        end(both, name, await both.gateway.hear(LISTS[name]))
        assert await again == []


@on_virtual_time
async def test_trades_of_another_request_and_live_ones_are_not_part_of_the_list() -> None:
    async with desk() as both:
        asked = ask(both, "executions")
        request = await both.gateway.hear(EXECUTIONS)
        number = int(request[2])
        both.gateway.send(*execution("live.01"))
        both.gateway.send(*execution("other.01", request_id=number - 1))
        both.gateway.send(55, 1, number - 1)
        both.gateway.send(*execution("asked.01", request_id=number))
        both.gateway.send(*commission("asked.01"))
        end(both, "executions", request)
        assert [report.execution_id for report in await asked] == ["asked.01"]
        told = [report.execution_id for report in both.heard.told if isinstance(report, ExecutionReport)]
        assert told == ["live.01", "other.01", "asked.01"]


READ_ONLY = "Error validating request.-'bW' : cause - The API interface is currently in Read-Only mode."


@pytest.mark.parametrize("name", ["open", "completed"])
@on_virtual_time
async def test_a_read_only_gateway_refuses_lists_at_once_until_the_next_session(name: str) -> None:
    async with desk() as both:
        asked = ask(both, name)
        await both.gateway.hear(LISTS[name])
        both.gateway.send(*error(-1, 321, "another mistake"))
        await both.settle()
        assert not asked.done()
        assert not both.broker.is_read_only
        both.gateway.send(*error(-1, 321, READ_ONLY))
        with pytest.raises(MeshError, match="IB code 321"):
            await asked
        assert both.broker.is_read_only
        assert both.market.link.state.errors[321] == 2
        both.gateway.hang_up()
        await until(lambda: both.broker.connections == 2 and both.broker.can_send)
        assert not both.broker.is_read_only


@on_virtual_time
async def test_executions_that_are_refused_say_why() -> None:
    async with desk() as both:
        asked = ask(both, "executions")
        number = int((await both.gateway.hear(EXECUTIONS))[2])
        both.gateway.send(*error(number, 321, "Error validating request"))
        with pytest.raises(MeshError, match="IB code 321"):
            await asked
        assert both.heard.told == []
