"""How soon a broken link is found and its data flow again, by fault and protocol.

``python -m tests.bench drivers`` calls ``run``. Times are those of the driver under its supervisor,
against a real server process behind a fault proxy: "found" until no tag is good, "back" from the
moment the cause is gone until every tag is good.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable

from engine.testing.fault_proxy import FaultProxy
from tests.faults.plants import Server, told, until
from tests.faults.sources import KINDS, Kind, Watched, through_a_proxy
from tests.running import CLOCK

SEED = 20_261_122
PATIENCE_S = 60.0
BROKEN_S = (0.0, 3.0)
"""How much longer than it takes to be found a link stays broken, drawn evenly: recovery depends on
where in a retry's wait the link comes back."""

Step = Callable[[FaultProxy, Server], Awaitable[None]]


async def _stall(proxy: FaultProxy, server: Server) -> None:
    proxy.stall(keep_ends=True)


async def _half_open(proxy: FaultProxy, server: Server) -> None:
    proxy.stall("down")


async def _resume(proxy: FaultProxy, server: Server) -> None:
    proxy.resume()


async def _reset(proxy: FaultProxy, server: Server) -> None:
    proxy.cut()


async def _nothing(proxy: FaultProxy, server: Server) -> None:
    pass


async def _refuse(proxy: FaultProxy, server: Server) -> None:
    proxy.refuse()
    proxy.cut()


async def _listen(proxy: FaultProxy, server: Server) -> None:
    await proxy.listen()


async def _freeze(proxy: FaultProxy, server: Server) -> None:
    server.freeze()


async def _thaw(proxy: FaultProxy, server: Server) -> None:
    server.thaw()


async def _kill(proxy: FaultProxy, server: Server) -> None:
    await asyncio.to_thread(server.kill)


async def _restart(proxy: FaultProxy, server: Server) -> None:
    proxy.target_port = await asyncio.to_thread(server.start)


CLASSES: dict[str, tuple[Step, Step]] = {
    "unplugged": (_stall, _resume),
    "half-open": (_half_open, _resume),
    "reset": (_reset, _nothing),
    "refused": (_refuse, _listen),
    "frozen": (_freeze, _thaw),
    "killed": (_kill, _restart),
}


def run(seconds: float) -> None:
    """Print found and back per fault and protocol, measuring for about so many seconds in all."""
    share_s = seconds / len(KINDS) / len(CLASSES)
    print(f"recovery per fault, seed {SEED}")
    logging.disable(logging.CRITICAL)  # each broken link would be told about, at length
    try:
        for protocol, kind in KINDS.items():
            asyncio.run(_protocol(protocol, kind, share_s))
    finally:
        logging.disable(logging.NOTSET)


async def _protocol(protocol: str, kind: Kind, share_s: float) -> None:
    luck = random.Random(SEED)
    async with through_a_proxy(kind) as (proxy, seen, server):
        for name, (breaks, mends) in CLASSES.items():
            found: list[float] = []
            back: list[float] = []
            began_us = CLOCK.mono_us()
            while not back or (CLOCK.mono_us() - began_us) / 1e6 < share_s:
                await breaks(proxy, server)
                found.append(await until(seen.none_good, PATIENCE_S, f"{protocol} {name} is found"))
                if name != "reset":
                    await asyncio.sleep(luck.uniform(*BROKEN_S))
                await mends(proxy, server)
                back.append(await _good_again(seen, f"{protocol} {name} is over"))
            told(f"{protocol} {name}: found after", found)
            told(f"{protocol} {name}: back after", back)


async def _good_again(seen: Watched, what: str) -> float:
    seconds = await until(seen.all_good, PATIENCE_S, what)
    seen.seen.samples = {tag: samples[-1:] for tag, samples in seen.seen.samples.items()}
    return seconds


if __name__ == "__main__":
    import sys

    run(float(sys.argv[1]) if len(sys.argv) > 1 else 60.0)
