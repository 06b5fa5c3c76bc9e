import os
from pathlib import Path

import pytest
import typer
from spreadmesh_client.cli.sources import choose_trading
from spreadmesh_client.supervisor.errors import SupervisorError
from spreadmesh_client.supervisor.packages import require_servers
from spreadmesh_client.supervisor.plan import (
    FILLS,
    PLAINTEXT,
    Plan,
    Ports,
    RealGateway,
    Replay,
    Source,
    Synthetic,
    first_symbol,
    make_plan,
)
from spreadmesh_client.supervisor.state import (
    forget_mesh,
    journal_file,
    latest_journal,
    latest_traces,
    new_run,
    running_mesh,
    write_mesh,
)

from mesh.settings import SettingsError
from scanner_server.settings import ScannerSettings

PORTS = Ports(tws=7400, market=7401, scan=7402, tws_control=7403, market_metrics=7404, scan_metrics=7405)
REPLAY = Replay(Path("/data"), "GOOG", "2015-12-24", "10:30", 10)


def plan_of(source: Source, *, trading: bool = False) -> Plan:
    return make_plan(source, PORTS, lines=50, client_id=3, trace_dir=Path("/traces"), trading=trading)


def test_everyone_is_told_where_the_others_are() -> None:
    plan = plan_of(Synthetic("SPY,AAPL", 7, 200))
    sim, ibkr, scanner = plan.children
    assert [child.module for child in plan.children] == ["tws_sim", "ibkr_server", "scanner_server"]
    assert sim.arguments == [
        *("synthetic", "--symbols", "SPY,AAPL", "--seed", "7", "--ticks-per-second", "200"),
        *("--port", "7400", "--control-port", "7403", "--lines", "50", "--state", "/simulator.json"),
        *("--orders", FILLS, "--json"),
    ]
    assert ibkr.environment["TWS_PORT"] == "7400"
    assert (ibkr.environment["PORT"], ibkr.environment["MAX_SUBSCRIPTIONS"]) == ("7401", "50")
    assert scanner.environment["IBKR_SERVER"] == "127.0.0.1:7401"
    assert (ibkr.environment["METRICS_PORT"], scanner.environment["METRICS_PORT"]) == ("7404", "7405")
    assert (plan.market_metrics, plan.scan_metrics) == ("127.0.0.1:7404", "127.0.0.1:7405")
    assert scanner.environment["VOLATILITY_FILE"] == "/volatility.sqlite3"  # a simulated market's own
    assert (
        ibkr.environment["SPREADMESH_TRACE_DIR"] == scanner.environment["SPREADMESH_TRACE_DIR"] == "/traces"
    )


def test_tls_of_other_meshes_stays_out(monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = {name: "/etc/theirs" for name in PLAINTEXT if name.endswith("_FILE")} | {"HEALTH_PORT": "7481"}
    for name, value in theirs.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError):
        ScannerSettings.load()
    for name, value in plan_of(REPLAY).children[2].environment.items():
        monkeypatch.setenv(name, value)
    settings = ScannerSettings.load()
    assert (settings.is_encrypted, settings.spreadmesh_tls_ca_file, settings.health_port) == (False, None, 0)


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


def test_simulated_money_is_traded_by_whoever_asks_into_a_journal_of_its_own() -> None:
    simulated = plan_of(Synthetic("SPY", 7, 200), trading=True).children[1].environment
    assert (simulated["TRADING"], simulated["ANONYMOUS_ROLE"]) == ("enabled", "operator")
    assert simulated["JOURNAL"] == "/orders.db"
    watched = plan_of(REPLAY).children[1].environment
    assert "TRADING" not in watched
    assert watched["JOURNAL"] == "/orders.db"  # not the one of the real account


def test_real_money_is_traded_only_where_that_was_said_and_by_those_with_a_key() -> None:
    real = RealGateway("gateway", 4001)
    assert not {"TRADING", "ANONYMOUS_ROLE", "JOURNAL"} & set(plan_of(real).children[0].environment)
    kept = make_plan(
        real, PORTS, lines=50, client_id=3, trace_dir=Path("/traces"), journal=Path("/kept/orders.db")
    )
    assert kept.children[0].environment["JOURNAL"] == kept.places()["journal"] == "/kept/orders.db"
    trading = plan_of(real, trading=True).children[0].environment
    assert trading["TRADING"] == "enabled"
    assert not {"ANONYMOUS_ROLE", "JOURNAL"} & set(trading)


def test_trading_is_on_where_money_is_simulated_and_off_where_it_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("API_KEYS_FILE", raising=False)
    monkeypatch.delenv("ANONYMOUS_ROLE", raising=False)
    real = RealGateway("gateway", 4001)
    assert [choose_trading(REPLAY, wanted) for wanted in (None, True, False)] == [True, True, False]
    assert [choose_trading(real, wanted) for wanted in (None, False)] == [False, False]
    with pytest.raises(typer.BadParameter, match="API_KEYS_FILE"):
        choose_trading(real, wanted=True)
    monkeypatch.setenv("API_KEYS_FILE", "keys")
    assert choose_trading(real, wanted=True)


def test_a_ticker_to_try() -> None:
    sources: list[Source] = [REPLAY, Synthetic(" msft,SPY", 1, 1), RealGateway("h", 1)]
    assert [first_symbol(source) for source in sources] == ["GOOG", "MSFT", "SPY"]


def test_missing_packages_are_named() -> None:
    require_servers()
    with pytest.raises(SupervisorError, match=r"no_such_package not found.*spreadmesh\[all\]"):
        require_servers(["json", "no_such_package"])


def test_each_gateway_has_a_journal_that_lasts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert journal_file(None, "h:4001") == tmp_path / "data/spreadmesh/orders-h-4001.db"
    assert journal_file(tmp_path, "h:4002") == tmp_path / "orders-h-4002.db"


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


def test_the_journal_is_that_of_the_mesh_that_runs_else_of_the_last(tmp_path: Path) -> None:
    assert latest_journal(tmp_path) is None
    runs = [new_run(tmp_path) for _ in range(3)]
    for run, journal in zip(runs, ("/kept/orders-gateway-4001.db", None, "/runs/3/orders.db"), strict=True):
        write_mesh(run, {"journal": journal})
    assert latest_journal(tmp_path) == Path("/runs/3/orders.db")
    forget_mesh(runs[2])
    assert latest_journal(tmp_path) is None  # of one that has left it to the environment
    forget_mesh(runs[1])
    assert latest_journal(tmp_path) == Path("/kept/orders-gateway-4001.db")
    forget_mesh(runs[0])
    assert latest_journal(tmp_path) == Path("/runs/3/orders.db")
