"""What an ONNX file holds, read without running it: the reader that looks before anything is loaded.

Loading a hostile file can take all memory, crash the process or read other files, so its structure is
judged first, by plain Python over the protobuf wire format (field numbers: onnx.proto of ONNX 1.17).
Nothing here recurses: what would nest (subgraphs, sequences, functions) is refused.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

MODEL_BYTES = 64 * 1024**2
"""The largest model file. The shipped ones have 0.1 to 2 MB."""
MOST_FIELDS = 8_000_000
FLOAT, INT64, DOUBLE = 1, 7, 11
TYPES = {1: "float32", 2: "uint8", 3: "int8", 6: "int32", 7: "int64", 8: "string", 9: "bool", 11: "float64"}
ELEMENT_BYTES = {1: 4, 6: 4, 7: 8, 9: 1}
"""Types that tensors of a model may have, and their size: float32, int32, int64, bool."""
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
EXTERNAL = 1


class Malformed(Exception):
    """The bytes are no model that may be loaded; the text says why."""


@dataclass(frozen=True, slots=True)
class Value:
    """An input or output of the graph: name, element type, and sizes (None = free)."""

    name: str
    type: str
    shape: tuple[int | None, ...]


@dataclass(slots=True)
class OnnxFacts:
    """What the file says it is. ``ops`` = domain and name of every operation, "" is ONNX's own domain."""

    ir: int = 0
    opsets: dict[str, int] = field(default_factory=dict[str, int])
    ops: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    inputs: list[Value] = field(default_factory=list[Value])
    outputs: list[Value] = field(default_factory=list[Value])
    metadata: dict[str, str] = field(default_factory=dict[str, str])
    constants: set[str] = field(default_factory=set[str])
    parameters: int = 0


def read_onnx(model: bytes) -> OnnxFacts:
    """The facts of a serialised ModelProto.

    Raises:
        Malformed: it is broken, or has what no model of ours may have.
    """
    facts, graphs, left = OnnxFacts(), 0, [MOST_FIELDS]
    for number, _, value in fields(memoryview(model), left):
        if number == 1:
            facts.ir = _int(value)
        elif number == 7:
            graphs += 1
            _graph(_bytes(value), facts, left)
        elif number == 8:
            domain, version = _pair(value, left)
            facts.opsets["" if domain == "ai.onnx" else str(domain)] = int(version or 0)
        elif number == 14:
            key, text = _pair(value, left)
            if str(key) in facts.metadata:
                raise Malformed(f"its metadata has {str(key)[:80]!r} twice")
            facts.metadata[str(key)] = str(text)
        elif number in (20, 25):
            raise Malformed("it has functions or training steps of its own, which are not run here")
    if graphs != 1:
        raise Malformed("it is no ONNX model: it has no graph" if not graphs else "it has two graphs")
    return facts


def fields(data: memoryview, left: list[int]) -> Iterator[tuple[int, int, int | memoryview]]:
    """Each field of a protobuf message: number, wire type, and its number or bytes. ``left`` counts down."""
    at, end = 0, len(data)
    while at < end:
        left[0] -= 1
        if left[0] < 0:
            raise Malformed(f"it has more than {MOST_FIELDS:,} parts")
        key, at = _varint(data, at, end)
        number, wire = key >> 3, key & 7
        if wire == VARINT:
            value, at = _varint(data, at, end)
            yield number, wire, value
            continue
        if wire == BYTES:
            size, at = _varint(data, at, end)
        else:
            size = 8 if wire == FIXED64 else 4 if wire == FIXED32 else -1
        if size < 0 or number == 0 or at + size > end:
            raise Malformed("it is broken or cut short")
        yield number, wire, data[at : at + size]
        at += size


def _varint(data: memoryview, at: int, end: int) -> tuple[int, int]:
    value = shift = 0
    while at < end and shift < 70:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
    raise Malformed("it is broken or cut short")


def _int(value: int | memoryview) -> int:
    if not isinstance(value, int):
        raise Malformed("it is broken: text where a number belongs")
    return value


def _bytes(value: int | memoryview) -> memoryview:
    if isinstance(value, int):
        raise Malformed("it is broken: a number where a part belongs")
    return value


def _text(value: int | memoryview) -> str:
    try:
        return bytes(_bytes(value)).decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed("it is broken: a name is not text") from error


def _pair(value: int | memoryview, left: list[int]) -> tuple[str | int, str | int]:
    found: dict[int, str | int] = {1: "", 2: ""}
    for number, wire, part in fields(_bytes(value), left):
        found[number] = _int(part) if wire == VARINT else _text(part)
    return found[1], found[2]


def _graph(graph: memoryview, facts: OnnxFacts, left: list[int]) -> None:
    for number, _, value in fields(graph, left):
        if number == 1:
            _node(_bytes(value), facts, left)
        elif number == 5:
            facts.constants.add(_tensor(_bytes(value), facts, left))
        elif number == 11:
            facts.inputs.append(_value(_bytes(value), left))
        elif number == 12:
            facts.outputs.append(_value(_bytes(value), left))
        elif number == 15:
            raise Malformed("it has sparse weights, which are not read here")


