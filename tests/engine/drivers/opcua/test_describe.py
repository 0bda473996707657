"""What a real server says of its variables, and what tags then read of them."""

from __future__ import annotations

import math
import struct
import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
from asyncua import Client, Server, ua
from asyncua.common.structures104 import new_enum, new_struct, new_struct_field

from engine.drivers.opcua.address import parse
from engine.drivers.opcua.decode import to_samples
from engine.drivers.opcua.describe import Found, describe
from engine.drivers.opcua.reading import Limits
from engine.live import Texts
from engine.types import Status

pytestmark = pytest.mark.asyncio(loop_scope="module")

TYPES = ua.VariantType
LIMITS = Limits(read=3, translate=2, monitor=5)
"""Small, so that every question takes several requests."""


def text(word: str) -> bytes:
    return struct.pack("<i", len(word)) + word.encode()


def axis(position: float, name: str) -> bytes:
    return struct.pack("<d", position) + text(name)


MACHINE = (
    struct.pack("<di", 12.5, 1)
    + struct.pack("<I", 2) + axis(1.5, "x") + axis(2.5, "y")
    + struct.pack("<3i", 2, 7, 8)
)  # fmt: skip


@dataclass
class Plant:
    """A server in this process and a client of it."""

    server: Server
    client: Client
    index: int
    texts: Texts

    async def add(self, name: str, value: Any, kind: ua.VariantType, **options: Any) -> Any:
        return await self.server.nodes.objects.add_variable(
            ua.NodeId(name, self.index),
            ua.QualifiedName(name, self.index),
            value if isinstance(value, ua.Variant) else ua.Variant(value, kind),
            **options,
        )

    async def found(self, *addresses: str) -> list[Found]:
        parsed = [parse(address) for address in addresses]
        nodes = [ua.NodeId(p.identifier, self.index) for p in parsed]
        return await describe(self.client, LIMITS, nodes, [p.at for p in parsed], self.texts.code)

    async def shown(self, *addresses: str) -> list[float | str]:
        """What tags with these addresses have: numbers, or the texts behind their codes."""
        found = await self.found(*addresses)
        assert not [f.problem for f in found if f.problem]
        values: list[float | str] = []
        for address, about in zip(addresses, found, strict=True):
            node = self.client.get_node(ua.NodeId(parse(address).identifier, self.index))
            value = await node.read_data_value(raise_on_bad_status=False)
            readers = {} if about.reader is None else {0: about.reader}
            samples = to_samples([0], [value], readers)
            number = float(samples.value[0])
            values.append(self.texts.text(number) if about.info.type == "string" else number)
        return values


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def started() -> AsyncIterator[tuple[Server, Client]]:
    server = Server()
    await server.init()
    server.set_endpoint("opc.tcp://127.0.0.1:0/describe")
    server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
    async with server:
        assert server.bserver is not None
        async with Client(f"opc.tcp://127.0.0.1:{server.bserver.port}/describe") as client:
            yield server, client


@pytest_asyncio.fixture(loop_scope="module")
async def plant(started: tuple[Server, Client], request: pytest.FixtureRequest) -> Plant:
    """A namespace of its own for each test."""
    server, client = started
    index = await server.register_namespace(f"urn:test:{request.node.name}")
    return Plant(server, client, index, Texts())


def problems(found: Sequence[Found]) -> list[str]:
    assert all(f.readable == (not f.problem) for f in found)
    return [f.problem for f in found]


async def test_plain_numbers_need_no_reader_and_share_a_subscription_by_type(plant: Plant) -> None:
    await plant.add("double", 1.5, TYPES.Double)
    await plant.add("int", 5, TYPES.Int16)
    await plant.add("bool", True, TYPES.Boolean)
    found = await plant.found("s=double", "s=int", "s=bool")
    assert [f.reader for f in found] == [None, None, None]
    assert [f.data_type for f in found] == ["Double", "Int16", "Boolean"]
    assert [f.info.type for f in found] == ["float64", "int16", "bool"]
    assert problems(found) == ["", "", ""]


