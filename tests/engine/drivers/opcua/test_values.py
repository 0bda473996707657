"""Numbers and texts picked out of values."""

from __future__ import annotations

import json
import math
import struct
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from asyncua import ua
from hypothesis import given
from hypothesis import strategies as st

from engine.drivers.opcua.structure import DataType, Field, Layout, Misfit, Types
from engine.drivers.opcua.values import (
    LONGEST,
    content_of,
    json_text,
    kind_of,
    picked,
    reader,
    text_of,
    value_at,
)
from engine.live import Texts
from engine.types import Status

TYPES = ua.VariantType
NONE = Types()
MOTOR = ua.NodeId(1, 2)
SPEED = Types(
    {ua.NodeId(11): DataType(11), MOTOR: DataType(22, layout=Layout((Field("Speed", ua.NodeId(11), -1),)))}
)


def motor(speed: float) -> ua.ExtensionObject:
    return ua.ExtensionObject(MOTOR, struct.pack("<d", speed))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("läuft", "läuft"),
        ("", ""),
        (ua.LocalizedText("on", "en"), "on"),
        (ua.LocalizedText(None), ""),
        (b"\x01\xfe", "01fe"),
        (uuid.UUID(int=255), "00000000-0000-0000-0000-0000000000ff"),
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02T03:04:05Z"),
        (datetime(1601, 1, 1, tzinfo=UTC), ""),
        (ua.StatusCode(0x80340000), "BadNodeIdUnknown"),
        (ua.StatusCode(0x00AB0123), "0x00AB0123"),
        (ua.NodeId("x", 3), "ns=3;s=x"),
        (ua.QualifiedName("n", 4), "4:n"),
        (b"\xff\xfe".decode("utf-8", "surrogateescape"), "\ufffd\ufffd"),
    ],
)
def test_single_values_as_text(content: Any, expected: str) -> None:
    assert text_of(content) == expected
    text_of(content).encode("utf-8")


def test_a_long_text_is_cut_where_one_sees_it() -> None:
    assert value_at("x" * LONGEST, (), "text", NONE) == "x" * LONGEST
    assert value_at("x" * (LONGEST + 1), (), "text", NONE) == "x" * (LONGEST - 1) + "…"


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


def without_nan(tree: Any) -> Any:
    if isinstance(tree, float) and not math.isfinite(tree):
        return None
    if isinstance(tree, list):
        return [without_nan(one) for one in tree]
    return {k: without_nan(v) for k, v in tree.items()} if isinstance(tree, dict) else tree


@given(plain)
def test_arrays_and_structures_are_json(tree: Any) -> None:
    assert json.loads(json_text(tree, NONE)) == without_nan(tree)


def test_a_huge_array_is_looked_at_no_further_than_it_is_shown() -> None:
    class Counted(list[int]):
        seen = 0

        def __iter__(self) -> Any:
            for one in super().__iter__():
                Counted.seen += 1
                yield one

    text = json_text([Counted(range(1_000_000)), 1], NONE)
    assert len(text) == LONGEST and text.endswith("…")
    assert Counted.seen < LONGEST


def test_structures_in_variants_in_arrays_are_opened() -> None:
    content = [ua.Variant(motor(1.5), TYPES.ExtensionObject), ua.DataValue(ua.Variant(2, TYPES.Int32))]
    assert json_text(content, SPEED) == '[{"Speed": 1.5}, 2]'
    assert picked(content, (0, "Speed"), SPEED) == 1.5
    assert picked(content, (1,), SPEED) == 2


def test_a_structure_without_definition_is_no_text() -> None:
    with pytest.raises(Misfit, match="does not say"):
        json_text([ua.ExtensionObject(ua.NodeId(7, 7), b"x")], NONE)


def test_bytes_can_be_picked_one_by_one() -> None:
    assert value_at(b"\x05\x06", (1,), "number", NONE) == 6.0


@pytest.mark.parametrize(
    ("content", "path", "why"),
    [
        ([1, 2], (2,), "it has no element 2 now, only 2"),
        ([[1], [2]], (1, 1), "'1' has no element 1 now, only 1"),
        ([1, 2], ("Speed",), "it is an array: pick an element by number"),
        (motor(1.0), ("Sped",), r"it has no field 'Sped' now \(its fields: Speed\)"),
        (motor(1.0), ("Speed", 0), "'Speed' is a single value"),
        ("text", (0,), "it is a single value"),
    ],
)
def test_what_is_not_there_is_said_in_words(content: Any, path: tuple[int | str, ...], why: str) -> None:
    with pytest.raises(Misfit, match=why):
        picked(content, path, SPEED)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (True, "number"),
        (3, "number"),
        (2.5, "number"),
        ("a", "text"),
        (b"a", "text"),
        ([1], "whole"),
        (motor(1.0), "whole"),
        (ua.Range(1.0, 2.0), "whole"),
        (ua.LocalizedText("a"), "text"),
        (ua.ApplicationType.Client, "number"),
    ],
)
def test_a_value_says_what_it_is(content: Any, kind: str) -> None:
    assert kind_of(content, (), SPEED) == kind


@pytest.mark.parametrize(
    ("content", "kind"),
    [("a", "number"), (1.0, "text"), (True, "text"), ([1], "number"), (1.0, "whole"), ([1], "text")],
)
def test_another_type_than_before_is_no_value(content: Any, kind: Any) -> None:
    read = reader((), kind, Texts().code, NONE)
    number, status = read(ua.DataValue(ua.Variant(content)))
    assert math.isnan(number) and status == Status.CONFIGURATION_ERROR


def test_equal_texts_have_equal_codes_and_keep_their_status() -> None:
    texts = Texts()
    read = reader((), "text", texts.code, NONE)
    one = read(ua.DataValue(ua.Variant("on", TYPES.String), ua.StatusCode(Status.UNCERTAIN)))
    two = read(ua.DataValue(ua.Variant("off", TYPES.String)))
    three = read(ua.DataValue(ua.Variant("on", TYPES.String)))
    assert one[0] == three[0] != two[0]
    assert (one[1], two[1]) == (Status.UNCERTAIN, Status.GOOD)
    assert texts.text(one[0]) == "on"


def test_a_null_text_is_empty_and_no_value_is_waited_for() -> None:
    assert content_of(ua.DataValue(ua.Variant(None, TYPES.String))) == ""
    assert content_of(ua.DataValue(ua.Variant())) is None
    read = reader((), "text", Texts().code, NONE)
    assert read(ua.DataValue(ua.Variant()))[1] == Status.WAITING_FOR_INITIAL_DATA
    bad = ua.DataValue(ua.Variant(), ua.StatusCode(Status.DEVICE_FAILURE))
    assert read(bad)[1] == Status.DEVICE_FAILURE


def test_whatever_a_server_sends_a_reader_never_raises() -> None:
    deep: Any = 1
    for _ in range(3000):
        deep = [deep]
    read = reader((), "whole", Texts().code, NONE)
    number, status = read(ua.DataValue(ua.Variant(deep, TYPES.Int32, Dimensions=[1], is_array=True)))
    assert math.isnan(number) and status == Status.CONFIGURATION_ERROR
