"""Runs a module so that it ends when its supervisor does, however that ends.

`python leash.py module argument …` runs the module as `python -m` would. Standard input is a pipe whose other
end only the supervisor holds: when it is closed, by the system at the latest, the process gets SIGTERM, and
somewhat later an end.
"""

import os
import runpy
import signal
import sys
import threading
import time

GRACE_SECONDS = 10.0


def _end_with_supervisor() -> None:
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=_end_with_supervisor, name="leash", daemon=True).start()
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
