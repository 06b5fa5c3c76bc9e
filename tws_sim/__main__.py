"""Entry point of ``python -m tws_sim``."""

import signal
import sys

if __name__ == "__main__":
    # Also while it starts: process 1 of a container is not ended by a signal that it doesn't handle.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    from tws_sim.cli import app

    app(prog_name="python -m tws_sim")
