"""Reading into types: the one place that asks msgspec for a type. One thread at a time learns a type.

msgspec 0.22 learns a struct at its first use, and whoever uses it meanwhile in another thread gets what is
learned so far; a field that is missing there ends the whole process (signal 11). Once learned, a type may
be read in any number of threads at once.
"""

from __future__ import annotations

import threading
from typing import Any, TypeVar, overload

import msgspec

Kind = TypeVar("Kind")
Packed = bytes | bytearray | memoryview | msgspec.Raw
_LEARNING = threading.Lock()
_PACKED: dict[Any, msgspec.msgpack.Decoder[Any]] = {}
_JSON: dict[Any, msgspec.json.Decoder[Any]] = {}


@overload
def unpack(content: Packed, kind: type[Kind]) -> Kind: ...
@overload
def unpack(content: Packed, kind: Any) -> Any: ...
def unpack(content: Packed, kind: Any) -> Any:
    """MessagePack as a value of ``kind``.

    Raises:
        msgspec.MsgspecError: it is none.
    """
    decoder = _PACKED.get(kind)
    if decoder is None:
        with _LEARNING:
            decoder = _PACKED[kind] = msgspec.msgpack.Decoder(kind)
    return decoder.decode(content)


@overload
def from_json(content: Packed | str, kind: type[Kind]) -> Kind: ...
@overload
def from_json(content: Packed | str, kind: Any) -> Any: ...
def from_json(content: Packed | str, kind: Any) -> Any:
    """JSON as a value of ``kind``.

    Raises:
        msgspec.MsgspecError: it is none.
    """
    return _json(kind).decode(content)


@overload
def convert(value: object, kind: type[Kind], *, from_attributes: bool = False) -> Kind: ...
@overload
def convert(value: object, kind: Any, *, from_attributes: bool = False) -> Any: ...
def convert(value: object, kind: Any, *, from_attributes: bool = False) -> Any:
    """Mappings, lists and numbers as a value of ``kind``; ``from_attributes`` = also from another struct.

    Raises:
        msgspec.MsgspecError: it is none.
    """
    _json(kind)
    return msgspec.convert(value, kind, from_attributes=from_attributes)


def _json(kind: Any) -> msgspec.json.Decoder[Any]:
    decoder = _JSON.get(kind)
    if decoder is None:
        with _LEARNING:
            decoder = _JSON[kind] = msgspec.json.Decoder(kind)
    return decoder