def _node(node: memoryview, facts: OnnxFacts, left: list[int]) -> None:
    name = domain = ""
    for number, _, value in fields(node, left):
        if number == 4:
            name = _text(value)
        elif number == 7:
            domain = _text(value)
        elif number == 5:
            _attribute(_bytes(value), facts, left)
    facts.ops.add(("" if domain == "ai.onnx" else domain, name))


def _attribute(attribute: memoryview, facts: OnnxFacts, left: list[int]) -> None:
    for number, _, value in fields(attribute, left):
        if number in (5, 10):
            _tensor(_bytes(value), facts, left)
        elif number in (6, 11):
            raise Malformed("it has loops or branches (graphs inside its graph), which are not run here")
        elif number in (14, 15, 21, 22, 23):
            raise Malformed("an operation has settings of a kind that is not read here")


def _tensor(tensor: memoryview, facts: OnnxFacts, left: list[int]) -> str:
    dims, kind, name, raw, listed = list[int](), 0, "", -1, 0
    for number, wire, value in fields(tensor, left):
        if number == 1:
            dims += [_int(value)] if wire == VARINT else _packed(_bytes(value))
        elif number == 2:
            kind = _int(value)
        elif number == 8:
            name = _text(value)
        elif number == 9:
            raw = len(_bytes(value))
        elif number == 13 or (number == 14 and value == EXTERNAL):
            raise Malformed("its weights point to another file; export it as one file")
        elif number in (4, 5, 6, 7, 10, 11):
            size = 4 if number == 4 else 8
            listed += 1 if wire != BYTES else len(_bytes(value)) // size if number in (4, 10) else 0
            listed += len(_packed(_bytes(value))) if wire == BYTES and number in (5, 7, 11) else 0
    _require_plain(name, kind)
    count = math.prod(dims)
    if any(not 0 <= each < 2**31 for each in dims) or count != (
        raw // ELEMENT_BYTES[kind] if raw >= 0 else listed
    ):
        raise Malformed(f"the weights {name[:80]!r} say another size than they have")
    facts.parameters += count
    return name


def _require_plain(name: str, kind: int) -> None:
    if kind == DOUBLE:
        raise Malformed(
            f"the weights {name[:80]!r} are float64; export it as float32: that is what golden rows and "
            "speed are checked with"
        )
    if kind in (2, 3):
        raise Malformed(
            f"the weights {name[:80]!r} are 8-bit; export it as float32: 8-bit models were slower here, and "
            "their probabilities up to 0.33 off"
        )
    if kind not in ELEMENT_BYTES:
        raise Malformed(f"the weights {name[:80]!r} are of type {TYPES.get(kind, kind)}; export as float32")


def _packed(data: memoryview) -> list[int]:
    found, at = list[int](), 0
    while at < len(data):
        value, at = _varint(data, at, len(data))
        found.append(value)
    return found


def _value(value: memoryview, left: list[int]) -> Value:
    name, kind, shape = "", 0, list[int | None]()
    for number, _, part in fields(value, left):
        if number == 1:
            name = _text(part)
        elif number == 2:
            for inner, _, tensor in fields(_bytes(part), left):
                if inner != 1:
                    if inner == 6:
                        continue  # a note on what it means, no type
                    raise Malformed("an input or output is not a plain array (export with zipmap=False)")
                kind, shape = _tensor_type(_bytes(tensor), left)
    return Value(name, TYPES.get(kind, str(kind)), tuple(shape))


def _tensor_type(tensor: memoryview, left: list[int]) -> tuple[int, list[int | None]]:
    kind, shape = 0, list[int | None]()
    for number, _, value in fields(tensor, left):
        if number == 1:
            kind = _int(value)
        elif number == 2:
            for inner, _, dimension in fields(_bytes(value), left):
                if inner == 1:
                    sizes = [_int(n) for at, _, n in fields(_bytes(dimension), left) if at == 1]
                    shape.append(sizes[-1] if sizes else None)
    return kind, shape


def with_metadata(model: bytes, key: str, text: str) -> bytes:
    """The same model with ``key`` = ``text`` in its metadata, in place of what was there under that key."""
    kept, at, left = list[bytes](), 0, [MOST_FIELDS]
    whole = memoryview(model)
    for number, _, value in fields(whole, left):
        after = at
        # The span of this field: its key and length are found again, the rest is as long as the value.
        _, after = _varint(whole, after, len(whole))
        if isinstance(value, int):
            _, after = _varint(whole, after, len(whole))
        else:
            after = after if whole[at] & 7 in (FIXED32, FIXED64) else _varint(whole, after, len(whole))[1]
            after += len(value)
        is_old = number == 14 and not isinstance(value, int) and _pair(value, left)[0] == key
        if not is_old:
            kept.append(bytes(whole[at:after]))
        at = after
    parts = b"".join(as_part(n, each.encode()) for n, each in ((1, key), (2, text)))
    return b"".join(kept) + as_part(14, parts)


def as_part(number: int, content: bytes) -> bytes:
    """``content`` as field ``number`` of a protobuf message."""
    return _as_varint(number << 3 | BYTES) + _as_varint(len(content)) + content


def _as_varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])
