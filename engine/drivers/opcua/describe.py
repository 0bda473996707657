"""What a server says about its variables: existence, type, unit, range, and how their values are read.

``describe(client, limits, nodes, paths, intern)`` gives one ``Found`` per node. ``paths`` are the
``NodeAddress.at`` of the tags' addresses (() = the whole value) and ``intern`` the ``Context.intern``;
both may be left out by who only wants to look. ``Found.reader`` goes into the ``readers`` of ``decode``,
``Found.data_type`` is the key by which tags share a subscription.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from asyncua import Client, ua

from engine.drivers.opcua.address import Path
from engine.drivers.opcua.data_types import read_types
from engine.drivers.opcua.decode import Reader
from engine.drivers.opcua.reading import VALUE, Limits, content, read_all, read_properties
from engine.drivers.opcua.structure import STRUCTURE, VARIANT, DataType, Misfit, Types
from engine.drivers.opcua.values import Kind, content_of, kind_of, reader, value_at
from engine.types import Intern, TagInfo, TypeName

OTHER = "other"
"""``Found.data_type`` of everything that is not one kind of plain number."""
_NAMES: dict[int, TypeName] = {
    1: "bool", 2: "int16", 3: "uint16", 4: "int16", 5: "uint16", 6: "int32", 7: "uint32", 8: "int64",
    9: "uint64", 10: "float32", 11: "float64",
}  # fmt: skip
"""Our name of each built-in number type; the bytes of a ByteString are picked as numbers, too."""
_BYTES = int(ua.ObjectIds.ByteString)
_BYTE = int(ua.ObjectIds.Byte)
_PROPERTIES = ("EURange", "EngineeringUnits", "InstrumentRange")
_UNECE = {
    "BAR": "bar", "CEL": "°C", "KEL": "K", "FAH": "°F", "P1": "%", "AMP": "A", "VLT": "V", "KWT": "kW",
    "WTT": "W", "KWH": "kWh", "MMT": "mm", "CMT": "cm", "MTR": "m", "SEC": "s", "HUR": "h", "HTZ": "Hz",
    "RPM": "rpm", "NEW": "N", "PAL": "Pa", "KPA": "kPa", "MPA": "MPa", "LTR": "l",
    "L2": "l/min", "MQH": "m³/h", "KGM": "kg", "TNE": "t", "C16": "mm/s", "MTS": "m/s", "NU": "N·m",
}  # fmt: skip
"""Common codes of UNECE Recommendation 20, for servers that send the code without a text."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the server says of one node, or of the element or field a tag picks of it.

    ``readable`` = there is a value to have; if not, ``problem`` says in words why. ``reader`` reads it,
    None for plain numbers and booleans. ``data_type`` = tags with the same key share a subscription, so
    that the notifications of plain numbers have equal layout.
    """

    exists: bool
    readable: bool
    info: TagInfo
    problem: str = ""
    reader: Reader | None = None
    data_type: str = OTHER


@dataclass(frozen=True, slots=True)
class _Aim:
    """What a tag asks for. ``kind`` None = only the value itself can say; ``problem`` = it cannot be."""

    path: Path
    type: DataType = DataType(VARIANT)
    kind: Kind | None = None
    problem: str = ""

    @property
    def plain(self) -> bool:
        """Whether every value is one number, which needs no reader."""
        return self.kind == "number" and not self.path


async def describe(
    client: Client,
    limits: Limits,
    nodes: Sequence[ua.NodeId],
    paths: Sequence[Path] | None = None,
    intern: Intern | None = None,
) -> list[Found]:
    """Existence, type, unit and range of variables, in the order given.

    With ``intern``, values that are no plain numbers are read once to see whether they fit; without,
    there are no readers.
    """
    asked = [(n, a) for n in nodes for a in (ua.AttributeIds.DataType, ua.AttributeIds.ValueRank)]
    answers = await read_all(client, limits, asked)
    named = [content(answer) for answer in answers[::2]]
    types = await read_types(client, limits, [t for t in named if isinstance(t, ua.NodeId)])
    wanted = [()] * len(nodes) if paths is None else paths
    aims = {
        k: _aim(data_type, content(rank), path, types)
        for k, (data_type, rank, path) in enumerate(zip(named, answers[1::2], wanted, strict=True))
        if isinstance(data_type, ua.NodeId)
    }
    properties = await read_properties(client, limits, [nodes[k] for k in aims], _PROPERTIES)
    look = [k for k, aim in aims.items() if intern is not None and not aim.plain and not aim.problem]
    values = dict(zip(look, await read_all(client, limits, [(nodes[k], VALUE) for k in look]), strict=True))
    found = {
        k: _found(aim, about, types, values.get(k), intern)
        for (k, aim), about in zip(aims.items(), properties, strict=True)
    }
    return [found[k] if k in found else _missing(answer) for k, answer in enumerate(answers[::2])]


def _missing(data_type: ua.DataValue) -> Found:
    code = ua.StatusCode() if data_type.StatusCode is None else data_type.StatusCode
    return Found(False, False, TagInfo(), f"the server answers {code.name}")


def _aim(data_type: ua.NodeId, value_rank: Any, path: Path, types: Types) -> _Aim:
    """Follow a path through arrays and structures as the server defines them."""
    rank = value_rank if isinstance(value_rank, int) else -1
    known = types.by_id.get(data_type, DataType(VARIANT))
    try:
        for step in path:
            known, rank = _stepped(known, rank, step, types)
    except Misfit as misfit:
        return _Aim(path, problem=str(misfit))
    return _Aim(path, known, _kind(known, rank))


def _stepped(known: DataType, rank: int, step: int | str, types: Types) -> tuple[DataType, int]:
    """Type and ValueRank of an element or field. Raises ``Misfit``."""
    if rank >= 0 or (rank < -1 and isinstance(step, int)):
        if not isinstance(step, int):
            raise Misfit(f"it is an array: pick an element by number, not '{step}'")
        return known, rank - 1 if rank > 1 else -1 if rank == 1 else -2
    if known.layout is not None:
        fields = {field.name: field for field in known.layout.fields}
        if str(step) not in fields:
            raise Misfit(f"the structure has no field '{step}', only {', '.join(fields)[:300]}")
        field = fields[str(step)]
        return types.by_id.get(field.type, DataType(VARIANT)), field.rank if field.rank > 0 else -1
    if known.built_in == _BYTES and isinstance(step, int):
        return DataType(_BYTE), -1
    if known.built_in >= STRUCTURE:
        return DataType(VARIANT), -2
    raise Misfit(f"it is a single value: it has no element or field '{step}'")


def _kind(known: DataType, rank: int) -> Kind | None:
    if rank >= 0:
        return "whole"
    if rank < -1 or known.built_in == VARIANT:
        return None
    if known.built_in in _NAMES:
        return "number"
    return "whole" if known.built_in >= STRUCTURE else "text"


def _found(
    aim: _Aim, properties: Sequence[Any], types: Types, value: ua.DataValue | None, intern: Intern | None
) -> Found:
    """``value`` is the one the node has now, if it was read: it must fit, and may say what it is."""
    found = Found(True, not aim.problem, _info(aim, properties), aim.problem)
    if aim.problem or intern is None or aim.plain:
        return replace(found, data_type=ua.VariantType(aim.type.built_in).name) if aim.plain else found
    good = value is not None and (value.StatusCode is None or value.StatusCode.is_good())
    now = content_of(value) if value is not None and good else None
    try:
        kind = aim.kind or (None if now is None else kind_of(now, aim.path, types))
        if now is not None and kind is not None:
            value_at(now, aim.path, kind, types)
    except Misfit as misfit:
        return replace(found, readable=False, problem=str(misfit))
    except Exception as error:  # whatever a server puts into a value, only this tag suffers
        return replace(found, readable=False, problem=f"its value cannot be read ({error})")
    if kind is None:
        why = "it has no value yet, so its type is not known"
        return replace(found, readable=False, problem=why) if aim.path else found
    if kind == "number" and not aim.path:
        return found
    info = _info(replace(aim, kind=kind), properties)
    return replace(found, info=info, reader=reader(aim.path, kind, intern, types))


def _info(aim: _Aim, properties: Sequence[Any]) -> TagInfo:
    eu_range, unit, instrument = properties
    span = eu_range if isinstance(eu_range, ua.Range) else instrument
    low, high = (span.Low, span.High) if isinstance(span, ua.Range) else (None, None)
    name: TypeName = _NAMES.get(aim.type.built_in, "") if aim.kind == "number" else "string"
    states = aim.type.states if aim.kind == "number" else {}
    return TagInfo("" if aim.kind is None else name, unit_text(unit), low, high, states)


def unit_text(unit: object) -> str:
    """The symbol of an EUInformation: its display name, else its UNECE code read from UnitId.

    UnitId holds the code's characters as a big-endian number (OPC 10000-8, 5.6.4.3).
    """
    if not isinstance(unit, ua.EUInformation):
        return ""
    if unit.DisplayName is not None and unit.DisplayName.Text:
        return str(unit.DisplayName.Text)
    if unit.UnitId <= 0:
        return ""
    code = unit.UnitId.to_bytes(4, "big").strip(b"\0").decode("ascii", "replace")
    return str(_UNECE.get(code, code))
