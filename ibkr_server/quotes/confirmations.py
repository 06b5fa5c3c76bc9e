"""What becomes of the contracts that a stream asks for, as messages."""

from spreadmesh.market.v1 import quotes_pb2 as pb

from ibkr_server.lines.lease import Lease, LeaseState

_LINE_STATES = {
    LeaseState.STREAMING: pb.LINE_STATE_STREAMING,
    LeaseState.WAITING: pb.LINE_STATE_ROTATING,
    LeaseState.UNKNOWN_CONTRACT: pb.LINE_STATE_UNKNOWN_CONTRACT,
    LeaseState.NOT_PERMITTED: pb.LINE_STATE_NOT_PERMITTED,
}
_OVER_LIMIT = "more contracts are wanted than this server will let share its lines"


def line_state(lease: Lease) -> pb.LineState.ValueType:
    """What has become of a contract."""
    return _LINE_STATES[lease.state]


def confirmation(con_id: int, lease: Lease | None, *, rotating: bool) -> pb.LineConfirmation:
    """The answer to a wish; without a lease it was one too many.

    Where nothing rotates, a contract that waits gets its line at once.
    """
    if lease is None:
        return pb.LineConfirmation(con_id=con_id, state=pb.LINE_STATE_OVER_LIMIT, reason=_OVER_LIMIT)
    state = line_state(lease)
    if state == pb.LINE_STATE_ROTATING and not rotating:
        state = pb.LINE_STATE_STREAMING
    return pb.LineConfirmation(con_id=con_id, state=state, reason=lease.reason)
