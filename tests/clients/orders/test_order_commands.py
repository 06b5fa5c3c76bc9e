"""`spreadmesh order` and its kin against a desk, and what they print and end with."""

import asyncio
import os
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.json_format import Parse
from spreadmesh.order.v1.order_pb2 import Order, OrderState
from spreadmesh.order.v1.preview_pb2 import LimitViolation, PreviewOrderResponse
from spreadmesh_client.orders.refusals import refusal

from tests.clients.orders.desk import SPEC, amount, refuse
from tests.clients.orders.floor import Floor
from tests.clients.terminal import Terminal

FROM_SCAN = ["--from-scan", "1", "--symbol", "goog", "--strategy", "bull_put"]
LEGS = ["--leg", "+1 GOOG 2016-01-15 715 P", "--leg", "-1 GOOG 2016-01-15 720 P"]
FAST = ["--walk", "--walk-step", "0.05", "--walk-seconds", "0.1"]


async def test_one_screen_says_all_before_an_order_is_placed(serving: Any, typed: Any) -> None:
    desk = Floor()
    async with serving(desk) as address:
        done = await typed(address, "order", "place", *FROM_SCAN, "-q", "2", "--yes")
    assert done.exit_code == 0, done.output
    for told in (
        "2 × GOOG bull put, DAY", "+1 GOOG 2016-01-15 715 P", "3.40", "1.10 cr (-1.10)", "1.225 cr (-1.225)",
        "1.20 cr (-1.20), tick 0.01", "240.00 USD at most", "760.00 USD at most", "2.60 USD",
        "1,000.00 → 1,760.00 USD", "IB warns: the market is closed", "submitted",
    ):  # fmt: skip
        assert told in done.output, told
    assert desk.scanned[0].underlying == "GOOG"
    (order,) = desk.orders.values()
    assert (order.spec.quantity, order.spec.limit_price.value) == (2, "-1.20")
    assert [(leg.con_id, leg.ratio) for leg in order.spec.legs] == [(11, 1), (12, -1)]
    assert f"Order {order.client_order_id}:" in done.stderr


async def test_explicit_legs_are_looked_up(serving: Any, typed: Any) -> None:
    desk = Floor()
    async with serving(desk) as address:
        done = await typed(address, "order", "preview", *LEGS, "--limit-price", "-1.15", "--json")
        wrong = await typed(address, "order", "preview", "--leg", "+1 GOOG 2016-01-15 999 P")
        odd = await typed(address, "order", "preview", "--leg", "one GOOG")
        twice = await typed(address, "order", "preview", "--leg", "+1 11", "--leg", "-1 11")
        nothing = await typed(address, "order", "preview", "--leg", "+0 11")
        tiny = await typed(address, "order", "preview", *LEGS, "--walk", "--walk-step", "0.0001")
    assert Parse(done.stdout, PreviewOrderResponse()).token == "token -1.15"
    assert (wrong.exit_code, odd.exit_code) == (1, 2)
    assert (twice.exit_code, nothing.exit_code, tiny.exit_code) == (2, 2, 0)
    assert "no contracts are GOOG 2016-01-15 999 P" in wrong.output
    assert desk.orders == {}


async def test_a_walk_of_a_thousand_steps_is_bad_usage(serving: Any, typed: Any) -> None:
    async with serving(Floor(mid="0", natural="10")) as address:
        done = await typed(address, "order", "preview", *LEGS, "--walk", "--walk-step", "0.01")
    assert done.exit_code == 2
    assert "at most 100" in done.output


async def test_nothing_is_placed_without_a_yes(serving: Any, typed: Any) -> None:
    desk = Floor()
    async with serving(desk) as address:
        done = await typed(address, "order", "place", *FROM_SCAN)
    assert done.exit_code == 2
    assert "--yes" in done.output
    assert desk.orders == {}


@pytest.mark.parametrize(("answer", "placed"), [("n\n", 0), ("y\n", 1)])
async def test_a_person_is_asked(serving: Any, tmp_path: Path, answer: str, placed: int) -> None:
    desk = Floor()
    async with serving(desk) as address:
        command = ["order", "place", *FROM_SCAN, "--market", address, "--scan", address]
        terminal = await asyncio.to_thread(Terminal, tmp_path, *command)
        try:
            await asyncio.to_thread(terminal.read_until, "Place it?")
            os.write(terminal.keyboard, answer.encode())
            status = await asyncio.to_thread(terminal.wait)
        finally:
            terminal.close()
    assert len(desk.orders) == placed
    assert status == 1 - placed


