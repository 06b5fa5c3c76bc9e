"""A server that is stopped at a bad moment ends all the same."""

from pathlib import Path

from tests.ibkr_server.order_machine.system import System


def test_stopped_as_the_gateway_resets_a_session_that_has_just_begun(tmp_path: Path) -> None:
    system = System(tmp_path)
    system.run(system.until_ready())
    system.crash()
    system.run(system.gateway.faults.inject("silence", request="reqAllOpenOrders", count=1))
    system.run(system.gateway.faults.inject("next-order-id", value=0))
    bid, _ = system.run(system.quotes())
    system.run(system.place("order", system.spec(1, bid)))
    system.crash()
    system.crash()
    system.run(system.gateway.faults.lift(None))
    system.run(system.until_ready())
    system.close()
