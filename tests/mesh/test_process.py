import json
import subprocess
import sys
import textwrap

START = """
import asyncio
from mesh.logging import configure_logging
from mesh.process import run_process
configure_logging(log_format="json")
"""


def run(body: str) -> subprocess.CompletedProcess[str]:
    program = START + textwrap.dedent(body)
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=20, check=False
    )


def test_ends_quietly_when_its_work_is_done() -> None:
    done = run(
        """
        async def main():
            print(type(asyncio.get_running_loop()).__module__)
        run_process("scanner_server", main())
        """
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "uvloop\n", "")


def test_other_threads_let_the_event_loop_have_the_interpreter_soon() -> None:
    done = run(
        """
        import sys
        async def main():
            print(sys.getswitchinterval() < 0.001)
        run_process("scanner_server", main())
        """
    )
    assert done.stdout == "True\n"


def test_what_was_loaded_at_the_start_is_collected_no_more() -> None:
    done = run(
        """
        import gc
        from mesh.process import freeze_startup
        async def main():
            before = len(gc.get_objects())
            freeze_startup()
            print(before > 10_000, len(gc.get_objects()) < 100)
        run_process("scanner_server", main())
        """
    )
    assert done.stdout == "True True\n"


def test_a_port_in_use_is_one_line_however_deep_it_was_raised() -> None:
    done = run(
        """
        async def main():
            async with asyncio.TaskGroup() as outer:
                outer.create_task(bind())
        async def bind():
            async with asyncio.TaskGroup():
                raise OSError(98, "cannot listen on 127.0.0.1:1")
        run_process("ibkr_server", main())
        """
    )
    line = json.loads(done.stderr)
    assert done.returncode == 1
    assert (line["event"], line["reason"]) == ("ibkr_server cannot run", "cannot listen on 127.0.0.1:1")


def test_other_failures_are_one_line_of_the_log_with_their_traceback() -> None:
    done = run(
        """
        async def main():
            raise ValueError("broken")
        run_process("ibkr_server", main())
        """
    )
    assert done.returncode == 1
    line = json.loads(done.stderr)
    (found,) = line["exception"]
    assert (line["event"], line["level"]) == ("uncaught exception", "critical")
    assert (found["exc_type"], found["exc_value"]) == ("ValueError", "broken")
    assert found["frames"]


def test_ctrl_c_is_no_failure_of_the_program() -> None:
    done = run(
        """
        import os, signal
        async def main():
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.sleep(10)
        run_process("ibkr_server", main())
        """
    )
    assert done.returncode == 130
    assert "Traceback" not in done.stderr


def test_sigterm_ends_it_before_it_serves_and_lets_it_put_things_away() -> None:
    done = run(
        """
        import os, signal
        from mesh.sigterm import heed_sigterm
        heed_sigterm()
        async def main():
            try:
                os.kill(os.getpid(), signal.SIGTERM)
                await asyncio.sleep(10)
            finally:
                print("put away")
        run_process("scanner_server", main())
        """
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "put away\n", "")
