"""ibkr_server as a process of its own."""

from tests.processes import ServerProcess


class IbkrServerProcess(ServerProcess):
    """`python -m ibkr_server` on a gateway's port."""

    def __init__(self, tws_port: int, settings: dict[str, str] | None = None) -> None:
        own = {"TWS_PORT": str(tws_port)}
        super().__init__("ibkr_server", {"LINE_LINGER_SECONDS": "0"} | (settings or {}) | own)
