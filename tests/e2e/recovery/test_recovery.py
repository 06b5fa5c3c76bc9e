"""Each fault of a gateway: what a client sees of it, and how soon it is over (docs/recovery.md)."""

from typing import Any

import grpc
import pytest
from spreadmesh.market.v1 import chain_pb2
from spreadmesh.market.v1.quotes_pb2 import LINE_STATE_NOT_PERMITTED

from mesh.errors import from_rpc_error
from tests.e2e.recovery.conftest import Feed
from tests.e2e.recovery.follower import Follower

FLAGGED_SECONDS = 3.0
AFTER_LINK_SECONDS = 3.0
AFTER_SOCKET_SECONDS = 10.0
COMPETING_SECONDS = 30.0
RATE_EXCEEDED, UNKNOWN_REQUEST = 100, 300


def report(fault: str, flagged: float | None, back: float | None) -> None:
    """A row for docs/recovery.md; shown by `pytest -s`."""
    cells = ("–" if value is None else f"{value:.1f} s" for value in (flagged, back))
    print(f"| {fault} | {' | '.join(cells)} |")


@pytest.mark.parametrize(
    ("fault", "options", "lasts", "limit"),
    [
        ("fin", {}, 0.0, AFTER_SOCKET_SECONDS),
        ("rst", {}, 0.0, AFTER_SOCKET_SECONDS),
        ("restart", {"seconds": 3}, 3.0, AFTER_SOCKET_SECONDS),
        ("port-reset", {}, 0.0, AFTER_SOCKET_SECONDS),
        ("rate-broken", {"warnings": 3}, 0.0, AFTER_SOCKET_SECONDS),
        ("black-hole", {"seconds": 4}, 4.0, AFTER_LINK_SECONDS),
        ("black-hole", {"seconds": 14}, 14.0, AFTER_SOCKET_SECONDS),
        ("data-lost", {"seconds": 2}, 2.0, AFTER_LINK_SECONDS),
        ("data-kept", {"seconds": 2}, 2.0, AFTER_LINK_SECONDS),
        ("server-broken", {"seconds": 2, "data": "kept"}, 2.0, AFTER_LINK_SECONDS),
        ("server-broken", {"seconds": 2, "data": "lost"}, 2.0, AFTER_LINK_SECONDS),
        ("competing-session", {"seconds": 3}, 3.0, AFTER_LINK_SECONDS),
    ],
)
async def test_quotes_are_flagged_and_come_back(
    feed: Feed, fault: str, options: dict[str, Any], lasts: float, limit: float
) -> None:
    before = feed.latest_us
    everything = feed.follower.con_ids
    feed.inject(fault, **options)
    flagged = await feed.follower.until(feed.follower.all_stale(feed.options), FLAGGED_SECONDS)
    back = await feed.follower.until(feed.follower.all_fresh(everything, before), lasts + limit)
    report(f"{fault} {options or ''}", flagged, back + flagged - lasts)
    assert (await feed.status()).ready
    assert (await feed.status()).stale_quotes == 0


@pytest.mark.parametrize("farm", ["usopt", "usfarm"])
async def test_a_broken_farm_touches_only_its_own_quotes(feed: Feed, farm: str) -> None:
    mine, others = (feed.options, [feed.share]) if farm == "usopt" else ([feed.share], feed.options)
    before = feed.latest_us
    sent = (await feed.status()).messages_sent
    feed.inject("farm-broken", farm=farm, seconds=2)
    flagged = await feed.follower.until(feed.follower.all_stale(mine), FLAGGED_SECONDS)
    assert not any(feed.follower.stale[con_id] for con_id in others)
    back = await feed.follower.until(feed.follower.all_fresh(mine, before), 2.0 + AFTER_LINK_SECONDS)
    report(f"farm-broken {farm}", flagged, back + flagged - 2.0)
    assert (await feed.status()).messages_sent - sent < 10  # only the clock has been asked for


@pytest.mark.parametrize(
    ("fault", "options"),
    [
        ("farm-broken", {"farm": "ushmds", "seconds": 1}),
        ("farm-inactive", {"farm": "usopt"}),
        ("farm-inactive", {"farm": "ushmds"}),
        ("delay", {"by": 0.2, "jitter": 0.05, "seconds": 2}),
        ("byte-by-byte", {"seconds": 2}),
        ("next-order-id", {"value": 1}),
    ],
)
async def test_what_is_harmless_is_not_seen(feed: Feed, fault: str, options: dict[str, Any]) -> None:
    connections = (await feed.status()).connections
    feed.inject(fault, **options)
    later = feed.latest_us + 2_500_000
    await feed.follower.until(lambda: feed.latest_us > later, 15)
    assert not any(feed.follower.stale.values())
    assert (await feed.status()).connections == connections
    report(f"{fault} {options}", None, None)


async def test_data_kept_are_not_asked_for_again(feed: Feed) -> None:
    sent = (await feed.status()).messages_sent
    feed.inject("data-kept", seconds=1)
    await feed.follower.until(feed.follower.all_stale(feed.options), FLAGGED_SECONDS)
    await feed.follower.until(feed.follower.all_fresh(feed.options), 1.0 + AFTER_LINK_SECONDS)
    assert (await feed.status()).messages_sent - sent < 10


