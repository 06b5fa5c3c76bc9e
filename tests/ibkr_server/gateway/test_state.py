import pytest

from ibkr_server.gateway.state import (
    Farm,
    FarmKind,
    GatewayMessage,
    GatewayState,
    Link,
    Socket,
    farm_name,
    port_in,
)


def message(code: int, text: str = "") -> GatewayMessage:
    return GatewayMessage(-1, code, text, 0.0)


@pytest.fixture
def connected() -> GatewayState:
    state = GatewayState()
    state.connecting()
    state.connected(176)
    return state


def test_is_ready_only_with_socket_and_link(connected: GatewayState) -> None:
    assert connected.ready
    connected.heard(message(1100))
    assert not connected.ready
    assert connected.socket is Socket.CONNECTED
    connected.heard(message(1102))
    assert connected.ready


def test_2110_is_a_broken_link_not_a_restored_one(connected: GatewayState) -> None:
    connected.heard(message(2110))
    assert connected.link is Link.DOWN


def test_a_farm_flap_touches_only_the_farm(connected: GatewayState) -> None:
    connected.heard(message(2103, "Market data farm connection is broken:usopt"))
    assert connected.farms == {"usopt": Farm(FarmKind.MARKET_DATA, Link.DOWN)}
    assert connected.ready
    assert connected.share_quotes_flow
    assert not connected.option_quotes_flow
    connected.heard(message(2104, "Market data farm connection is OK:usopt"))
    assert connected.option_quotes_flow


def test_a_broken_farm_for_shares_leaves_options_alone(connected: GatewayState) -> None:
    connected.heard(message(2103, "Market data farm connection is broken:usfarm.nj"))
    assert connected.option_quotes_flow
    assert not connected.share_quotes_flow


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (2105, "HMDS data farm connection is broken:ushmds"),
        (2157, "Sec-def data farm connection is broken:secdefnj"),
        (2103, "Market data farm connection is broken:eufarm"),
    ],
)
def test_other_farms_leave_quotes_alone(connected: GatewayState, code: int, text: str) -> None:
    connected.heard(message(code, text))
    assert connected.option_quotes_flow
    assert connected.share_quotes_flow


def test_a_competing_session_ends_with_the_next_quote(connected: GatewayState) -> None:
    connected.heard(message(10197, "No market data during competing live session"))
    assert connected.competing_session
    connected.quoted()
    assert not connected.competing_session


def test_an_idle_farm_is_no_error(connected: GatewayState) -> None:
    connected.heard(
        message(2108, "Market data farm connection is inactive but should be available upon demand.:usopt")
    )
    assert connected.farms == {"usopt": Farm(FarmKind.MARKET_DATA, Link.IDLE)}
    assert not connected.errors


def test_errors_are_counted_and_the_last_is_kept(connected: GatewayState) -> None:
    connected.heard(message(200, "No security definition"))
    connected.heard(message(354, "Not subscribed"))
    assert connected.errors == {200: 1, 354: 1}
    assert connected.last_error == message(354, "Not subscribed")


def test_a_lost_socket_forgets_what_lay_behind_it(connected: GatewayState) -> None:
    connected.heard(message(2104, "Market data farm connection is OK:usopt"))
    connected.disconnected()
    assert not connected.ready
    assert not connected.farms
    assert connected.server_version is None


def test_a_silent_gateway_is_not_ready_until_it_answers(connected: GatewayState) -> None:
    connected.fell_silent(True)
    assert not connected.ready
    connected.fell_silent(False)
    assert connected.ready


@pytest.mark.parametrize(
    ("text", "port"),
    [
        ("TWS socket port has been reset. Please reconnect on the new port - 7498", 7498),
        ("TWS socket port has been reset and this connection is being dropped.", None),
    ],
)
def test_a_reset_may_name_the_new_port(text: str, port: int | None) -> None:
    assert port_in(text) == port


def test_a_farm_without_a_name_is_called_by_its_text() -> None:
    assert farm_name("something else") == "something else"
