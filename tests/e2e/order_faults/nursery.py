"""Real server processes without the time that importing them takes: forked from one that has imported them.

Reads a line of JSON on stdin for each process to start, and answers with its number. A child is a process of
its own in every respect: it takes its settings from its environment and can be killed and stopped.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any, NoReturn

import ibkr_server.app
import tws_sim.cli
from ibkr_server import failpoints


def main() -> None:
    """Start what is asked for until stdin ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead are buried by the kernel
    for line in sys.stdin:
        request = json.loads(line)
        number = os.fork()
        if number == 0:
            _become(request)
        print(json.dumps({"process": number}), flush=True)


def _become(request: dict[str, Any]) -> NoReturn:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    output = os.open(request["output"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(source, target)
    os.environ.update(request["environment"])
    failpoints.arm(os.environ.get(failpoints.VARIABLE))
    programs: dict[str, Callable[[], object]] = {
        "ibkr_server": ibkr_server.app.main,
        "tws_sim": tws_sim.cli.app,
    }
    sys.argv = [request["module"], *request["arguments"]]
    status = 1
    try:
        programs[request["module"]]()
        status = 0
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else 1
    finally:
        sys.stdout.flush()
        os._exit(status)


if __name__ == "__main__":
    main()