async def test_every_kind_of_text_is_a_tag(plant: Plant) -> None:
    time = datetime(2026, 5, 4, 3, 2, 1, 500_000, tzinfo=UTC)
    await plant.add("string", "Straße", TYPES.String)
    await plant.add("null", ua.Variant(None, TYPES.String), TYPES.String)
    await plant.add("local", ua.LocalizedText("läuft", "de"), TYPES.LocalizedText)
    await plant.add("bytes", b"\x00\xff", TYPES.ByteString)
    await plant.add("time", time, TYPES.DateTime)
    await plant.add("status", ua.StatusCode(ua.StatusCodes.BadTimeout), TYPES.StatusCode)
    await plant.add("node", ua.NodeId("a", 2), TYPES.NodeId)
    await plant.add("name", ua.QualifiedName("b", 2), TYPES.QualifiedName)
    await plant.add("guid", uuid.UUID(int=1), TYPES.Guid)
    shown = await plant.shown(*(f"s={n}" for n in ("string", "null", "local", "bytes", "time")))
    assert shown == ["Straße", "", "läuft", "00ff", "2026-05-04T03:02:01.500000Z"]
    shown = await plant.shown("s=status", "s=node", "s=name", "s=guid")
    assert shown == ["BadTimeout", "ns=2;s=a", "2:b", "00000000-0000-0000-0000-000000000001"]


async def test_an_enumeration_is_its_number_and_its_words(plant: Plant) -> None:
    kind = await new_enum(plant.server, plant.index, "Mode", ["Off", "Hand", "Auto"])
    await plant.add("mode", 2, TYPES.Int32, datatype=kind.nodeid)
    (found,) = await plant.found("s=mode")
    assert found.info.type == "int32" and found.data_type == "Int32" and found.reader is None
    assert found.info.states == {0: "Off", 1: "Hand", 2: "Auto"}


@pytest.mark.parametrize("way", ["EnumStrings", "EnumValues"])
async def test_words_of_an_older_server_stand_in_properties(plant: Plant, way: str) -> None:
    kind = await plant.server.nodes.enum_data_type.add_data_type(plant.index, f"Old{way}")
    if way == "EnumStrings":
        words = ua.Variant([ua.LocalizedText("Open"), ua.LocalizedText("Shut")], TYPES.LocalizedText)
        expected = {0: "Open", 1: "Shut"}
    else:
        words = ua.Variant([ua.EnumValueType(Value=10, DisplayName=ua.LocalizedText("Ten"))])
        expected = {10: "Ten"}
    await kind.add_property(ua.NodeId(f"{way}.words", plant.index), ua.QualifiedName(way, 0), words)
    await plant.add("valve", 1, TYPES.Int32, datatype=kind.nodeid)
    (found,) = await plant.found("s=valve")
    assert found.info.states == expected


async def test_an_element_of_an_array_is_a_number_and_the_whole_is_json(plant: Plant) -> None:
    await plant.add("array", [1.5, 2.5, math.nan], TYPES.Double)
    await plant.add("matrix", ua.Variant([[1, 2, 3], [4, 5, 6]], TYPES.Int32), TYPES.Int32)
    await plant.add("words", ["a", "b"], TYPES.String)
    assert await plant.shown("at=1;s=array", "at=1,2;s=matrix", "at=1;s=words") == [2.5, 6.0, "b"]
    assert await plant.shown("s=array", "s=matrix", "at=0;s=matrix") == [
        "[1.5, 2.5, null]",
        "[[1, 2, 3], [4, 5, 6]]",
        "[1, 2, 3]",
    ]
    element, whole = await plant.found("at=1;s=array", "s=array")
    assert (element.info.type, whole.info.type) == ("float64", "string")
    assert element.data_type == whole.data_type == "other"


async def test_a_missing_element_is_said_in_words(plant: Plant) -> None:
    await plant.add("array", [1.5, 2.5], TYPES.Double)
    await plant.add("plain", 1.5, TYPES.Double)
    found = await plant.found("at=2;s=array", "at=Speed;s=array", "at=0;s=plain", "s=nowhere")
    assert problems(found) == [
        "it has no element 2 now, only 2 (counted from 0)",
        "it is an array: pick an element by number, not 'Speed'",
        "it is a single value: it has no element or field '0'",
        "the server answers BadNodeIdUnknown",
    ]


async def test_an_element_that_goes_away_later_is_bad_and_comes_back(plant: Plant) -> None:
    await plant.add("array", [1.5, 2.5], TYPES.Double)
    (found,) = await plant.found("at=1;s=array")
    reader = found.reader
    assert reader is not None

    def after(value: Any, kind: ua.VariantType, status: int = 0) -> tuple[float, int]:
        return reader(ua.DataValue(ua.Variant(value, kind), ua.StatusCode(status)))

    assert after([1.0, 7.0], TYPES.Double) == (7.0, Status.GOOD)
    for value, kind in (([1.0], TYPES.Double), (3.0, TYPES.Double), (["a", "b"], TYPES.String)):
        number, status = after(value, kind)
        assert math.isnan(number) and status == Status.CONFIGURATION_ERROR
    assert after([1.0], TYPES.Double, Status.SENSOR_FAILURE)[1] == Status.SENSOR_FAILURE
    number, status = reader(ua.DataValue())
    assert math.isnan(number) and status == Status.WAITING_FOR_INITIAL_DATA
    assert after([1.0, 8.0], TYPES.Double, Status.UNCERTAIN) == (8.0, Status.UNCERTAIN)


