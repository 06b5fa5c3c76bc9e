"""The state of the connection to the gateway, as a message."""

from spreadmesh.market.v1 import gateway_pb2 as pb

from ibkr_server.gateway.meanings import meaning
from ibkr_server.gateway.pacer import Lane, Pacer
from ibkr_server.gateway.state import FarmKind, GatewayState, Link, Socket
from ibkr_server.market import Market
from ibkr_server.rpc.messages import timestamp

_SOCKET_STATES = {
    Socket.DISCONNECTED: pb.SOCKET_STATE_DISCONNECTED,
    Socket.CONNECTING: pb.SOCKET_STATE_CONNECTING,
    Socket.CONNECTED: pb.SOCKET_STATE_CONNECTED,
}
_LINK_STATES = {
    Link.UNKNOWN: pb.LINK_STATE_UNSPECIFIED,
    Link.UP: pb.LINK_STATE_UP,
    Link.DOWN: pb.LINK_STATE_DOWN,
    Link.IDLE: pb.LINK_STATE_IDLE,
}
_FARM_KINDS = {
    FarmKind.MARKET_DATA: pb.FARM_KIND_MARKET_DATA,
    FarmKind.HISTORICAL_DATA: pb.FARM_KIND_HISTORICAL_DATA,
    FarmKind.CONTRACTS: pb.FARM_KIND_CONTRACTS,
}


def gateway_status(market: Market) -> pb.GatewayStatus:
    """The state of the connection to the gateway."""
    state, pacer, book = market.link.state, market.pacer, market.lines.book
    status = pb.GatewayStatus(
        ready=market.ready,
        socket=_SOCKET_STATES[state.socket],
        link=_LINK_STATES[state.link],
        farms=_farms(state),
        server_version=state.server_version,
        address=market.link.address,
        client_id=market.settings.client_id,
        market_speed=market.market_clock.speed,
        lines_limit=book.limit,
        lines_in_use=book.in_use,
        requests_queued=sum(pacer.queued(lane) for lane in Lane),
        messages_sent=sum(pacer.sent.values()),
        most_messages_in_a_second=pacer.most_in_a_second,
        errors=dict(state.errors),
        last_error=_last_error(state),
        lanes=_lanes(pacer),
        connections=state.connections,
        competing_session=state.competing_session,
        restart_due=market.link.is_restart_due,
        stale_quotes=market.quotes.stale_count,
        throttled_last_minute=pacer.throttled_last_minute,
        recent_requests=market.link.outcomes.requests,
        error_rate=market.link.outcomes.error_rate,
    )
    if market.market_clock.known:
        status.market_time.CopyFrom(timestamp(market.now()))
    return status


def _farms(state: GatewayState) -> list[pb.Farm]:
    return [
        pb.Farm(name=name, state=_LINK_STATES[farm.link], kind=_FARM_KINDS[farm.kind])
        for name, farm in sorted(state.farms.items())
    ]


def _lanes(pacer: Pacer) -> list[pb.Lane]:
    return [
        pb.Lane(
            name=lane.name.lower(),
            queued=pacer.queued(lane),
            sent=pacer.sent[lane],
            longest_wait_seconds=pacer.waits[lane].largest,
            throttled=pacer.throttled[lane],
        )
        for lane in Lane
    ]


def _last_error(state: GatewayState) -> pb.LastError | None:
    error = state.last_error
    if error is None:
        return None
    return pb.LastError(
        code=error.code,
        text=error.text,
        time=timestamp(error.market_time) if error.market_time else None,
        meaning=meaning(error.code, error.text),
    )
