"""Our decoder of events against asyncua's: the same values of the same bytes, or it leaves them alone."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from asyncua import ua
from asyncua.common.utils import Buffer
from asyncua.ua.ua_binary import struct_from_binary, struct_to_binary
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.drivers.opcua import publish
from engine.drivers.opcua.conditions import NAMES, Reading, report_of, signal_of
from engine.drivers.opcua.event_bytes import Code, Node, Time, parse_events
from engine.drivers.opcua.events import Events, events_of
from engine.drivers.opcua.frame import Unexpected

T = ua.VariantType
READING = Reading("press", ("", "urn:a"), {}, (251, 501, 751))
NOW_US = 1_800_000_000_000_000

nodes = st.one_of(
    st.builds(ua.NodeId, st.integers(0, 2**32 - 1), st.integers(0, 300)),
    st.builds(ua.NodeId, st.text(max_size=8), st.integers(0, 300)),
    st.builds(ua.NodeId, st.uuids(), st.integers(0, 300)),
    st.builds(ua.NodeId, st.binary(max_size=8), st.integers(0, 300)),
)
times = st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))
fields = st.one_of(
    st.just(ua.Variant(None)),
    st.booleans().map(lambda v: ua.Variant(v, T.Boolean)),
    st.integers(0, 65535).map(lambda v: ua.Variant(v, T.UInt16)),
    st.integers(-(2**63), 2**63 - 1).map(lambda v: ua.Variant(v, T.Int64)),
    st.floats(allow_nan=False).map(lambda v: ua.Variant(v, T.Double)),
    st.text(max_size=12).map(lambda v: ua.Variant(v, T.String)),
    st.binary(max_size=16).map(lambda v: ua.Variant(v, T.ByteString)),
    st.uuids().map(lambda v: ua.Variant(v, T.Guid)),
    times.map(lambda v: ua.Variant(v, T.DateTime)),
    nodes.map(lambda v: ua.Variant(v, T.NodeId)),
    st.integers(0, 2**32 - 1).map(lambda v: ua.Variant(ua.StatusCode(v), T.StatusCode)),
    st.text(max_size=9).map(lambda v: ua.Variant(ua.QualifiedName(v, 3), T.QualifiedName)),
    st.builds(ua.LocalizedText, st.text(max_size=9), st.none() | st.just("en")).map(
        lambda v: ua.Variant(v, T.LocalizedText)
    ),
)


def response(*events: list[ua.Variant]) -> ua.PublishResponse:
    made: Any = ua.PublishResponse()
    made.Parameters.SubscriptionId = 7
    made.Parameters.NotificationMessage.SequenceNumber = 4
    told = ua.EventNotificationList()
    told.Events = [ua.EventFieldList(ClientHandle=k + 1, EventFields=one) for k, one in enumerate(events)]
    made.Parameters.NotificationMessage.NotificationData = [told]
    return made


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(fields, max_size=6), min_size=1, max_size=4))
def test_both_decoders_agree_on_every_field(events: list[list[ua.Variant]]) -> None:
    raw = struct_to_binary(response(*events))
    ours = publish.response_of(Buffer(raw)).Parameters
    assert isinstance(ours.NotificationMessage.NotificationData[0], Events)
    stock = struct_from_binary(ua.PublishResponse, Buffer(raw)).Parameters
    assert events_of(ours) == events_of(stock)
    assert ours.SubscriptionId == 7 and ours.NotificationMessage.SequenceNumber == 4


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.lists(fields, max_size=6), min_size=1, max_size=3),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 7)), max_size=4),
    st.none() | st.floats(0, 1),
)
def test_damaged_events_are_refused_or_read_and_never_crash(
    events: list[list[ua.Variant]], flips: list[tuple[float, int]], cut: float | None
) -> None:
    raw = bytearray(struct_to_binary(response(*events)))
    for place, bit in flips:
        raw[int(place * len(raw))] ^= 1 << bit
    try:
        parsed = parse_events(bytes(raw if cut is None else raw[: int(cut * len(raw))]))
    except Unexpected:
        return
    for _, values in parsed.events:
        signal_of(values)
        report_of(values, READING, NOW_US)


plain = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.binary(max_size=9),
    st.uuids(),
    st.builds(Time, st.integers(0, 2**62)),
    st.builds(Code, st.integers(0, 2**32 - 1)),
    st.builds(
        Node,
        st.integers(0, 3),
        st.sampled_from("isgb"),
        st.one_of(st.integers(0, 9999), st.text(max_size=4), st.binary(max_size=4), st.uuids()),
    ),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(plain, max_size=len(NAMES) + 2))
def test_whatever_the_fields_hold_gives_a_report_or_none(values: list[Any]) -> None:
    signal_of(tuple(values))
    report = report_of(tuple(values), READING, NOW_US)
    assert report is None or (1 <= report.priority <= 4 and report.path.startswith("press"))
    if report is not None:
        assert 1 <= report.severity <= 1000 and report.since_us <= NOW_US and report.time_us <= NOW_US
        assert report.path.isprintable() and 1 <= len(report.path.split("/")) <= 8


def test_arrays_in_an_event_are_left_to_asyncua() -> None:
    raw = struct_to_binary(response([ua.Variant([1, 2], T.Int32), ua.Variant(True, T.Boolean)]))
    with pytest.raises(Unexpected):
        parse_events(raw)
    events, ended = events_of(publish.response_of(Buffer(raw)).Parameters)
    assert (events, ended) == ([(1, (None, True))], 0)


def test_identifiers_of_every_kind_keep_their_kind() -> None:
    guid = uuid.UUID(int=5)
    sent = [
        ua.NodeId(1, 0),
        ua.NodeId(70_000, 300),
        ua.NodeId("s", 2),
        ua.NodeId(guid, 2),
        ua.NodeId(b"b", 2),
    ]
    raw = struct_to_binary(response([ua.Variant(node, T.NodeId) for node in sent]))
    assert parse_events(raw).events[0][1] == (
        Node(0, "i", 1),
        Node(300, "i", 70_000),
        Node(2, "s", "s"),
        Node(2, "g", guid),
        Node(2, "b", b"b"),
    )
