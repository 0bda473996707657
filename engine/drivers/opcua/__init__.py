"""OPC UA: reads tags from a server through a subscription and mirrors its alarms.

Importing this package is light: asyncua is loaded when a source is first opened.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from engine.drivers.driver import Context, Driver, Writes
from engine.drivers.opcua.address import check_address, check_frame, check_source, tag_type
from engine.drivers.opcua.trust import Rejected, rejected, trust
from engine.types import BrowseItem, ConditionAnswer, ConditionCall


def _load() -> None:
    import_module("engine.drivers.opcua.run")


async def _run(context: Context) -> None:
    from engine.drivers.opcua.run import run

    await run(context)


async def _browse(context: Context, node: str) -> Sequence[BrowseItem]:
    from engine.drivers.opcua.browse import browse

    return await browse(context, node)


async def _call(context: Context, asked: ConditionCall) -> ConditionAnswer:
    from engine.drivers.opcua.condition_calls import call

    return await call(context, asked)


def _load_writes() -> Writes:
    from engine.drivers.opcua.write import read, send

    return Writes(send, read)


DRIVER = Driver(
    name="opcua",
    check_source=check_source,
    check_address=check_address,
    tag_type=tag_type,
    check_frame=check_frame,
    load=_load,
    run=_run,
    browse=_browse,
    call=_call,
    load_writes=_load_writes,
    tells_time=True,
)

__all__ = ["DRIVER", "Rejected", "rejected", "trust"]
