"""The array decoder against asyncua's own, on everything either of them could meet."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from asyncua import ua
from asyncua.common.utils import Buffer
from asyncua.ua.ua_binary import struct_to_binary
from asyncua.ua.uaerrors import UaStructParsingError
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.drivers.opcua import publish
from engine.drivers.opcua.arrays import parse_response
from engine.drivers.opcua.decode import Change, Publish, decode
from engine.drivers.opcua.frame import EPOCH_US, Unexpected
from engine.types import Status

TYPES = ua.VariantType
EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
NUMBERS: dict[ua.VariantType, st.SearchStrategy[Any]] = {
    TYPES.Boolean: st.booleans(),
    TYPES.SByte: st.integers(-(2**7), 2**7 - 1),
    TYPES.Byte: st.integers(0, 2**8 - 1),
    TYPES.Int16: st.integers(-(2**15), 2**15 - 1),
    TYPES.UInt16: st.integers(0, 2**16 - 1),
    TYPES.Int32: st.integers(-(2**31), 2**31 - 1),
    TYPES.UInt32: st.integers(0, 2**32 - 1),
    TYPES.Int64: st.integers(-(2**63), 2**63 - 1),
    TYPES.UInt64: st.integers(0, 2**64 - 1),
    TYPES.Float: st.floats(width=32),
    TYPES.Double: st.floats(),
}
number_variants = st.one_of([values.map(lambda v, t=t: ua.Variant(v, t)) for t, values in NUMBERS.items()])
other_variants = st.one_of(
    st.just(ua.Variant()),
    st.text(max_size=5).map(lambda text: ua.Variant(text, TYPES.String)),
    st.lists(st.integers(0, 9), max_size=3).map(lambda v: ua.Variant(v, TYPES.Int32, is_array=True)),
    st.just(ua.Variant(EPOCH, TYPES.DateTime)),
    st.just(ua.Variant(ua.LocalizedText("on"), TYPES.LocalizedText)),
    st.just(ua.Variant(ua.Range(1.0, 2.0), TYPES.ExtensionObject)),
)
times = st.one_of(
    st.none(),
    st.integers(0, 300_000_000_000_000_000).map(lambda us: EPOCH + timedelta(microseconds=us % (10**17))),
)
statuses = st.sampled_from([0, 0x400, 0x480, 0x40000000, Status.STALE, Status.BAD, Status.SENSOR_FAILURE])


def data_values(variants: st.SearchStrategy[ua.Variant]) -> st.SearchStrategy[ua.DataValue]:
    return st.builds(
        lambda variant, status, source, server, picos: ua.DataValue(
            variant,
            None if status is None else ua.StatusCode(status),
            SourceTimestamp=source,
            ServerTimestamp=server,
            # asyncua writes SourcePicoseconds in the wrong place; see the test made of bytes below.
            ServerPicoseconds=picos,
        ),
        variants,
        st.none() | statuses,
        times,
        times,
        st.none() | st.integers(0, 9999),
    )


def change(items: Sequence[tuple[int, ua.DataValue]]) -> ua.DataChangeNotification:
    return ua.DataChangeNotification(
        MonitoredItems=[ua.MonitoredItemNotification(ClientHandle=h, Value=v) for h, v in items]
    )


def response(*notifications: Any, sequence: int = 1, more: bool = False, **fields: Any) -> ua.PublishResponse:
    made = ua.PublishResponse()
    made.Parameters.SubscriptionId = 77
    made.Parameters.MoreNotifications = more
    made.Parameters.NotificationMessage.SequenceNumber = sequence
    made.Parameters.NotificationMessage.NotificationData = list(notifications)
    for name, value in fields.items():
        setattr(made.Parameters, name, value)
    return made


handles = st.integers(0, 2**31 - 1)


def responses(variants: st.SearchStrategy[ua.Variant]) -> st.SearchStrategy[ua.PublishResponse]:
    runs = st.lists(st.tuples(handles, data_values(variants), st.integers(1, 70)), max_size=6)
    items = runs.map(lambda made: [(handle + k, value) for handle, value, n in made for k in range(n)])
    changes = items.filter(lambda made: all(h < 2**31 for h, _ in made)).map(change)
    endings = st.sampled_from([0, 0x800A0000]).map(
        lambda code: ua.StatusChangeNotification(ua.StatusCode(code))
    )
    return st.builds(
        lambda notifications, sequence, more, available, results: response(
            *notifications,
            sequence=sequence,
            more=more,
            AvailableSequenceNumbers=available,
            Results=[ua.StatusCode(r) for r in results],
        ),
        st.lists(st.one_of(changes, changes, changes, endings), max_size=3),
        st.integers(0, 2**32 - 1),
        st.booleans(),
        st.lists(st.integers(0, 2**32 - 1), max_size=4),
        st.lists(st.sampled_from([0, 0x80280000]), max_size=3),
    )


def stock(raw: bytes) -> ua.PublishResponse:
    return publish._stock(raw)  # noqa: SLF001


def assert_same(one: Publish, other: Publish) -> None:
    assert (one.sequence, one.holds_data, one.more, one.ended) == (
        other.sequence,
        other.holds_data,
        other.more,
        other.ended,
    )
    for name in ("handle", "value", "status", "source_us", "server_us"):
        ours, theirs = getattr(one.samples, name), getattr(other.samples, name)
        assert ours.dtype == theirs.dtype
        np.testing.assert_array_equal(ours, theirs, err_msg=name)


@settings(max_examples=150, deadline=None)
@given(responses(number_variants | st.just(ua.Variant())))
def test_both_decoders_agree_on_numbers_of_any_mix(made: ua.PublishResponse) -> None:
    raw = struct_to_binary(made)
    fast, slow = publish.response_of(Buffer(raw)).Parameters, stock(raw).Parameters
    assert_same(decode(fast), decode(slow))
    assert fast.SubscriptionId == slow.SubscriptionId
    assert list(fast.AvailableSequenceNumbers) == list(slow.AvailableSequenceNumbers or [])
    assert fast.Results == slow.Results
    assert fast.NotificationMessage.PublishTime == slow.NotificationMessage.PublishTime
    only_changes = all(
        isinstance(n, ua.DataChangeNotification) for n in made.Parameters.NotificationMessage.NotificationData
    )
    if only_changes and made.Parameters.NotificationMessage.NotificationData:
        assert isinstance(fast.NotificationMessage.NotificationData[0], Change), "the fast way was not taken"


@settings(max_examples=100, deadline=None)
@given(responses(number_variants | other_variants))
def test_what_is_no_number_is_left_to_asyncua(made: ua.PublishResponse) -> None:
    raw = struct_to_binary(made)
    assert_same(decode(publish.response_of(Buffer(raw)).Parameters), decode(stock(raw).Parameters))


@settings(max_examples=400, deadline=None)
@given(
    responses(number_variants | other_variants),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 7)), max_size=4),
    st.none() | st.floats(0, 1),
)
def test_a_damaged_message_never_gives_what_asyncua_would_not_give(
    made: ua.PublishResponse, flips: list[tuple[float, int]], cut: float | None
) -> None:
    raw = bytearray(struct_to_binary(made))
    for place, bit in flips:
        raw[int(place * len(raw))] ^= 1 << bit
    damaged = bytes(raw if cut is None else raw[: int(cut * len(raw))])
    try:
        parsed = parse_response(damaged)
    except Unexpected:
        return  # asyncua alone decides
    theirs = stock(damaged).Parameters
    ours = publish.response_of(Buffer(damaged)).Parameters
    expected = decode(theirs)
    if has_source_picoseconds(theirs):
        expected.samples.server_us[:] = parsed.samples.server_us
    assert_same(decode(ours), expected)
    assert parsed.frame.subscription == theirs.SubscriptionId


def has_source_picoseconds(result: ua.PublishResult) -> bool:
    changes = result.NotificationMessage.NotificationData
    return any(i.Value.SourcePicoseconds is not None for c in changes for i in c.MonitoredItems)


def item(handle: int, mask: int, body: bytes) -> bytes:
    return struct.pack("<IB", handle, mask) + body


def message(*items: bytes, left: bytes = b"") -> bytes:
    """A PublishResponse whose items are given as bytes; ``left`` stands behind them in the notification."""
    raw = struct_to_binary(response(change([])))
    at = raw.rindex(struct.pack("<BBHBi", 1, 0, 811, 1, 8)) + 9
    inner = struct.pack("<i", len(items)) + b"".join(items) + struct.pack("<i", -1) + left
    return raw[: at - 4] + struct.pack("<i", len(inner)) + inner + raw[at + 8 :]


def test_picoseconds_stand_where_the_standard_puts_them() -> None:
    """OPC 10000-6, 5.2.2.17: SourceTimestamp, SourcePicoseconds, ServerTimestamp, ServerPicoseconds."""
    source, server = 10 * (EPOCH_US + 5_000_000), 10 * (EPOCH_US + 7_000_000)
    body = struct.pack("<Bd", 11, 2.5) + struct.pack("<IqHqH", 0x400, source, 9999, server, 1234)
    raw = message(*(item(k, 0x3F, body) for k in range(3)))
    samples = parse_response(raw).samples
    assert samples.value.tolist() == [2.5] * 3
    assert samples.status.tolist() == [0x400] * 3
    assert samples.source_us.tolist() == [5_000_000] * 3
    assert samples.server_us.tolist() == [7_000_000] * 3
    assert decode(stock(raw).Parameters).samples.server_us.tolist() == [0] * 3, "wrong bytes count as no time"


@pytest.mark.parametrize(
    ("ticks", "expected_us"),
    [
        (0, -EPOCH_US),
        (-1, -EPOCH_US),
        (-(2**63), -EPOCH_US),
        (10 * EPOCH_US, 0),
        (10 * EPOCH_US + 19, 1),
        (2**63 - 1, 253_402_300_799_000_000),
        (2_650_467_743_990_000_000, 253_402_300_799_000_000),
    ],
)
def test_times_at_the_edges_are_those_of_asyncua(ticks: int, expected_us: int) -> None:
    raw = message(item(1, 0x0D, struct.pack("<Bdqq", 11, 1.0, ticks, ticks)))
    assert parse_response(raw).samples.source_us.tolist() == [expected_us]
    assert_same(decode(publish.response_of(Buffer(raw)).Parameters), decode(stock(raw).Parameters))


@pytest.mark.parametrize("number", [2**53 + 1, 2**63 - 1, -(2**63), 2**64 - 1, 2**63 + 1025])
def test_large_integers_are_rounded_as_asyncua_rounds_them(number: int) -> None:
    kind, form = (9, "<BQ") if number > 2**63 - 1 else (8, "<Bq")
    raw = message(item(1, 1, struct.pack(form, kind, number)))
    assert parse_response(raw).samples.value.tolist() == [float(number)]


@pytest.mark.parametrize("length", [1, 2, 15, 16, 17, 80, 81, 400, 3000])
def test_runs_of_any_length_end_where_the_layout_changes(length: int) -> None:
    """Items of the same size in turn: only mask and type tell them apart."""
    kinds = (
        (0x05, struct.pack("<Bdq", 11, 1.5, 10 * EPOCH_US + 10)),
        (0x05, struct.pack("<Bqq", 8, -7, 10 * EPOCH_US + 20)),
        (0x09, struct.pack("<Bqq", 8, 9, 10 * EPOCH_US + 30)),
        (0x05, struct.pack("<Bdq", 11, 2.5, 10 * EPOCH_US + 40)),
    )
    raw = message(*(item(k, mask, body) for mask, body in kinds for k in range(length)))
    samples = parse_response(raw).samples
    assert samples.handle.tolist() == list(range(length)) * 4
    assert samples.value.tolist() == [1.5] * length + [-7.0] * length + [9.0] * length + [2.5] * length
    assert samples.source_us.tolist() == [1] * length + [2] * length + [0] * length + [4] * length
    assert_same(decode(publish.response_of(Buffer(raw)).Parameters), decode(stock(raw).Parameters))


def test_no_value_is_waiting_unless_the_server_calls_it_bad() -> None:
    raw = message(
        item(1, 0, b""),
        item(2, 2, struct.pack("<I", Status.SENSOR_FAILURE)),
        item(3, 3, struct.pack("<BI", 0, Status.STALE)),
    )
    samples = parse_response(raw).samples
    assert all(math.isnan(value) for value in samples.value.tolist())
    wait = Status.WAITING_FOR_INITIAL_DATA
    assert samples.status.tolist() == [wait, Status.SENSOR_FAILURE, wait]
    assert_same(decode(publish.response_of(Buffer(raw)).Parameters), decode(stock(raw).Parameters))


@pytest.mark.parametrize(
    "raw",
    [
        struct_to_binary(response()),
        struct_to_binary(response(ua.StatusChangeNotification(ua.StatusCode(0x800A0000)))),
        struct_to_binary(ua.ServiceFault()),
        message(item(2**31, 1, struct.pack("<Bd", 11, 1.0))),
        message(item(1, 0x41, struct.pack("<Bd", 11, 1.0))),
        message(item(1, 1, struct.pack("<B", 12) + b"\xff\xff\xff\xff")),
        message(item(1, 1, struct.pack("<Bd", 11, 1.0))) + b"\0",
        message(item(1, 1, struct.pack("<Bd", 11, 1.0)), left=b"\0"),
        b"",
    ],
    ids=[
        "keep-alive",
        "ended",
        "fault",
        "strange handle",
        "strange type",
        "text",
        "bytes left",
        "bytes left in the notification",
        "nothing",
    ],
)
def test_what_is_not_the_common_case_is_refused(raw: bytes) -> None:
    with pytest.raises(Unexpected):
        parse_response(raw)


def test_a_response_header_that_says_more_is_left_to_asyncua() -> None:
    for change_header in (
        {"StringTable": ["x"]},
        {"ServiceDiagnostics": ua.DiagnosticInfo(SymbolicId=1)},
        {"AdditionalHeader": ua.ExtensionObject(ua.FourByteNodeId(999), b"abc")},
        {"ServiceResult": ua.StatusCode(0x40000000)},
    ):
        made = response(change([(1, ua.DataValue(ua.Variant(1.0, TYPES.Double)))]))
        for name, value in change_header.items():
            setattr(made.ResponseHeader, name, value)
        raw = struct_to_binary(made)
        with pytest.raises(Unexpected):
            parse_response(raw)
        assert decode(publish.response_of(Buffer(raw)).Parameters).samples.value.tolist() == [1.0]


def test_diagnostic_infos_are_left_to_asyncua() -> None:
    noted = change([(1, ua.DataValue(ua.Variant(1.0, TYPES.Double)))])
    noted.DiagnosticInfos = [ua.DiagnosticInfo(SymbolicId=3)]
    raw = struct_to_binary(response(noted))
    with pytest.raises(Unexpected):
        parse_response(raw)
    assert decode(publish.response_of(Buffer(raw)).Parameters).samples.value.tolist() == [1.0]


def test_a_message_that_nobody_can_read_is_told_to_the_publish_loop() -> None:
    raw = struct_to_binary(response(change([(1, ua.DataValue(ua.Variant(1.0, TYPES.Double)))])))
    with pytest.raises(UaStructParsingError):
        publish.response_of(Buffer(raw[:-20]))


def test_an_array_longer_than_its_message_costs_nothing() -> None:
    raw = bytearray(message(item(1, 1, struct.pack("<Bd", 11, 1.0))))
    at = bytes(raw).rindex(struct.pack("<BBHB", 1, 0, 811, 1)) + 9
    raw[at : at + 4] = struct.pack("<i", 2**31 - 1)
    with pytest.raises(Unexpected):
        parse_response(bytes(raw))
