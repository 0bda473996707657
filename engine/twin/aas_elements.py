"""Elements of an Asset Administration Shell as its JSON has them (IDTA 01001-3, AAS version 3)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

Json = dict[str, Any]
ILLEGAL = re.compile("[^\x09\x0a\x0d\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Constraint AASd-130: no other characters in any text."""
NOTE = "watchroom:"
"""Before the name of each extension of ours: what the standard has no place for, word for word."""
LONGEST_NAME, LONGEST_TEXT, LONGEST_ID = 128, 1023, 2000


def plain(text: str) -> str:
    """A text without the characters that AAS files must not hold."""
    return ILLEGAL.sub("", text)


def id_short(name: str, taken: set[str], otherwise: str = "Element") -> str:
    """A name as an idShort that is not taken yet; it is added to ``taken``.

    Constraint AASd-002: letters, digits, underscore; a letter first; at most 128 characters.
    """
    flat = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    made = re.sub(r"[^A-Za-z0-9]+", "_", flat).strip("_")[: LONGEST_NAME - 8]
    if not made[:1].isalpha():
        made = f"{otherwise}_{made}".strip("_")
    number, unique = 1, made
    while unique.lower() in taken:
        number += 1
        unique = f"{made}_{number}"
    taken.add(unique.lower())
    return unique


def external(value: str) -> Json:
    """A reference to something outside: a concept of a dictionary, an asset."""
    return {"type": "ExternalReference", "keys": [{"type": "GlobalReference", "value": plain(value)}]}


def model(*keys: tuple[str, str]) -> Json:
    """A reference to an element of a shell, by type and id of each step."""
    return {"type": "ModelReference", "keys": [{"type": kind, "value": value} for kind, value in keys]}


def notes(**facts: str) -> list[Json]:
    """Extensions of ours; an empty fact is left out."""
    return [
        {"name": NOTE + name, "valueType": "xs:string", "value": plain(fact)}
        for name, fact in facts.items()
        if fact
    ]


def languages(text: str, longest: int, language: str = "en") -> list[Json]:
    """A text in one language, clipped."""
    return [{"language": language, "text": plain(text)[:longest] or "-"}]


def element(
    kind: str,
    short: str,
    *,
    semantic: str = "",
    name: str = "",
    unit: str = "",
    extensions: Iterable[Json] = (),
    **rest: Any,
) -> Json:
    """A submodel element. ``name`` = how people call it, where that differs from its idShort."""
    made: Json = {"modelType": kind, "idShort": short, **rest}
    if unit:
        made["embeddedDataSpecifications"] = _with_unit(unit, name or short)
    if semantic:
        made["semanticId"] = external(semantic)
    if name and name != short:
        made["displayName"] = languages(name, LONGEST_NAME)
    if added := list(extensions):
        made["extensions"] = added
    return made


def value_of(text: str) -> tuple[str, str]:
    """The XSD type of a value and the value: a decimal where it comes back the same, else text."""
    text = plain(text)
    try:
        number = Decimal(text) if re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,15})?", text) else None
    except InvalidOperation:
        number = None
    same = number is not None and str(number) == text
    return ("xs:decimal" if same else "xs:string"), text


def _with_unit(unit: str, name: str) -> list[Json]:
    """The data specification (IDTA 01003-a, IEC 61360) that says the unit of an element."""
    content: Json = {
        "modelType": "DataSpecificationIec61360",
        "preferredName": languages(name, 255),
        "unit": plain(unit),
    }
    specification = "https://admin-shell.io/DataSpecificationTemplates/DataSpecificationIec61360/3"
    return [{"dataSpecification": external(specification), "dataSpecificationContent": content}]


def submodel(id: str, short: str, semantic: str, elements: list[Json]) -> Json:
    """A submodel of one asset."""
    return {
        "modelType": "Submodel",
        "id": id,
        "idShort": short,
        "semanticId": external(semantic),
        "submodelElements": elements,
    }


def facts(of: Mapping[str, Any]) -> dict[str, str]:
    """The notes of ours on an element that was read, by name."""
    found: dict[str, str] = {}
    for each in listed(of, "extensions"):
        name, value = text(each, "name"), text(each, "value")
        if name.startswith(NOTE):
            found[name.removeprefix(NOTE)] = value
    return found


def text(of: Mapping[str, Any], key: str) -> str:
    """A text of something that was read; "" where it is absent or no text."""
    value = of.get(key)
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value) if isinstance(value, int | float) else ""


def listed(of: Mapping[str, Any], key: str) -> list[Json]:
    """The objects of a list that was read; none where it is absent or no list."""
    value: Any = of.get(key)
    if not isinstance(value, list):
        return []
    return [each for each in value if isinstance(each, dict)]  # pyright: ignore[reportUnknownVariableType]


def keys_of(of: Mapping[str, Any], key: str) -> list[str]:
    """The values of a reference's keys, the first one first."""
    reference: Any = of.get(key)
    if not isinstance(reference, dict):
        return []
    return [text(each, "value") for each in listed(reference, "keys")]  # pyright: ignore[reportUnknownArgumentType]


def said(of: Mapping[str, Any], key: str, wanted: str = "en") -> str:
    """A text in several languages: in the wanted one, English, or the first there is."""
    found = {text(each, "language").lower()[:2]: text(each, "text") for each in reversed(listed(of, key))}
    return found.get(wanted[:2]) or found.get("en") or next(reversed(found.values()), "")
