"""A real grpcurl by mutual TLS, as docs/tls.md shows it."""

import asyncio
from pathlib import Path

import pytest

pytestmark = pytest.mark.tools

GRPCURL = Path(__file__).parents[3] / ".tools/bin/grpcurl"


async def grpcurl(*arguments: str) -> tuple[int | None, str]:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(str(GRPCURL), *arguments, stdout=pipe, stderr=pipe)
    printed, problems = await asyncio.wait_for(process.communicate(), 30)
    return process.returncode, (printed + problems).decode()


async def test_the_line_of_the_documentation_lists_the_services(server, client_files):
    own = ["-cert", str(client_files.certificate), "-key", str(client_files.key)]
    status, printed = await grpcurl("-cacert", str(client_files.authorities), *own, server.address, "list")
    assert status == 0, printed
    assert "grpc.health.v1.Health" in printed.split()


async def test_without_a_certificate_it_is_refused(server, client_files):
    status, printed = await grpcurl(
        "-max-time", "5", "-cacert", str(client_files.authorities), server.address, "list"
    )
    assert status != 0
    assert "grpc.health" not in printed