async def machine(plant: Plant, body: bytes = MACHINE) -> None:
    """A structure with a number, an enumeration, structures and numbers as arrays."""
    mode = await new_enum(plant.server, plant.index, "Mode", ["Off", "Auto"])
    inner, _ = await new_struct(
        plant.server,
        plant.index,
        "Axis",
        [new_struct_field("Position", TYPES.Double), new_struct_field("Name", TYPES.String)],
    )
    outer, (encoding,) = await new_struct(
        plant.server,
        plant.index,
        "Machine",
        [
            new_struct_field("Speed", TYPES.Double),
            new_struct_field("Mode", mode),
            new_struct_field("Axes", inner, array=True),
            new_struct_field("Counts", TYPES.Int32, array=True),
        ],
    )
    value = ua.Variant(ua.ExtensionObject(encoding.nodeid, body), TYPES.ExtensionObject)
    await plant.add("machine", value, TYPES.ExtensionObject, datatype=outer.nodeid)


async def test_fields_of_a_structure_are_tags(plant: Plant) -> None:
    await machine(plant)
    addresses = ["at=Speed;s=machine", "at=Mode;s=machine", "at=Axes.1.Position;s=machine"]
    assert await plant.shown(*addresses) == [12.5, 1.0, 2.5]
    assert await plant.shown("at=Axes.0.Name;s=machine", "at=Counts.1;s=machine") == ["x", 8.0]
    found = await plant.found(*addresses)
    assert [f.info.type for f in found] == ["float64", "int32", "float64"]
    assert found[1].info.states == {0: "Off", 1: "Auto"}


async def test_a_whole_structure_is_json(plant: Plant) -> None:
    await machine(plant)
    assert await plant.shown("s=machine") == [
        '{"Speed": 12.5, "Mode": 1, "Axes": [{"Position": 1.5, "Name": "x"}, '
        '{"Position": 2.5, "Name": "y"}], "Counts": [7, 8]}'
    ]


async def test_a_wrong_field_and_a_value_that_does_not_fit_are_said_in_words(plant: Plant) -> None:
    await machine(plant, MACHINE + b"\0")
    found = await plant.found("at=Sped;s=machine", "at=Axes.Name;s=machine", "at=Speed;s=machine")
    assert problems(found) == [
        "the structure has no field 'Sped', only Speed, Mode, Axes, Counts",
        "it is an array: pick an element by number, not 'Name'",
        "its value has 1 bytes more than the structure the server describes",
    ]


async def test_a_structure_the_library_knows_is_read_too(plant: Plant) -> None:
    await plant.add("range", ua.Range(1.0, 9.0), TYPES.ExtensionObject)
    assert await plant.shown("at=High;s=range", "s=range") == [9.0, '{"Low": 1.0, "High": 9.0}']


async def test_a_variable_of_any_type_is_what_its_value_is(plant: Plant) -> None:
    anything = ua.NodeId(ua.ObjectIds.BaseDataType)
    await plant.add("number", 1.5, TYPES.Double, datatype=anything)
    await plant.add("text", "hello", TYPES.String, datatype=anything)
    mixed = [ua.Variant(1.5, TYPES.Double), ua.Variant("a", TYPES.String)]
    await plant.add("list", mixed, TYPES.Variant, datatype=anything)
    assert (await plant.shown("s=number"))[0] == 1.5
    found = await plant.found("s=text", "at=1;s=list", "at=0;s=list")
    assert [f.info.type for f in found] == ["string", "string", ""]
    assert await plant.shown("s=text", "at=1;s=list", "at=0;s=list") == ["hello", "a", 1.5]


async def test_who_only_looks_gets_types_and_no_readers(plant: Plant) -> None:
    await plant.add("text", "hello", TYPES.String)
    await plant.add("array", [1.5], TYPES.Double)
    found = await describe(plant.client, LIMITS, [ua.NodeId(n, plant.index) for n in ("text", "array")])
    assert [f.info.type for f in found] == ["string", "string"]
    assert [f.reader for f in found] == [None, None]
    assert problems(found) == ["", ""]
