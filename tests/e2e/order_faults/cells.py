"""The fault matrix: where the server dies, what the network does, what the broker does."""

from dataclasses import dataclass
from enum import Enum
from itertools import product


class Crash(Enum):
    """Points at which the server is killed, as `ibkr_server.failpoints` names them."""

    BEFORE_INTENT = "before_intent"
    AFTER_INTENT = "after_intent"
    MID_WRITE = "mid_write"
    AFTER_WRITE = "after_write"
    AFTER_OPEN_ORDER = "after_open_order"
    BEFORE_ACK = "before_ack_journalled"
    BEFORE_REPLY = "before_reply"
    BEFORE_FILL = "before_fill_journalled"
    BEFORE_PUBLISH = "before_publish"
    MID_RECONCILIATION = "mid_reconciliation"
    AFTER_HALT = "after_kill_persisted"


class Network(Enum):
    """What happens between server and gateway while an order is under way."""

    NONE = "none"
    FIN = "fin"
    RST = "rst"
    BLACK_HOLE = "black hole"
    JITTER = "75 ± 50 ms"
    BYTE_BY_BYTE = "byte by byte"
    DATA_LOST = "1100, 1101"
    DATA_KEPT = "1100, 1102"
    REROUTED = "2110, 1300"


class Broker(Enum):
    """What the gateway does with the order."""

    ACK = "ack"
    SILENCE = "silence"
    REJECTED = "201"
    ACCEPTED_THEN_CUT = "accepted, then cut"
    EXECUTED_FIRST = "execDetails first"
    FILL_RACES_CANCEL = "fill races cancel"
    LEGS_APART = "legs apart"
    TWO_PERM_IDS = "two permIds"
    ID_GOES_BACK = "nextValidId back"
    ID_JUMPS = "nextValidId jumps, 103"
    CORRECTION = "correction .02"
    REPLAYED = "replayed executions"
    NO_STATUS = "no status"
    FALSE_ALARM = "105, 201, 321, 10148 on a live order"
    COMPLETED_SILENT = "completed orders unanswered"
    CANCELLED_BY_HAND = "cancelled by hand"


@dataclass(frozen=True, slots=True)
class Cell:
    """One combination."""

    crash: Crash
    network: Network
    broker: Broker

    def __str__(self) -> str:
        return f"{self.crash.value} × {self.network.value} × {self.broker.value}"


def every_cell() -> list[Cell]:
    """All 1,584."""
    return [Cell(*values) for values in product(Crash, Network, Broker)]
