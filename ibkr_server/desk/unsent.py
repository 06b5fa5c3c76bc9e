"""Orders that passed the risk gate and never left."""

from collections.abc import Iterator
from contextlib import contextmanager

from ibkr_server.desk.ports import RiskGate
from ibkr_server.orders.spec import OrderSpec
from mesh.access.roles import Caller


@contextmanager
def forgotten_if_unsent(gate: RiskGate, spec: OrderSpec, caller: Caller) -> Iterator[None]:
    """What fails in here was not sent: the gate forgets it, so it is no duplicate when it is tried again."""
    try:
        yield
    except BaseException:  # also where the caller goes away
        gate.withdrawn(spec, caller)
        raise