async def test_each_limit_that_speaks_against_it_has_a_line_and_status_3(serving: Any, typed: Any) -> None:
    desk = Floor()
    desk.violations = lambda limit: [
        LimitViolation(limit="MAX_LOSS", description="9,000 of 5,000 USD"),
        LimitViolation(limit="MAX_QUANTITY", description="20 of 10"),
    ]
    async with serving(desk) as address:
        done = await typed(address, "order", "place", *FROM_SCAN, "--yes")
    assert done.exit_code == 3
    lines = [line.strip() for line in done.output.splitlines()]
    assert "REFUSED MAX_LOSS: 9,000 of 5,000 USD" in lines
    assert "REFUSED MAX_QUANTITY: 20 of 10" in lines
    assert desk.orders == {}


async def test_a_walk_ends_filled_or_cancelled_and_says_which(serving: Any, typed: Any) -> None:
    filling, staying = Floor(fills_at="-1.13"), Floor()
    async with serving(filling) as address:
        filled = await typed(address, "order", "place", *FROM_SCAN, *FAST, "--yes", "--json")
    async with serving(staying) as address:
        cancelled = await typed(address, "order", "place", *FROM_SCAN, *FAST, "--yes", "--json")
    assert (filled.exit_code, cancelled.exit_code) == (0, 4), filled.output + cancelled.output
    assert Parse(filled.stdout, Order()).state == OrderState.ORDER_STATE_FILLED
    assert Parse(cancelled.stdout, Order()).state == OrderState.ORDER_STATE_CANCELLED
    assert "walk" in filled.stderr
    assert "1.23 cr to 1.10 cr" in filled.stderr
    assert "the market has not met the last limit" in cancelled.stderr
    assert filling.orders.popitem()[1].lease_id == "lease-1"
    assert filling.log[-1] == ("end lease", "False")


async def test_what_stays_unknown_has_status_5(serving: Any, typed: Any) -> None:
    desk = Floor()
    desk.change("c1", spec=SPEC, state=OrderState.ORDER_STATE_UNKNOWN)
    async with serving(desk) as address:
        assert (await typed(address, "order", "show", "c1")).exit_code == 5


async def test_a_lost_terminal_asks_again_by_name(serving: Any, typed: Any) -> None:
    desk = Floor()
    async with serving(desk) as address:
        for _ in range(2):
            again = await typed(
                address,
                "order",
                "place",
                *LEGS,
                "--limit-price",
                "-1.20",
                "--client-order-id",
                "mine",
                "--yes",
            )
            assert again.exit_code == 0, again.output
        shown = await typed(address, "order", "show", "mine", "--json")
        listed = await typed(address, "order", "list")
    assert list(desk.orders) == ["mine"]
    assert desk.sent == ["-1.20"]
    assert Parse(shown.stdout, Order()).client_order_id == "mine"
    assert "mine" in listed.stdout
    assert "1.20 cr" in listed.stdout


async def test_cancel_and_replace_name_what_they_change(serving: Any, typed: Any) -> None:
    desk = Floor()
    desk.change("c1", spec=SPEC, state=OrderState.ORDER_STATE_SUBMITTED, filled_quantity=amount("0"))
    async with serving(desk) as address:
        replaced = await typed(address, "order", "replace", "c1", "--limit-price", "-1.15", "--yes")
        cancelled = await typed(address, "order", "cancel", "c1")
        again = await typed(address, "order", "cancel", "c1")
        nothing = await typed(address, "order", "cancel", "c2")
    assert desk.sent == ["-1.15"]
    assert replaced.exit_code == 0, replaced.output
    assert cancelled.exit_code == 0, cancelled.output
    assert "cancelled" in cancelled.stdout
    assert (again.exit_code, nothing.exit_code) == (3, 1)
    assert "DONE: it is filled" in again.output


async def test_what_the_server_refuses_at_the_last_moment_has_a_line_each(serving: Any, typed: Any) -> None:
    async def refused(request: Any, context: Any) -> None:
        await refuse(context, refusal([("HALTED", "halted by ann"), ("MAX_LOSS", "9,000 of 5,000 USD")]))

    desk = Floor()
    desk.before["place"] = refused
    async with serving(desk) as address:
        done = await typed(address, "order", "place", *FROM_SCAN, "--yes")
    assert done.exit_code == 3
    lines = done.stderr.splitlines()[-3:]
    assert lines == ["spreadmesh: refused:", "  HALTED: halted by ann", "  MAX_LOSS: 9,000 of 5,000 USD"]


async def test_an_order_that_may_have_been_placed_has_status_5(serving: Any, typed: Any) -> None:
    async def broken(request: Any, context: Any) -> None:
        await context.abort(grpc.StatusCode.INTERNAL, "")

    desk = Floor()
    desk.before["place"] = broken
    async with serving(desk) as address:
        done = await typed(address, "order", "place", *FROM_SCAN, "--yes")
    assert done.exit_code == 5
    assert "not known whether it was done" in done.stderr
