"""The faults of a soak: those of the simulator that a link gets over by itself.

Left out are those that are meant to last (permissions, fewer lines, a lower rate, frozen data) and those of
requests that nobody makes meanwhile.
"""

import asyncio
import random
from collections.abc import Iterator

from tws_sim.control.client import ask

CLIENT = 1
Fault = tuple[str, dict[str, object]]


def drills(seconds: float) -> list[list[Fault]]:
    """Faults that are injected together; those that last do so for `seconds`."""
    lasting: list[Fault] = [
        ("black-hole", {}),
        ("refuse-connections", {}),
        ("restart", {}),
        ("data-lost", {}),
        ("data-kept", {}),
        ("server-broken", {"data": "kept"}),
        ("server-broken", {"data": "lost"}),
        ("farm-broken", {"farm": "usfarm"}),
        ("farm-broken", {"farm": "usopt"}),
        ("farm-broken", {"farm": "ushmds"}),
        ("farm-broken", {"farm": "secdefnj"}),
        ("competing-session", {"resume-after": True}),
        ("competing-session", {"resume-after": False}),
        ("delay", {"by": 0.2, "jitter": 0.1}),
        ("byte-by-byte", {"size": 16}),
        ("silence", {"request": "reqCurrentTime"}),
    ]
    at_once: list[Fault] = [
        ("fin", {"client": CLIENT}),
        ("rst", {"client": CLIENT}),
        ("port-reset", {}),
        ("rate-broken", {"client": CLIENT}),
        ("farm-inactive", {"farm": "ushmds"}),
        ("next-order-id", {"value": 1}),
    ]
    in_use: list[Fault] = [
        ("client-id-stays", {"client": CLIENT, "seconds": seconds, "linger": seconds / 2}),
        ("fin", {"client": CLIENT}),
    ]
    refused_too: list[Fault] = [("refuse-connections", {"seconds": seconds}), ("rst", {})]
    alone = [[(name, options | {"seconds": seconds})] for name, options in lasting]
    return [*alone, *([fault] for fault in at_once), in_use, refused_too]


def drawn(seed: int, seconds: float) -> Iterator[list[Fault]]:
    """Drills without end, every one once before any comes again, each lasting up to `seconds`."""
    chance = random.Random(seed)
    while True:
        order = list(range(len(drills(seconds))))
        chance.shuffle(order)
        for number in order:
            yield drills(round(chance.uniform(0.2, 1.0) * seconds, 2))[number]


async def inject(control: str, drill: list[Fault]) -> None:
    """Have the simulator do it; what strikes a client that is not there just now is left out."""
    for name, options in drill:
        answer = await asyncio.to_thread(ask, control, command="fault", name=name, options=options)
        assert "error" not in answer or answer["error"].endswith("is not connected"), answer
