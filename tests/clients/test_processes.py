"""Child processes on their leash: real processes, ended in every way there is."""

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

import pytest
from spreadmesh_client.supervisor.errors import SupervisorError
from spreadmesh_client.supervisor.mesh import until_child_ends
from spreadmesh_client.supervisor.plan import Child
from spreadmesh_client.supervisor.process import ChildProcess

STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print("grandchild", grandchild.pid, flush=True)
time.sleep(60)
"""

SUPERVISOR = """
import asyncio, sys
from pathlib import Path
from spreadmesh_client.supervisor.plan import Child
from spreadmesh_client.supervisor.process import ChildProcess

async def main():
    child = await ChildProcess.start(Child("patient"), Path(sys.argv[1]))
    print(child.pid, flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "stubborn.py").write_text(STUBBORN)
    (tmp_path / "patient.py").write_text("import time; print('here', flush=True); time.sleep(60)")
    (tmp_path / "failing.py").write_text(
        "import sys; print('cannot listen on :7401', sys.argv[1:]); sys.exit(3)"
    )
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), *sys.path]))
    return tmp_path


def is_running(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def until(condition: object, seconds: float = 10) -> None:
    assert callable(condition)
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - the end of a process sets no event
            await asyncio.sleep(0.02)


async def test_a_child_ends_when_asked(modules: Path) -> None:
    child = await ChildProcess.start(Child("patient"), modules)
    await until(lambda: "here" in child.log.read_text())
    began = time.monotonic()
    await child.end(grace_seconds=10)
    assert time.monotonic() - began < 5
    assert await child.wait() == "killed by SIGTERM"
    assert repr(child) == f"<ChildProcess patient {child.pid} ended -15>"


async def test_a_child_that_does_not_listen_is_killed_with_what_it_started(modules: Path) -> None:
    child = await ChildProcess.start(Child("stubborn"), modules)
    await until(lambda: "grandchild" in child.log.read_text())
    grandchild = int(child.log.read_text().split()[1])
    assert is_running(grandchild)
    await child.end(grace_seconds=0.3)
    assert await child.wait() == "killed by SIGKILL"
    await until(lambda: not is_running(grandchild))


async def test_the_first_end_is_told_with_its_last_words(modules: Path) -> None:
    patient = await ChildProcess.start(Child("patient"), modules)
    failing = await ChildProcess.start(Child("failing", ["--loud"], {"SOME": "thing"}), modules)
    try:
        with pytest.raises(SupervisorError) as caught:
            await asyncio.wait_for(until_child_ends([patient, failing]), 10)
    finally:
        await patient.end(5)
    assert str(caught.value) == "failing has ended, exit status 3:\n  cannot listen on :7401 ['--loud']"


async def test_children_end_when_their_supervisor_is_killed(modules: Path) -> None:
    supervisor = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SUPERVISOR, str(modules), stdout=asyncio.subprocess.PIPE
    )
    assert supervisor.stdout is not None
    pid = int(await asyncio.wait_for(supervisor.stdout.readline(), 10))
    await until(lambda: "here" in (modules / "patient.log").read_text())
    assert is_running(pid)
    os.kill(supervisor.pid, signal.SIGKILL)
    await supervisor.wait()
    await until(lambda: not is_running(pid))
