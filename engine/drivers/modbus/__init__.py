"""Modbus TCP and RTU. Importing this package does not load the protocol library; running it does."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from engine.drivers.driver import Context, Driver, Refused, Writes
from engine.drivers.modbus.address import check_address, check_frame, tag_type
from engine.drivers.modbus.endpoint import check_source
from engine.types import BrowseItem

__all__ = ["DRIVER"]


def _load() -> None:
    import_module("engine.drivers.modbus.run")


async def _run(context: Context) -> None:
    from engine.drivers.modbus.run import run

    await run(context)


async def _browse(context: Context, node: str) -> Sequence[BrowseItem]:
    raise Refused(
        f'"{context.source.id}" is a Modbus device, which cannot list what it has',
        "write addresses such as holding:100:float32 from the device's register list into tags.csv",
    )


def _load_writes() -> Writes:
    from engine.drivers.modbus.write import read, send

    return Writes(send, read)


DRIVER = Driver(
    name="modbus",
    check_source=check_source,
    check_address=check_address,
    tag_type=tag_type,
    check_frame=check_frame,
    load=_load,
    run=_run,
    browse=_browse,
    load_writes=_load_writes,
)
