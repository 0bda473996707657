"""Writes one tag, or reads it now, over the line that is open: one request, once, when it is our turn.

Loaded only where the project may write. Polls and writes share the line's turns, so one question is in
flight at a time; waiting for the turn counts against the order's own deadline. A handshake is one request
too, over registers that lie one behind the other.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from pymodbus.pdu import ModbusPDU
from pymodbus.pdu.bit_message import WriteSingleCoilRequest
from pymodbus.pdu.register_message import (
    MaskWriteRegisterRequest,
    WriteMultipleRegistersRequest,
    WriteSingleRegisterRequest,
)

from engine.drivers.driver import Context
from engine.drivers.modbus.address import Address, Table, check_frame, parse_address
from engine.drivers.modbus.decode import decode, plan_block
from engine.drivers.modbus.encode import bit_masks, encode
from engine.drivers.modbus.endpoint import DEFAULT_TIMEOUT_S, Endpoint, parse_endpoint
from engine.drivers.modbus.line import LOOK, Line, usual
from engine.drivers.modbus.replies import STATUS_OF_EXCEPTION, in_words
from engine.drivers.modbus.wire import ExceptionReply, Fits, Gone, Question, Silent
from engine.drivers.raw import Holds, Unfit, raw_number, seen_number
from engine.drivers.sealing import frame_of
from engine.drivers.writing import (
    LEAST_S,
    READ_S,
    NotSent,
    check_security,
    check_time,
    is_text,
    no_such_tag,
    no_value,
    not_connected,
    rejected,
    reset_on_close,
    unforeseen,
)
from engine.types import Reading, Sent, Status, Tag, WriteOrder

log = logging.getLogger(__name__)

MARGIN_S = 0.02
"""The line gives up so much before the order's deadline, so that its own words are heard."""
MULTIPLE_REGISTERS = 16
AT_WORK = 5
"""Exception 5: the device has taken the request and needs long for it (V1.1b3, chapter 7)."""
NO_ANSWER_BEHIND = 11
"""Exception 11: a gateway passed the request on, and the device behind it did not answer."""
_NO: dict[int, str] = {
    1: "it does not take this kind of write",
    2: "it has no such place to write to, or this one can only be read",
    3: "it does not take this value",
    4: "it failed to do it; look at the device before you try again",
    6: "it is busy; try again later",
    8: "its memory is at fault",
    10: "its gateway has no way to it",
}


@dataclass(frozen=True, slots=True)
class _Way:
    """The open line to a tag."""

    line: Line
    endpoint: Endpoint
    tag: Tag
    address: Address


@dataclass(frozen=True, slots=True)
class _Order:
    """One write request and the echo it gets; see `engine.drivers.modbus.wire.Asking`."""

    unit: int
    table: Table
    request: ModbusPDU
    fits: Fits
    answer_bytes: int


async def send(context: Context, order: WriteOrder) -> Sent:
    """Write once; see ``engine.drivers.driver.Writes``."""
    end_s = asyncio.get_running_loop().time() + order.deadline_s
    try:
        check_time(order)
        check_security(context.source, "none")
        way = _way(context, order.tag_id)
        return await _sent(way, _order(context, way, order), end_s)
    except (NotSent, Unfit) as why:
        return rejected(why)
    except Exception as error:
        return rejected(unforeseen(context.source, error))


async def read(context: Context, tag_id: int) -> Reading:
    """The value on the device now; see ``engine.drivers.driver.Writes``."""
    end_s = asyncio.get_running_loop().time() + READ_S
    try:
        way = _way(context, tag_id)
        if way.address.kind == "string":
            raise is_text(way.tag)
        return await _read(context, way, end_s)
    except NotSent as why:
        return no_value(why)
    except Exception as error:
        return no_value(unforeseen(context.source, error))


def _way(context: Context, tag_id: int) -> _Way:
    """Raises NotSent when the unit of this source does not answer on an open line."""
    source = context.source
    endpoint = parse_endpoint(source.endpoint)
    line: Line | None = context.shared.opened(endpoint.place.key)
    tags = None if line is None else line.sources.get(source.id)
    if line is None or tags is None or not _answers(line, endpoint.unit):
        raise not_connected(source)
    tag = tags.get(tag_id)
    if tag is None:
        raise no_such_tag(source, tag_id)
    return _Way(line, endpoint, tag, parse_address(tag.address))


def _answers(line: Line, unit: int) -> bool:
    """Whether this unit answered the last question it was asked."""
    return not line.broken.done() and unit in line.witnesses


def _order(context: Context, way: _Way, order: WriteOrder) -> _Order:
    """The one request for an order. Raises NotSent or Unfit for what cannot be written."""
    address, unit = way.address, way.endpoint.unit
    ways = dict[int, _Way]()

    def place(tag_id: int, value: float) -> tuple[float, Holds]:
        own = ways[tag_id] = _way(context, tag_id)
        holds = _holds(own)
        return raw_number(own.tag, value, holds), holds

    frame = frame_of(order, place)
    if len(frame) == 1:
        request = _request(address, unit, frame[0][1])
    else:
        request = _registers(unit, [(ways[tag_id], raw) for tag_id, raw in frame])
    function, body = request.function_code, request.encode()
    # The echo is the whole request, but of many registers only where they begin and how many they are.
    echo = bytes([function]) + (body[:4] if function == MULTIPLE_REGISTERS else body)
    fits = ((echo, len(echo)), (bytes([function | 0x80]), 2))
    return _Order(unit, address.table, request, fits, len(body))


def _holds(way: _Way) -> Holds:
    """Which kind of number a place holds. Raises NotSent where it cannot be written."""
    address = way.address
    if address.table in ("discrete", "input"):
        raise NotSent(f"{way.tag.path} is a {address.table}, which can only be read: nothing was sent")
    if address.kind == "string":
        raise is_text(way.tag)
    return "bool" if address.kind == "bit" else address.kind


