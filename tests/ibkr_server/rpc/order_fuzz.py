"""Mutated messages to the order services: `python -m tests.ibkr_server.rpc.order_fuzz --messages 1000000`.

Each goes through what a server does with the bytes of a call: deserializer, all interceptors, servicer, desk,
risk gate, journal on disk; a scripted gateway stands behind. Only HTTP/2 is left out, which takes much longer
and looks at no byte of a message; `--channel` sends them over one nonetheless. Time is virtual. Every
message must get an answer or a status of the contract, and no status may tell anything of the inside.
"""

import argparse
import asyncio
import re
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import grpc

from mesh.access.keys import key_line
from mesh.access.roles import Role
from mesh.logging import configure_logging
from mesh.settings import MeshSettings
from tests.ibkr_server.desk.world import OPERATOR
from tests.ibkr_server.rpc.order_mutations import Mutations
from tests.ibkr_server.rpc.order_transport import KEY, channelled, handled
from tests.ibkr_server.rpc.order_world import OrderWorld
from tests.virtual_time import run

VIRTUAL_SECONDS, REAL_SECONDS = 11.0, 0.1
"""Length of a pause."""
MOST_LIVE: Final = 3
PAUSE: Final = 50
"""Messages until the gateway has its turn, and what was halted goes on."""
ROUND: Final = 5_000
"""Messages to one server: what valid ones have placed would slow down what comes later."""
MEMORY: Final = Path("/dev/shm")
"""Where a journal's fsync costs nothing: what a crash leaves is another test."""
INSIDE: Final = re.compile(
    "|".join(
        [
            *(r"Traceback", r'File "', r"\.py\b", r"[a-z]Error\b", r"Exception\b", r"object at 0x"),
            *(KEY, re.escape(str(Path.cwd())), re.escape(tempfile.gettempdir())),
        ]
    )
)
"""What would tell of exceptions, code, keys and paths."""
ALLOWED: Final = {
    grpc.StatusCode.OK,
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.ALREADY_EXISTS,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.OUT_OF_RANGE,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.UNAVAILABLE,
}


async def fuzz(
    mutations: Mutations, count: int, over: Callable[..., Any], pause_seconds: float
) -> Counter[tuple[str, str]]:
    """Send so many messages to one server; returns how often each RPC was answered with each status.

    Raises:
        AssertionError: A status that no message may get, or one that tells too much; names the message.
    """
    found: Counter[tuple[str, str]] = Counter()
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        keys = Path(folder) / "keys"
        keys.write_text(key_line("fuzzer", Role.OPERATOR, KEY))
        unlimited = {"rate_limits": "*=unlimited", "stream_limits": "*=unlimited"}
        settings = MeshSettings(port=0, drain_seconds=0, api_keys_file=keys, **unlimited)
        world = OrderWorld(Path(folder), require_preview=False)
        async with world.services() as services, over(settings, services) as send:
            world.tell_account()
            for number in range(count):
                if number % PAUSE == 0:
                    await _pause(world, pause_seconds)
                name, data = mutations.next()
                code, told = await send(name, data)
                assert code in ALLOWED, f"{name} {data.hex()}: {code} {told}"
                assert not INSIDE.search(told), f"{name} {data.hex()}: {told}"
                found[name, code.name] += 1
    return found


async def _pause(world: OrderWorld, seconds: float) -> None:
    """Orders are acknowledged, the oldest of many is filled, and what was halted goes on."""
    await asyncio.sleep(seconds)
    desk, live = world.running, list(world.broker.live())
    if len(live) > MOST_LIVE:
        world.broker.fill(live[0].order_ref, live[0].spec.quantity)
    halt = desk.status().halt
    if halt is not None:
        await desk.resume(halt.sequence, "go on", OPERATOR)


def fuzz_all(messages: int, seed: int) -> Counter[tuple[str, str]]:
    """Send so many messages, to a new server now and then."""
    mutations, found = Mutations(seed), Counter[tuple[str, str]]()
    for sent in range(0, messages, ROUND):
        found += run(fuzz(mutations, min(ROUND, messages - sent), handled, VIRTUAL_SECONDS))
    return found


def main() -> None:
    """Fuzz, and print what was answered."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--channel", action="store_true", help="over HTTP/2, in real time")
    arguments = parser.parse_args()
    configure_logging("CRITICAL")
    print(f"seed {arguments.seed}", flush=True)
    began = time.perf_counter()
    if arguments.channel:
        found = asyncio.run(fuzz(Mutations(arguments.seed), arguments.messages, channelled, REAL_SECONDS))
    else:
        found = fuzz_all(arguments.messages, arguments.seed)
    seconds = time.perf_counter() - began
    for (name, code), count in sorted(found.items()):
        print(f"{name:18} {code:20} {count:9,}")
    rate = found.total() / time.process_time()
    print(f"{found.total():,} messages in {seconds:.0f} s; {rate:,.0f} a second of one core")


if __name__ == "__main__":
    main()
