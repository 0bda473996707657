"""Structures decoded by definition, compared with what asyncua's own encoder writes."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Any

import pytest
from asyncua import ua
from asyncua.ua.ua_binary import struct_to_binary
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.drivers.opcua.data_types import layout_of
from engine.drivers.opcua.structure import DataType, Field, Layout, Misfit, Types

DOUBLE, INT32, TEXT, BOOL = (ua.NodeId(n) for n in (11, 6, 12, 1))
BUILT_IN = {ua.NodeId(k): DataType(k) for k in range(1, 26)}
POINT_TYPE, POINT = ua.NodeId(1, 2), ua.NodeId(2, 2)
SHAPE_TYPE, SHAPE = ua.NodeId(3, 2), ua.NodeId(4, 2)
MAYBE_TYPE, MAYBE = ua.NodeId(5, 2), ua.NodeId(6, 2)
EITHER_TYPE, EITHER = ua.NodeId(7, 2), ua.NodeId(8, 2)


@dataclass
class Point:
    X: ua.Double = 0.0
    Name: ua.String = ""


@dataclass
class Shape:
    Middle: Point = field(default_factory=Point)
    Points: list[Point] = field(default_factory=list)
    Numbers: list[ua.Int32] = field(default_factory=list)
    On: ua.Boolean = False


def types() -> Types:
    layouts = {
        POINT_TYPE: Layout((Field("X", DOUBLE, -1), Field("Name", TEXT, -1))),
        SHAPE_TYPE: Layout(
            (
                Field("Middle", POINT_TYPE, -1),
                Field("Points", POINT_TYPE, 1),
                Field("Numbers", INT32, 1),
                Field("On", BOOL, -1),
            )
        ),
        MAYBE_TYPE: Layout(
            (
                Field("A", INT32, -1, optional=True),
                Field("B", INT32, -1),
                Field("C", TEXT, -1, optional=True),
            ),
            masked=True,
        ),
        EITHER_TYPE: Layout((Field("Number", INT32, -1), Field("Words", TEXT, 1)), union=True),
    }
    known = BUILT_IN | {t: DataType(22, layout=layout) for t, layout in layouts.items()}
    return Types(known, {POINT: POINT_TYPE, SHAPE: SHAPE_TYPE, MAYBE: MAYBE_TYPE, EITHER: EITHER_TYPE})


def opened(encoding: ua.NodeId, body: bytes) -> dict[str, Any]:
    return types().opened(ua.ExtensionObject(encoding, body))


def text(word: str) -> bytes:
    return struct.pack("<i", len(word)) + word.encode()


points = st.builds(Point, st.floats(allow_nan=False), st.text(max_size=5))


@settings(max_examples=60, deadline=None)
@given(
    st.builds(
        Shape,
        points,
        st.lists(points, max_size=3),
        st.lists(st.integers(-(2**31), 2**31 - 1), max_size=4),
        st.booleans(),
    )
)
def test_what_asyncua_writes_is_read_back(shape: Shape) -> None:
    def fields(point: Point) -> dict[str, Any]:
        return {"X": point.X, "Name": point.Name}

    assert opened(SHAPE, struct_to_binary(shape)) == {
        "Middle": fields(shape.Middle),
        "Points": [fields(p) for p in shape.Points],
        "Numbers": shape.Numbers,
        "On": shape.On,
    }


def test_absent_optional_fields_are_left_out() -> None:
    """OPC 10000-6, 5.2.7: a mask with one bit for each optional field, then the fields that are there."""
    assert opened(MAYBE, struct.pack("<Iii", 1, 4, 5)) == {"A": 4, "B": 5}
    assert opened(MAYBE, struct.pack("<Ii", 2, 5) + text("c")) == {"B": 5, "C": "c"}
    assert opened(MAYBE, struct.pack("<Ii", 0, 5)) == {"B": 5}


def test_of_a_union_only_the_chosen_field_is_there() -> None:
    """OPC 10000-6, 5.2.8: the number of the field from 1, 0 = none."""
    assert opened(EITHER, struct.pack("<Ii", 1, 7)) == {"Number": 7}
    assert opened(EITHER, struct.pack("<Ii", 2, 1) + text("w")) == {"Words": ["w"]}
    assert opened(EITHER, struct.pack("<I", 0)) == {}
    with pytest.raises(Misfit, match="chooses field 3 of 2"):
        opened(EITHER, struct.pack("<I", 3))


def test_a_field_of_several_dimensions_is_an_array_of_arrays() -> None:
    """OPC 10000-6, 5.2.5: the lengths of the dimensions, then all the elements."""
    grid = Types(BUILT_IN | {POINT_TYPE: DataType(22, layout=Layout((Field("Grid", INT32, 2),)))})
    body = struct.pack("<3i6i", 2, 2, 3, 1, 2, 3, 4, 5, 6)
    assert grid.opened(ua.ExtensionObject(POINT_TYPE, body)) == {"Grid": [[1, 2, 3], [4, 5, 6]]}


def test_a_field_that_may_hold_subtypes_carries_its_own_type() -> None:
    layout = Layout((Field("Any", POINT_TYPE, -1, subtypes=True), Field("N", DOUBLE, -1, subtypes=True)))
    holder = Types(BUILT_IN | {POINT_TYPE: DataType(22), SHAPE_TYPE: DataType(22, layout=layout)})
    inner = struct.pack("<BBHBi", 1, 2, 99, 1, 2) + b"ab"
    body = inner + struct.pack("<Bi", 6, 42)
    found = holder.opened(ua.ExtensionObject(SHAPE_TYPE, body))
    assert found["Any"] == ua.ExtensionObject(ua.NodeId(99, 2), b"ab")
    assert found["N"].Value == 42


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (struct_to_binary(Point(1.0, "a")) + b"\0", "1 bytes more"),
        (struct_to_binary(Point(1.0, "abc"))[:-1], "do not fit"),
        (b"", "do not fit"),
    ],
)
def test_bytes_that_do_not_fit_give_no_value(body: bytes, why: str) -> None:
    with pytest.raises(Misfit, match=why):
        opened(POINT, body)


def test_a_structure_the_server_does_not_define_is_said_so() -> None:
    with pytest.raises(Misfit, match=r"does not say how its structure ns=9;i=9 is made"):
        opened(ua.NodeId(9, 9), b"")


def test_an_endless_structure_and_an_endless_array_cost_nothing() -> None:
    endless = DataType(22, layout=Layout((Field("Self", POINT_TYPE, -1),)))
    with pytest.raises(Misfit, match="deep"):
        Types({POINT_TYPE: endless}).opened(ua.ExtensionObject(POINT_TYPE, b""))
    empty = DataType(22, layout=Layout(()))
    many = DataType(22, layout=Layout((Field("Many", POINT_TYPE, 1),)))
    hostile = Types({POINT_TYPE: empty, SHAPE_TYPE: many})
    with pytest.raises(Misfit, match="2147483647 elements in 0 bytes"):
        hostile.opened(ua.ExtensionObject(SHAPE_TYPE, struct.pack("<i", 2**31 - 1)))


def test_names_of_a_server_stay_names() -> None:
    """A field may be called anything, even like code: it is a key and nothing else."""
    name = "__import__('os').system('true')"
    definition = ua.StructureDefinition(
        DefaultEncodingId=POINT,
        StructureType=ua.StructureType.Structure,
        Fields=[ua.StructureField(Name=name, DataType=INT32, ValueRank=-1, IsOptional=False)],
    )
    named = Types(BUILT_IN | {POINT_TYPE: DataType(22, layout=layout_of(definition))}, {POINT: POINT_TYPE})
    assert named.opened(ua.ExtensionObject(POINT, struct.pack("<i", 3))) == {name: 3}
    assert not hasattr(ua, name)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (ua.StructureType.Structure, (False, False, False, False)),
        (ua.StructureType.StructureWithOptionalFields, (True, False, True, False)),
        (ua.StructureType.Union, (False, True, False, False)),
        (ua.StructureType.StructureWithSubtypedValues, (False, False, False, True)),
        (ua.StructureType.UnionWithSubtypedValues, (False, True, False, True)),
    ],
)
def test_what_optional_means_depends_on_the_kind(kind: ua.StructureType, expected: tuple[bool, ...]) -> None:
    definition = ua.StructureDefinition(
        StructureType=kind,
        Fields=[ua.StructureField(Name="A", DataType=INT32, ValueRank=-1, IsOptional=True)],
    )
    layout = layout_of(definition)
    (only,) = layout.fields
    assert (layout.masked, layout.union, only.optional, only.subtypes) == expected
