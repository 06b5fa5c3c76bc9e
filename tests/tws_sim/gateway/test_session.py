"""Requests and their answers over a real socket."""

import pytest

from tests.tws_sim.wire_client import SHARE, bench, option
from tws_sim.gateway import Settings

UNKNOWN = "No security definition has been found for the request"


async def test_start_api_answers_accounts_order_id_and_farms() -> None:
    async with bench() as gateway, gateway.connection() as client:
        answers = await client.start(7)
    assert client.version == 176
    assert answers[:2] == [["15", "1", "DU4242424"], ["9", "1", "1"]]
    assert [answer[3] for answer in answers[2:]] == ["2104", "2104", "2106", "2158"]


async def test_nothing_is_sent_between_the_version_and_start_api() -> None:
    async with bench() as gateway, gateway.connection() as client:
        await client.start(7)
        async with gateway.connection() as silent:
            silent.writer.write(b"API\0\x00\x00\x00\x09v157..176")
            assert (await silent.receive())[0] == "176"
            await client.settled()
            await gateway.pass_time(1)
            silent.writer.write_eof()
            assert await silent.receive() == []


async def test_a_client_id_in_use_is_turned_away_and_free_after_disconnect() -> None:
    async with bench() as gateway:
        async with gateway.client(5), gateway.connection() as second:
            with pytest.raises(ConnectionError, match="326"):
                await second.start(5)
        await gateway.eventually(lambda: not gateway.gateway.sessions)
        async with gateway.client(5) as third:
            assert await third.settled() == []


async def test_a_client_of_another_protocol_is_closed() -> None:
    async with bench() as gateway, gateway.connection() as client:
        client.writer.write(b"GET / HTTP/1.1\r\n\r\n")
        assert await client.receive() == []


async def test_a_request_before_start_api_is_refused() -> None:
    async with bench() as gateway, gateway.connection() as client:
        client.writer.write(b"API\0\x00\x00\x00\x09v157..176")
        await client.receive()
        client.send(49, 1)
        assert (await client.receive())[:4] == ["4", "2", "-1", "320"]


@pytest.mark.parametrize(
    "fields",
    [(999, 1), ("abc",), (9, 8), (9, 8, 3, "x"), (1, 11, 5, *SHARE, 0, "", "maybe"), ("",)],
)
async def test_a_message_that_cannot_be_read_is_an_error_and_the_session_goes_on(
    fields: tuple[object, ...],
) -> None:
    async with bench() as gateway, gateway.client() as client:
        client.send(*fields)
        answers = await client.settled()
        assert [answer[:4] for answer in answers] == [["4", "2", "-1", "320"]]


async def test_the_sync_sequence_of_a_new_connection_ends_every_request() -> None:
    async with bench() as gateway, gateway.client() as client:
        requests = [
            (61, 1), (5, 1), (16, 1), (99, 0), (6, 2, 1, "DU4242424"),
            (76, 1, 3, "DU4242424", "", 0), (7, 3, 4, 0, "", "", "", "", "", ""),
        ]  # fmt: skip
        for request in requests:
            client.send(*request)
        answers = await client.settled()
    values = {answer[2]: answer[3] for answer in answers if answer[0] == "6"}
    assert float(values["NetLiquidation"]) == 1_000_000
    assert values["AccountCode"] == "DU4242424"
    multi = {answer[5]: answer[6] for answer in answers if answer[0] == "73"}
    assert multi.keys() == values.keys()
    ends = [answer for answer in answers if answer[0] not in {"6", "73"}]
    assert ends == [
        ["62", "1"], ["53", "1"], ["53", "1"], ["102"], ["8", "1", "10:00"],
        ["54", "1", "DU4242424"], ["74", "1", "3"], ["55", "1", "4"],
    ]  # fmt: skip


async def test_current_time_is_the_market_s() -> None:
    async with bench() as gateway, gateway.client() as client:
        await gateway.pass_time(60)
        client.send(49, 1)
        assert await client.receive() == ["49", "1", "1795186860"]


