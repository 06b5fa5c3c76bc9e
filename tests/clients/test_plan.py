import os
from pathlib import Path

import pytest
from spreadmesh_client.supervisor.errors import SupervisorError
from spreadmesh_client.supervisor.packages import require_servers
from spreadmesh_client.supervisor.plan import (
    Plan,
    Ports,
    RealGateway,
    Replay,
    Source,
    Synthetic,
    first_symbol,
    make_plan,
)
from spreadmesh_client.supervisor.state import forget_mesh, latest_traces, new_run, running_mesh, write_mesh

PORTS = Ports(tws=7400, market=7401, scan=7402, tws_control=7403)
REPLAY = Replay(Path("/data"), "GOOG", "2015-12-24", "10:30", 10)


def plan_of(source: Source) -> Plan:
    return make_plan(source, PORTS, lines=50, client_id=3, trace_dir=Path("/traces"))


def test_everyone_is_told_where_the_others_are() -> None:
    plan = plan_of(Synthetic("SPY,AAPL", 7, 200))
    sim, ibkr, scanner = plan.children
    assert [child.module for child in plan.children] == ["tws_sim", "ibkr_server", "scanner_server"]
    assert sim.arguments == [
        *("synthetic", "--symbols", "SPY,AAPL", "--seed", "7", "--ticks-per-second", "200"),
        *("--port", "7400", "--control-port", "7403", "--lines", "50", "--json"),
    ]
    assert ibkr.environment["TWS_PORT"] == "7400"
    assert (ibkr.environment["PORT"], ibkr.environment["MAX_SUBSCRIPTIONS"]) == ("7401", "50")
    assert scanner.environment["IBKR_SERVER"] == "127.0.0.1:7401"
    assert scanner.environment["VOLATILITY_FILE"] == "/volatility.sqlite3"  # a simulated market's own
    assert (
        ibkr.environment["SPREADMESH_TRACE_DIR"] == scanner.environment["SPREADMESH_TRACE_DIR"] == "/traces"
    )


def test_a_replay_is_given_to_the_simulator() -> None:
    arguments = plan_of(REPLAY).children[0].arguments
    assert arguments[:11] == [
        *("replay", "--data", "/data", "--symbol", "GOOG", "--date", "2015-12-24"),
        *("--start", "10:30", "--speed", "10"),
    ]


def test_a_real_gateway_takes_the_place_of_the_simulator() -> None:
    plan = plan_of(RealGateway("gateway", 4001))
    assert [child.module for child in plan.children] == ["ibkr_server", "scanner_server"]
    assert "VOLATILITY_FILE" not in plan.children[1].environment
    ibkr = plan.children[0].environment
    assert (ibkr["TWS_HOST"], ibkr["TWS_PORT"], ibkr["CLIENT_ID"]) == ("gateway", "4001", "3")
    assert (plan.tws, plan.tws_control) == ("gateway:4001", None)


def test_a_ticker_to_try() -> None:
    sources: list[Source] = [REPLAY, Synthetic(" msft,SPY", 1, 1), RealGateway("h", 1)]
    assert [first_symbol(source) for source in sources] == ["GOOG", "MSFT", "SPY"]


def test_missing_packages_are_named() -> None:
    require_servers()
    with pytest.raises(SupervisorError, match=r"no_such_package not found.*spreadmesh\[all\]"):
        require_servers(["json", "no_such_package"])


def test_old_runs_go_but_those_that_run_stay(tmp_path: Path) -> None:
    first = new_run(tmp_path)
    write_mesh(first, {"scan": "a"})
    for _ in range(7):
        newest = new_run(tmp_path)
    kept = sorted(path.name for path in (tmp_path / "runs").iterdir())
    assert first.name in kept
    assert len(kept) == 6
    assert running_mesh(tmp_path) == {"scan": "a", "supervisor": os.getpid()}
    forget_mesh(first)
    assert running_mesh(tmp_path) is None
    (first / "traces" / "s-1.jsonl").touch()
    assert latest_traces(tmp_path) == first / "traces"
    assert newest.name == "000008"
