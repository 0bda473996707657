"""Values that are no plain number: texts, arrays and structures, whole or one element or field of them."""

from __future__ import annotations

import dataclasses
import json
import math
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from asyncua import ua

from engine.drivers.opcua.address import Path, path_text
from engine.drivers.opcua.decode import Reader, worse
from engine.drivers.opcua.structure import Misfit, Types
from engine.types import Intern

Kind = Literal["number", "text", "whole"]
"""What a tag holds: a number, a text, or a whole array or structure as JSON text."""
LONGEST = 4000
"""Characters of a text tag; longer ones end in "…"."""

_NAN = float("nan")
_EMPTY_WHEN_NULL = (ua.VariantType.String, ua.VariantType.ByteString, ua.VariantType.DateTime)


def reader(path: Path, kind: Kind, intern: Intern, types: Types) -> Reader:
    """Reads one element or field (``path``, () = the whole value) of every value of a tag.

    What does not fit (missing element or field, another type than before) has no value and
    ``CONFIGURATION_ERROR``, unless the server calls it bad itself.
    """

    def read(value: ua.DataValue) -> tuple[float, int]:
        status = 0 if value.StatusCode is None else value.StatusCode.value
        try:
            content = content_of(value)
            if content is None:
                return _NAN, worse(status, missing=True)
            found = value_at(content, path, kind, types)
        except Exception:  # whatever a server puts into a value, it must never end the link
            return _NAN, worse(status, missing=False)
        return (intern(found) if isinstance(found, str) else found), status

    return read


def content_of(value: ua.DataValue) -> Any:
    """The bare value; None = there is none. A null text is an empty one, many devices send it so."""
    variant = value.Value
    if variant is None or variant.Value is not None or variant.is_array:
        return None if variant is None else variant.Value
    return "" if variant.VariantType in _EMPTY_WHEN_NULL else None


def value_at(content: Any, path: Path, kind: Kind, types: Types) -> float | str:
    """The number or text that a tag shows of a value. Raises ``Misfit``."""
    found = picked(content, path, types)
    if kind == "whole":
        if not is_whole(found):
            raise Misfit("it is a single value now, not an array or structure")
        return json_text(found, types)
    if is_whole(found):
        raise Misfit("it is an array or structure: pick one element or field with at=")
    if kind == "number":
        if not isinstance(found, bool | int | float):
            raise Misfit("it is no number now")
        return float(found)
    if found is None or isinstance(found, bool | int | float):
        raise Misfit("it is no text now")
    return cut(text_of(found))


def kind_of(content: Any, path: Path, types: Types) -> Kind:
    """What a tag shows of such a value. Raises ``Misfit``."""
    found = picked(content, path, types)
    if is_whole(found):
        return "whole"
    if found is None:
        raise Misfit("there is nothing in it yet, so its type is not known")
    return "number" if isinstance(found, bool | int | float) else "text"


def picked(content: Any, path: Path, types: Types) -> Any:
    """The element or field of a value. Raises ``Misfit`` in words when it is not there."""
    found = _opened(content, types)
    for depth, step in enumerate(path):
        where = f"'{path_text(path[:depth])}'" if depth else "it"
        if isinstance(found, Mapping):
            if str(step) not in found:
                names = ", ".join(map(str, found)) or "none"
                raise Misfit(f"{where} has no field '{step}' now (its fields: {names[:300]})")
            found = found[str(step)]
        elif isinstance(found, Sequence) and not isinstance(found, str):
            if not isinstance(step, int):
                raise Misfit(f"{where} is an array: pick an element by number, not '{step}'")
            if step >= len(found):
                raise Misfit(f"{where} has no element {step} now, only {len(found)} (counted from 0)")
            found = found[step]
        else:
            raise Misfit(f"{where} is a single value: it has no element or field '{step}'")
        found = _opened(found, types)
    return found


def is_whole(content: Any) -> bool:
    """Whether a value has elements or fields."""
    return isinstance(content, Mapping | list | tuple)


def _opened(content: Any, types: Types) -> Any:
    """Take a value out of its wrapping: structures become mappings, everything else stays."""
    if isinstance(content, ua.DataValue):
        content = content.Value
    if isinstance(content, ua.Variant):
        return _opened(content.Value, types)
    if isinstance(content, ua.ExtensionObject):
        return types.opened(content) if content.TypeId.Identifier else None
    if isinstance(content, ua.XmlElement):
        return content.Value
    if dataclasses.is_dataclass(content) and not isinstance(content, _TEXTS):
        return {f.name: getattr(content, f.name) for f in dataclasses.fields(content) if f.name != "Encoding"}
    return content


_TEXTS = (ua.LocalizedText, ua.QualifiedName, ua.NodeId, ua.StatusCode, type)


def text_of(content: Any) -> str:
    """A single value as text: hexadecimal for bytes, ISO 8601 in UTC for times (no time = empty)."""
    if isinstance(content, ua.LocalizedText):
        text = content.Text or ""
    elif isinstance(content, bytes):
        text = content.hex()
    elif isinstance(content, datetime):
        text = "" if content.year == 1601 else content.isoformat().replace("+00:00", "Z")
    elif isinstance(content, ua.StatusCode):
        known = getattr(ua.StatusCodes, content.name, None) == content.value
        text = content.name if known else f"0x{content.value:08X}"
    elif isinstance(content, ua.NodeId | ua.QualifiedName):
        text = content.to_string()
    elif isinstance(content, str | uuid.UUID):
        text = str(content)
    else:
        raise Misfit(f"its type {type(content).__name__} is not read yet")
    # asyncua keeps broken UTF-8 as lone surrogates, which nobody behind us could encode.
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def json_text(content: Any, types: Types) -> str:
    """A whole array or structure as JSON, at most ``LONGEST`` characters; NaN and infinities are null.

    Never looks further into a large value than it can show.
    """
    text = ""
    for piece in _pieces(content, types):
        text += piece
        if len(text) > LONGEST:
            break
    return cut(text)


def cut(text: str) -> str:
    """A text of at most ``LONGEST`` characters; "…" at its end shows that there is more."""
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _pieces(content: Any, types: Types) -> Iterator[str]:
    found = _opened(content, types)
    if isinstance(found, Mapping):
        for k, (name, value) in enumerate(found.items()):
            yield f"{', ' if k else '{'}{_quoted(text_of(name))}: "
            yield from _pieces(value, types)
        yield "}" if found else "{}"
    elif isinstance(found, list | tuple):
        for k, value in enumerate(found):
            yield ", " if k else "["
            yield from _pieces(value, types)
        yield "]" if found else "[]"
    elif found is None or (isinstance(found, float) and not math.isfinite(found)):
        yield "null"
    elif isinstance(found, bool | int | float):
        yield json.dumps(found)
    else:
        yield _quoted(cut(text_of(found)))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