def _registers(unit: int, frame: list[tuple[_Way, float]]) -> ModbusPDU:
    """The one request for several places. Raises NotSent where they do not lie one behind the other."""
    if why := check_frame([way.tag.address for way, _ in frame]):
        raise NotSent(f"{why}; nothing was sent")
    frame.sort(key=lambda each: each[0].address.start)
    words = [word for way, raw in frame for word in encode(way.address, raw)]
    return WriteMultipleRegistersRequest(dev_id=unit, address=frame[0][0].address.start, registers=words)


def _request(address: Address, unit: int, raw: float) -> ModbusPDU:
    if address.table == "coil":
        return WriteSingleCoilRequest(dev_id=unit, address=address.start, bits=[bool(raw)])
    if address.kind == "bit":
        and_mask, or_mask = bit_masks(address, bool(raw))
        return MaskWriteRegisterRequest(address.start, and_mask, or_mask, dev_id=unit)
    words = encode(address, raw)
    kind = WriteSingleRegisterRequest if len(words) == 1 else WriteMultipleRegistersRequest
    return kind(dev_id=unit, address=address.start, registers=words)


@asynccontextmanager
async def _turn(way: _Way, end_s: float) -> AsyncGenerator[float]:
    """The line for ourselves; gives the seconds left. Raises NotSent."""
    line, loop = way.line, asyncio.get_running_loop()
    try:
        async with asyncio.timeout_at(end_s):
            await line.turn.acquire()
    except TimeoutError:
        raise NotSent(
            f"{way.endpoint} was busy with other questions all the time: nothing was sent"
        ) from None
    try:
        if not _answers(line, way.endpoint.unit):
            raise NotSent(f"{way.endpoint} stopped answering: nothing was sent")
        if not line.wire.is_clear:
            raise NotSent(f"{line.place} takes no more bytes now, the link is stalled: nothing was sent")
        left_s = end_s - loop.time()
        if left_s < LEAST_S:
            raise NotSent(f"{way.endpoint} was busy with other questions too long: nothing was sent")
        yield left_s
    finally:
        line.turn.release()


def _hush_s(way: _Way) -> float:
    """How long a serial line stays silent when no answer came."""
    return usual(way.line.memory.unit(way.endpoint.unit)) or DEFAULT_TIMEOUT_S


async def _sent(way: _Way, order: _Order, end_s: float) -> Sent:
    """Put it on the wire when it is our turn, and wait for its echo."""
    line, wire = way.line, way.line.wire
    async with _turn(way, end_s) as left_s:
        try:
            async with asyncio.timeout_at(end_s):
                await wire.answer(order, left_s - MARGIN_S, lambda: _hush_s(way))
        except ExceptionReply as reply:
            line.answered_us = line.clock.mono_us()
            return _refused(way, reply.code)
        except BaseException as error:
            if wire.sent is not order.request:
                if isinstance(error, Silent | Gone | TimeoutError):
                    why = f"{way.endpoint} is out of step or gone, so nothing was sent"
                    raise NotSent(why) from None
                raise
            reset_on_close(wire.transport)
            if not isinstance(error, Exception):
                raise  # a cancel: it is sent, and never again
            return _unknown(way, error)
    line.answered_us = line.clock.mono_us()
    return Sent("accepted", "", 1)


def _refused(way: _Way, code: int) -> Sent:
    said = f"{way.endpoint} answers {in_words(code)}"
    if code == AT_WORK:
        return Sent("accepted", f"{said}: it has begun, what comes of it is to be seen", 1)
    if code == NO_ANSWER_BEHIND:
        return Sent("unknown", f"{said}: the device behind it may have done it, or not", 1)
    return Sent("rejected", f"{said}: {_NO.get(code, 'it did not do it')}", 1)


def _unknown(way: _Way, error: Exception) -> Sent:
    """It is sent and not answered. The line is opened anew, as after polls without an answer."""
    if isinstance(error, Gone):
        why = f"the connection to {way.line.place} broke ({error})"
    elif came := way.line.wire.what_came(way.endpoint.unit):
        why = f"{way.endpoint} answered the write, but not as it must ({came})"
    else:
        why = f"{way.endpoint} did not answer the write in time"
    if not isinstance(error, Silent | Gone | TimeoutError):
        log.error("A write to %s failed in an unforeseen way.", way.endpoint, exc_info=error)
    way.line.end(why, LOOK)
    return Sent("unknown", f"{why}: it may have done it, may do it yet, or not at all", 1)


async def _read(context: Context, way: _Way, end_s: float) -> Reading:
    address = way.address
    question = Question(way.endpoint.unit, address.table, address.start, address.width)
    async with _turn(way, end_s) as left_s:
        try:
            async with asyncio.timeout_at(end_s):
                words = await way.line.wire.ask(question, left_s - MARGIN_S, lambda: _hush_s(way))
        except ExceptionReply as reply:
            status = STATUS_OF_EXCEPTION.get(reply.code, Status.DEVICE_FAILURE)
            return no_value(f"{way.endpoint} answers {in_words(reply.code)}", status)
        except (Silent, TimeoutError):
            return no_value(f"{way.endpoint} did not answer in time")
        except Gone as gone:
            return no_value(f"the connection to {way.line.place} broke ({gone})")
    (raw,) = decode(plan_block(address.start, address.width, [address]), words, context.intern).tolist()
    value = seen_number(way.tag, raw)
    if not math.isfinite(value):
        return no_value(f"{way.tag.path} holds no number now", Status.BAD)
    return Reading(value)
