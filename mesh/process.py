"""Running a server's main coroutine as a process."""

import asyncio
import gc
import sys
from collections.abc import Coroutine
from typing import Final

import uvloop

from mesh.logging import get_logger

SWITCH_SECONDS: Final = 0.0002
"""How long a thread may keep the interpreter from the event loop, which answers within a millisecond."""

log = get_logger(__name__)


def run_process(name: str, main: Coroutine[None, None, None], *refusals: type[Exception]) -> None:
    """Run `main` on uvloop until it returns.

    An OSError, such as a port in use, or one of `refusals`, whose messages are for people, ends it with one
    line in the log and exit status 1; Ctrl-C with status 130.
    """
    sys.setswitchinterval(SWITCH_SECONDS)
    told: tuple[type[Exception], ...] = (OSError, *refusals)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(main)
    except* told as errors:
        log.critical(f"{name} cannot run", reason=_first(errors))
        sys.exit(1)
    except* KeyboardInterrupt:
        sys.exit(130)


def freeze_startup() -> None:
    """Exempt all that has been made so far from garbage collection; call it once all is loaded.

    A full collection looks at every object there is. With the modules of a server among them that is 20 ms or
    more in which nothing is answered.
    """
    gc.collect()
    gc.freeze()


def _first(errors: BaseExceptionGroup[Exception]) -> str:
    error = errors.exceptions[0]
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
