"""Requests a recording answers out of itself; all others are answered as in every market."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tws_sim import streams
from tws_sim.recording.tape import Tape
from tws_sim.requests import combinations, connection, market_data
from tws_sim.requests.dispatch import START_API, Handler
from tws_sim.session import Session
from tws_sim.wire import errors, ticks
from tws_sim.wire.contracts import read_contract
from tws_sim.wire.fields import FieldReader
from tws_sim.wire.framing import message

if TYPE_CHECKING:
    from tws_sim.recording.market import RecordedMarket


class Player(streams.Stream):
    """A tape under the request id of the client that listens to it."""

    interval = 0.01
    takes_line = True

    def __init__(self, request_id: int, con_id: int, tape: Tape, market: "RecordedMarket") -> None:
        super().__init__()
        self.item = market.listing.by_id(con_id)
        self._request_id = request_id
        self._tape = tape
        self._market = market
        self._played = market.seconds()

    def opening(self) -> list[bytes]:
        """What is sent at once."""
        return [message(*entry.for_request(self._request_id)) for entry in self._tape.opening(self._played)]

    def messages(self, now: float) -> list[bytes]:
        """What has been recorded since the last time."""
        before, self._played = self._played, self._market.seconds()
        entries = self._tape.since(before, self._played)
        return [message(*entry.for_request(self._request_id)) for entry in entries]


def answers(market: "RecordedMarket") -> Mapping[int, Handler]:
    """Handlers by message id."""

    async def start_api(session: Session, fields: FieldReader) -> None:
        market.begin()
        await connection.start_api(session, fields)

    async def contract_details(session: Session, fields: FieldReader) -> None:
        fields.skip()
        request_id, query = fields.integer(), read_contract(fields)
        found = market.conversation.match(query)
        if not found or not (query.con_id or query.sec_type):
            session.error(request_id, errors.NO_SUCH_CONTRACT, errors.UNKNOWN_CONTRACT)
            return
        for details in found:
            session.send(details.as_message(session.version, request_id, query.exchange))
            await session.drained()
        session.send(message(52, 1, request_id))

    async def option_parameters(session: Session, fields: FieldReader) -> None:
        request_id = fields.integer()
        fields.skip(3)
        for parameters in market.conversation.parameters.get(fields.integer(), []):
            session.send(message(75, request_id, *parameters))
        session.send(message(76, request_id))

    async def quotes(session: Session, fields: FieldReader) -> None:
        ahead = FieldReader(fields.remaining())
        ahead.skip()
        request_id, query = ahead.integer(), read_contract(ahead)
        key = streams.Key(combinations.KIND, request_id)
        matches = market.conversation.match(query)
        con_id = int(matches[0].con_id) if len(matches) == 1 else 0
        tape = market.conversation.tapes.get(con_id)
        if tape is None or key in session.streams:
            await market_data.request_market_data(session, fields)
            return
        ahead.skip(4 if ahead.boolean() else 1)
        _play(
            session,
            request_id,
            Player(request_id, con_id, tape, market),
            snapshot=ahead.boolean(),
        )

    return {START_API: start_api, 9: contract_details, 78: option_parameters, 1: quotes}


def _play(session: Session, request_id: int, player: Player, *, snapshot: bool) -> None:
    """Open a line for a tape; a snapshot is its state, then the end."""
    key = streams.Key(combinations.KIND, request_id)
    if not streams.start(session, key, player):
        session.error(request_id, errors.MAX_TICKERS, errors.MAX_TICKERS_TEXT)
        return
    session.send(*player.opening())
    if snapshot:
        streams.stop(session, key)
        session.send(ticks.snapshot_end(request_id))
