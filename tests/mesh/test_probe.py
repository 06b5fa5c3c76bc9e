"""`python -m mesh.probe`: what a container's health check runs."""

import asyncio
import sys

from mesh.health import Health
from mesh.server import serving
from mesh.settings import MeshSettings


async def probe(*arguments: str) -> tuple[int | None, str]:
    """Exit status, and what it says."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "mesh.probe", *arguments, stderr=asyncio.subprocess.PIPE
    )
    _, said = await asyncio.wait_for(process.communicate(), 20)
    return process.returncode, said.decode().strip()


async def test_it_tells_the_process_from_its_services() -> None:
    health = Health()
    await health.set("a.Service", serving=False)
    async with serving(MeshSettings(drain_seconds=0), [], health=health) as server:
        assert await probe(server.address) == (0, "")
        assert await probe(server.address, "a.Service") == (1, "a.Service: NOT_SERVING")
        await health.set("a.Service", serving=True)
        assert await probe(server.address, "a.Service") == (0, "")
        assert await probe(server.address, "b.Service") == (1, "b.Service: NOT_FOUND:")
    status, said = await probe(server.address)
    assert (status, said.partition(": ")[2][:11]) == (1, "UNAVAILABLE")