@pytest.mark.parametrize("contract", [SHARE, option()])
async def test_contract_details_of_old_and_new_versions_differ_in_the_gated_fields(
    contract: tuple[str, ...],
) -> None:
    async with bench() as gateway, gateway.client() as new, gateway.connection() as old:
        await old.start(2, "v100..157")
        for client in (new, old):
            client.send(9, 8, 3, *contract, 0, "", "", *([""] if client is new else []))
        (now, _), (then, _) = await new.until("52"), await old.until("52")
    assert then[:3] == ["10", "8", "3"]
    assert now[:2] == ["10", "3"]
    assert then[3:15] == now[2:14]
    assert then[15] == "100"  # the size multiplier, gone since 164
    assert then[16:] == now[14:-3]
    assert now[-3:-1] == ["1", "1"]
    assert len(now) == 40
    assert now[2:4] == list(contract[1:3])


async def test_a_partial_option_answers_every_contract_that_fits() -> None:
    async with bench() as gateway, gateway.client() as client:
        client.send(9, 8, 1, *option(0, ""), 0, "", "", "")
        everything = await client.until("52")
        client.send(9, 8, 2, *option(0, "P"), 0, "", "", "")
        puts = await client.until("52")
        client.send(9, 8, 3, *option(590, "", ""), 0, "", "", "")
        expirations = await client.until("52")
    assert len(everything) - 1 == 2 * (len(puts) - 1)
    assert {message[6] for message in puts[:-1]} == {"P"}
    assert len({message[4] for message in expirations[:-1]}) >= 8
    assert len({message[12] for message in everything[:-1]}) == len(everything) - 1


@pytest.mark.parametrize(
    "contract",
    [option(591), option(expiry="20261219"), option(symbol="ZZZ"), (1, *[""] * 6, "SMART", *[""] * 4)],
)
async def test_an_unknown_contract_is_error_200(contract: tuple[str, ...]) -> None:
    async with bench() as gateway, gateway.client() as client:
        client.send(9, 8, 3, *contract, 0, "", "", "")
        client.quote(4, contract)
        answers = await client.settled()
    assert answers == [["4", "2", number, "200", UNKNOWN, ""] for number in ("3", "4")]


async def test_option_parameters_come_once_per_exchange() -> None:
    async with bench() as gateway, gateway.client() as client:
        client.send(78, 9, "SPY", "", "STK", 756733)
        *found, _ = await client.until("76", "9")
        client.send(78, 10, "SPY", "", "STK", 1)
        assert (await client.receive())[2:4] == ["10", "200"]
    assert {"SMART", "CBOE", "ISE"} <= {message[2] for message in found}
    first = found[0]
    count = int(first[6])
    assert first[3:6] == ["756733", "SPY", "100"]
    assert "20261218" in first[7 : 7 + count]
    assert int(first[7 + count]) == len(first[8 + count :])
    assert "590.0" in first[8 + count :]


async def test_orders_are_refused_as_a_read_only_gateway_does() -> None:
    async with bench(Settings(read_only=True)) as gateway, gateway.client() as client:
        client.send(3, 17, *option(), "", "", "BUY", 1, "LMT", 1.0)
        client.send(4, 1, 17, "")
        orders = await client.settled()
        for request in ((5, 1), (16, 1), (99, 1)):
            client.send(*request)
        lists = await client.settled()
    assert [(answer[2], answer[3]) for answer in orders] == [("17", "321"), ("17", "10147")]
    assert [(answer[2], answer[3]) for answer in lists] == [("-1", "321")] * 3
    assert all("Read-Only" in answer[4] for answer in (orders[0], *lists))


async def test_what_an_account_is_not_subscribed_to_fails_at_once_under_its_id() -> None:
    async with bench() as gateway, gateway.client() as client:
        client.send(52, 2, 31, 756733, "SPY", "STK", "SMART", "", "USD", "", "ReportSnapshot", 0, "")
        client.send(100, 32)
        client.send(84, 33, "BRFG", "BRFG$1", "")
        client.send(18, 1, 1)
        answers = await client.settled()
    assert [(answer[2], answer[3]) for answer in answers] == [
        ("31", "430"), ("32", "10276"), ("33", "10172"), ("-1", "321")
    ]  # fmt: skip
