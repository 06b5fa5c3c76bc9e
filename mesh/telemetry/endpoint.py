"""The port that Prometheus scrapes.

Threads of its own answer, for that takes some milliseconds: meanwhile the event loop goes on, as numbers are
only read.
"""

import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from typing import Any, Final

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from mesh.logging import get_logger

PATH: Final = "/metrics"
MOST_AT_ONCE: Final = 8
IDLE_SECONDS: Final = 5.0
"""How long a scraper may keep its thread without a word."""

log = get_logger(__name__)


class MetricsEndpoint:
    """`GET /metrics` in OpenMetrics or the text format, as the scraper accepts; all else is not found."""

    def __init__(self, host: str, port: int, registry: CollectorRegistry) -> None:
        """Listen and answer from now on.

        Raises:
            OSError: The address cannot be listened on.
        """
        self._server = _Server(host, port, registry)
        self._thread = threading.Thread(target=self._server.serve_forever, name="metrics", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    timeout = IDLE_SECONDS
    server: "_Server"

    def do_GET(self) -> None:
        if self.path.partition("?")[0] != PATH:
            self.send_error(404)
            return
        encode, content_type = choose_encoder(self.headers.get("Accept", ""))
        text = encode(self.server.registry)
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - named by http.server
        """Say nothing: a scrape every few seconds is no news."""


class _Server(ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self, host: str, port: int, registry: CollectorRegistry) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.registry = registry
        self._places = threading.BoundedSemaphore(MOST_AT_ONCE)
        try:
            super().__init__((host, port), _Handler)
        except OSError as error:
            text = f"cannot listen on {host}, port {port}, for metrics: {error.strerror}"
            raise OSError(error.errno, text) from None

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Take no more scrapers at once than there are places."""
        return self._places.acquire(blocking=False)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer, in a thread of this request."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Report what is not just a scraper that has left or fallen silent."""
        error = sys.exception()
        if not isinstance(error, OSError):
            log.error("scrape failed", exc_info=error)
