"""Running a server's main coroutine as a process."""

import asyncio
import sys
from collections.abc import Coroutine

import uvloop


def run_process(name: str, main: Coroutine[None, None, None]) -> None:
    """Run `main` on uvloop until it returns.

    An OSError, such as a port in use, ends it with one line and exit status 1; Ctrl-C with status 130.
    """
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(main)
    except* OSError as errors:
        sys.exit(f"{name}: {_first(errors)}")
    except* KeyboardInterrupt:
        sys.exit(130)


def _first(errors: BaseExceptionGroup[OSError]) -> str:
    error = errors.exceptions[0]
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error.strerror or str(error)