async def test_a_client_id_in_use_is_waited_for_and_named(feed: Feed) -> None:
    before = feed.latest_us
    feed.inject("client-id-stays", linger=3, seconds=4)
    feed.inject("fin")
    flagged = await feed.follower.until(feed.follower.all_stale(feed.options), FLAGGED_SECONDS)
    back = await feed.follower.until(
        feed.follower.all_fresh(feed.options, before), 3.0 + AFTER_SOCKET_SECONDS
    )
    report("client-id-stays 3 s, fin", flagged, back + flagged - 3.0)
    status = await feed.status()
    assert status.errors[326] >= 1
    assert status.client_id == 1


async def test_a_competing_session_is_named_and_not_fought(feed: Feed) -> None:
    feed.inject("competing-session", seconds=3)
    await feed.follower.until(feed.follower.all_stale(feed.options), FLAGGED_SECONDS)
    status = await feed.status()
    assert status.competing_session
    assert "another session" in status.last_error.meaning
    sent = status.messages_sent
    await feed.follower.until(feed.follower.all_fresh(feed.options), 3.0 + AFTER_LINK_SECONDS)
    status = await feed.status()
    assert not status.competing_session
    assert status.messages_sent - sent < 15


async def test_requests_that_a_competing_session_has_ended_are_made_again(feed: Feed) -> None:
    errors = (await feed.status()).errors
    before = feed.latest_us
    feed.inject("competing-session", seconds=3, resume_after=False)
    flagged = await feed.follower.until(feed.follower.all_stale(feed.options), FLAGGED_SECONDS)
    fresh = feed.follower.all_fresh(feed.follower.con_ids, before)
    back = await feed.follower.until(fresh, COMPETING_SECONDS + AFTER_SOCKET_SECONDS)
    report("competing-session that ends requests", flagged, back + flagged - 3.0)
    assert (await feed.status()).errors[UNKNOWN_REQUEST] - errors[UNKNOWN_REQUEST] <= 1


async def test_what_a_gateway_drops_for_its_rate_is_asked_for_again(feed: Feed) -> None:
    before = await feed.status()
    feed.inject("rate-limit", limit=20, seconds=2.0)
    feed.inject("data-lost", seconds=0.3)
    flagged = await feed.follower.until(feed.follower.all_stale(feed.options), FLAGGED_SECONDS)
    fresh = feed.follower.all_fresh(feed.follower.con_ids, feed.latest_us)
    back = await feed.follower.until(fresh, AFTER_SOCKET_SECONDS)
    report("data-lost, then messages dropped", flagged, back + flagged - 0.3)
    status = await feed.status()
    assert status.errors[RATE_EXCEEDED] > before.errors[RATE_EXCEEDED]
    assert status.connections == before.connections


async def test_a_contract_without_permission_is_refused_once(feed: Feed) -> None:
    chain = await feed.stub.GetOptionChain(chain_pb2.GetOptionChainRequest(symbol="SPY"), timeout=30)
    other = next(c.con_id for c in chain.contracts if c.con_id not in feed.follower.con_ids)
    feed.inject("not-subscribed", seconds=10)
    async with Follower(feed.stub, [other]) as refused:
        await refused.until(lambda: refused.states.get(other) == LINE_STATE_NOT_PERMITTED, 5)
    errors = (await feed.status()).errors
    assert errors[354] == 1
    assert not any(feed.follower.stale[con_id] for con_id in feed.options)


async def test_fewer_lines_than_told_are_shared_in_turns(feed: Feed) -> None:
    feed.inject("lines", limit=50, seconds=20)
    before = feed.latest_us
    fresh = feed.follower.all_fresh(feed.options, before)
    took = await feed.follower.until(fresh, 20)
    status = await feed.status()
    assert status.lines_limit <= 50
    assert status.ready
    report("lines 50 instead of 100", None, took)


async def test_silence_on_one_request_costs_only_that_request(feed: Feed) -> None:
    feed.inject("silence", request="reqContractDetails", count=1)
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await feed.stub.GetOptionChain(chain_pb2.GetOptionChainRequest(symbol="QQQ"), timeout=20)
    assert from_rpc_error(raised.value).code is grpc.StatusCode.DEADLINE_EXCEEDED
    assert not any(feed.follower.stale.values())
    assert (await feed.status()).ready


async def test_a_refused_request_says_why(feed: Feed) -> None:
    feed.inject("request-error", request="reqContractDetails", code=322)
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await feed.stub.GetOptionChain(chain_pb2.GetOptionChainRequest(symbol="IWM"), timeout=20)
    error = from_rpc_error(raised.value)
    assert error.code is grpc.StatusCode.FAILED_PRECONDITION
    assert error.details[0].violations[0].type == "IB_322"  # type: ignore[attr-defined]  # PreconditionFailure


async def test_the_gateway_may_move_to_another_port(feed: Feed) -> None:
    before = feed.latest_us
    feed.inject("port-reset", port=0)
    flagged = await feed.follower.until(feed.follower.all_stale(feed.options), FLAGGED_SECONDS)
    back = await feed.follower.until(feed.follower.all_fresh(feed.options, before), AFTER_SOCKET_SECONDS)
    report("port-reset to another port", flagged, back + flagged)
