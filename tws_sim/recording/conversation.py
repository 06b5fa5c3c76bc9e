"""What a recording says about a market: contract details, option parameters, tapes of ticks."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tws_sim.market.listing import ContractQuery
from tws_sim.recording.catalogue import Details
from tws_sim.recording.file import Direction, Record, Recording
from tws_sim.recording.tape import Entry, Take, Tape
from tws_sim.wire.contracts import read_contract, read_legs
from tws_sim.wire.fields import FieldError, FieldReader
from tws_sim.wire.framing import split_fields
from tws_sim.wire.history import read_time

# Where the request id stands in the messages a market data request brings about.
_TICKS = {"1": 2, "2": 2, "21": 1, "45": 2, "46": 2, "47": 2, "58": 2, "81": 1}


@dataclass
class Conversation:
    """The market of a recording; times are seconds since its start."""

    started: datetime
    """The instant, on the gateway's clock, at which the recording started."""
    opened: float | None = None
    """When the first client had connected: its startApi."""
    details: dict[int, Details] = field(default_factory=dict)
    parameters: dict[int, list[tuple[str, ...]]] = field(default_factory=lambda: defaultdict(list))
    """Option parameters by the underlying's contract id, without message and request id."""
    tapes: dict[int, Tape] = field(default_factory=dict)

    @property
    def begins(self) -> datetime:
        """The instant at which a replay's clock starts."""
        return self.started + timedelta(seconds=self.opened or 0.0)

    def match(self, query: ContractQuery) -> list[Details]:
        """Every contract the description fits."""
        return [one for one in self.details.values() if one.fits(query)]


class _Reader:
    """Follows one connection."""

    def __init__(self, into: Conversation) -> None:
        self._into = into
        self._version = 0
        self._takes: dict[int, Take] = {}
        self._asked: list[tuple[ContractQuery, Take]] = []

    @property
    def asked(self) -> list[tuple[ContractQuery, Take]]:
        """Every market data request and what came of it."""
        return self._asked

    def sent(self, seconds: float, fields: list[str]) -> None:
        """The client has sent a message."""
        reader = FieldReader(fields)
        match reader.string():
            case "71" if self._into.opened is None:
                self._into.opened = seconds
            case "1":
                reader.skip()
                request_id, query = reader.integer(), read_contract(reader)
                if query.sec_type == "BAG":
                    read_legs(reader)
                if reader.boolean():
                    reader.skip(3)
                reader.skip()
                take = self._takes[request_id] = Take(seconds, reader.boolean())
                self._asked.append((query, take))
            case "2":
                reader.skip()
                take_ended = self._takes.pop(reader.integer(), None)
                if take_ended is not None:
                    take_ended.end = seconds

    def received(self, seconds: float, fields: list[str]) -> None:
        """The gateway has sent a message."""
        if not self._version:
            self._version = int(fields[0])
            self._set_clock(seconds, fields[1])
            return
        kind = fields[0]
        if kind in _TICKS:
            take = self._takes.get(int(fields[_TICKS[kind]]))
            if take is not None:
                take.entries.append(Entry(seconds, tuple(fields), _TICKS[kind]))
        elif kind == "10":
            details = Details.read(self._version, fields)
            self._into.details.setdefault(int(details.con_id), details)
        elif kind == "75":
            known = self._into.parameters[int(fields[3])]
            if tuple(fields[2:]) not in known:
                known.append(tuple(fields[2:]))

    def _set_clock(self, seconds: float, connected: str) -> None:
        """The gateway names its time, which is not the recorder's where it plays another day itself."""
        named = read_time(connected.replace(" EST", " US/Eastern").replace(" EDT", " US/Eastern"))
        if named is not None and self._into.opened is None:
            self._into.started = named - timedelta(seconds=seconds)

    def ended(self, seconds: float) -> None:
        """The connection has ended, and with it what ran on it."""
        for take in self._takes.values():
            take.end = min(take.end, seconds)
        self._takes.clear()


def understand(recording: Recording) -> Conversation:
    """The market of a recording; frames that cannot be read are passed over."""
    found = Conversation(recording.started)
    readers: dict[int, _Reader] = {}
    for record in recording.records:
        if record.direction is Direction.OPENED:
            readers[record.connection] = _Reader(found)
        _follow(readers.setdefault(record.connection, _Reader(found)), record)
    # Contracts may be described before they are known, so they are told apart at the end.
    requests = sorted(
        (pair for reader in readers.values() for pair in reader.asked), key=lambda pair: pair[1].start
    )
    for query, take in requests:
        matches = found.match(query)
        if len(matches) == 1:
            found.tapes.setdefault(int(matches[0].con_id), Tape()).add(take)
    return found


def _follow(reader: _Reader, record: Record) -> None:
    fields = split_fields(record.payload) if record.payload else []
    try:
        if record.direction is Direction.CLOSED:
            reader.ended(record.seconds)
        elif record.direction is Direction.FROM_CLIENT and fields:
            reader.sent(record.seconds, fields)
        elif record.direction is Direction.TO_CLIENT and fields:
            reader.received(record.seconds, fields)
    except (FieldError, IndexError, ValueError):
        return
