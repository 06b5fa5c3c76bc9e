"""Which processes make a mesh, and how each is told where the others are. Pure."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

from mesh.tls.settings import ClientTlsSettings, TlsSettings

HOST: Final = "127.0.0.1"
# Limits are met at random once they concede a fifth of the way from mid to natural, at any hour.
FILLS: Final = "mid-fills=2,concession=0.2,any-hour=true"
SERVERS: Final = ("ibkr_server", "scanner_server")
# What the environment says of TLS is for other meshes: this one doesn't leave the machine.
_TLS: Final = (*TlsSettings.model_fields, *ClientTlsSettings.model_fields, "identities_file")
PLAINTEXT: Final = {name.upper(): "" for name in _TLS} | {"HEALTH_PORT": "0"}


@dataclass(frozen=True)
class Replay:
    """A recorded day in LEAN's folder layout (`data`, absolute), as `tws_sim replay` takes it."""

    data: Path
    symbol: str
    date: str
    start: str
    speed: float

    def arguments(self) -> list[str]:
        """Arguments of `python -m tws_sim`."""
        return [
            "replay", "--data", str(self.data), "--symbol", self.symbol, "--date", self.date,
            "--start", self.start, "--speed", f"{self.speed:g}",
        ]  # fmt: skip


@dataclass(frozen=True)
class Synthetic:
    """A seeded market, as `tws_sim synthetic` takes it."""

    symbols: str
    seed: int
    ticks_per_second: float

    def arguments(self) -> list[str]:
        """Arguments of `python -m tws_sim`."""
        return [
            "synthetic", "--symbols", self.symbols, "--seed", str(self.seed),
            "--ticks-per-second", f"{self.ticks_per_second:g}",
        ]  # fmt: skip


@dataclass(frozen=True)
class RealGateway:
    """TWS or IB Gateway that runs already."""

    host: str
    port: int


Source: TypeAlias = Replay | Synthetic | RealGateway


def first_symbol(source: Source) -> str:
    """A ticker to try."""
    match source:
        case Replay():
            return source.symbol
        case Synthetic():
            return source.symbols.split(",")[0].strip().upper()
        case RealGateway():
            return "SPY"


@dataclass(frozen=True)
class Ports:
    """Ports of one mesh on this machine."""

    tws: int
    market: int
    scan: int
    tws_control: int
    market_metrics: int
    scan_metrics: int


@dataclass(frozen=True)
class Child:
    """One process: `python -m module arguments`, with variables added to the environment."""

    module: str
    arguments: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """The processes of a mesh and the addresses they will have."""

    children: list[Child]
    tws: str
    tws_control: str | None
    market: str
    scan: str
    market_metrics: str
    scan_metrics: str
    journal: Path | None

    def places(self) -> dict[str, Any]:
        """Addresses and the journal of orders, as `spreadmesh up --json` prints them."""
        return {
            "tws": self.tws,
            "tws_control": self.tws_control,
            "market": self.market,
            "scan": self.scan,
            "market_metrics": self.market_metrics,
            "scan_metrics": self.scan_metrics,
            "journal": None if self.journal is None else str(self.journal),
        }


def make_plan(
    source: Source,
    ports: Ports,
    *,
    lines: int,
    client_id: int,
    trace_dir: Path,
    presets: Path | None = None,
    journal: Path | None = None,
    trading: bool = False,
) -> Plan:
    """The processes that serve `source`.

    Args:
        source: Where quotes come from.
        ports: To listen on; those of the simulator are not used with a real gateway.
        lines: Market data lines that the gateway grants and ibkr_server may use.
        client_id: Of ibkr_server at the gateway.
        trace_dir: Where the servers write their spans.
        presets: File of saved presets; None leaves it to the environment.
        journal: Of orders at a real gateway; None leaves it to the environment. A simulator's is its own.
        trading: Orders may be placed. Whoever can connect may place them with simulated money; with a real
            gateway the environment says who may.
    """
    real = source if isinstance(source, RealGateway) else RealGateway(HOST, ports.tws)
    shared = PLAINTEXT | {"HOST": HOST, "SPREADMESH_TRACE_DIR": str(trace_dir), "DRAIN_SECONDS": "0"}
    ibkr = {
        "PORT": str(ports.market),
        "METRICS_PORT": str(ports.market_metrics),
        "TWS_HOST": real.host,
        "TWS_PORT": str(real.port),
        "CLIENT_ID": str(client_id),
        "MAX_SUBSCRIPTIONS": str(lines),
    }
    scanner = {
        "PORT": str(ports.scan),
        "METRICS_PORT": str(ports.scan_metrics),
        "IBKR_SERVER": f"{HOST}:{ports.market}",
    }
    if presets is not None:
        scanner["PRESETS_FILE"] = str(presets)
    if trading:
        ibkr["TRADING"] = "enabled"
    run = trace_dir.parent
    children = []
    control = None
    if not isinstance(source, RealGateway):
        listening = [
            "--port",
            str(ports.tws),
            "--control-port",
            str(ports.tws_control),
            "--lines",
            str(lines),
            "--state",
            str(run / "simulator.json"),
            "--orders",
            FILLS,
        ]
        children.append(Child("tws_sim", [*source.arguments(), *listening, "--json"]))
        control = f"{HOST}:{ports.tws_control}"
        # No other market's, and no other account's.
        scanner["VOLATILITY_FILE"] = str(run / "volatility.sqlite3")
        journal = run / "orders.db"
        if trading:
            ibkr["ANONYMOUS_ROLE"] = "operator"
    if journal is not None:
        ibkr["JOURNAL"] = str(journal)
    children += [Child("ibkr_server", [], shared | ibkr), Child("scanner_server", [], shared | scanner)]
    return Plan(
        children,
        tws=f"{real.host}:{real.port}",
        tws_control=control,
        market=f"{HOST}:{ports.market}",
        scan=f"{HOST}:{ports.scan}",
        market_metrics=f"{HOST}:{ports.market_metrics}",
        scan_metrics=f"{HOST}:{ports.scan_metrics}",
        journal=journal,
    )
