"""What the properties of a submodel say, each as an entry of a nameplate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from engine.twin.aas_elements import Json, facts, keys_of, listed, said, text
from engine.twin.import_rows import tidy
from engine.types import NameplateEntry

Group = Literal["nameplate", "technical", "maintenance"]
DEEPEST = 20
INSIDE = {"SubmodelElementCollection": "value", "SubmodelElementList": "value", "Entity": "statements"}
DROPPED = ("TechnicalProperties", "TechnicalPropertyAreas")
"""Collections of IDTA 02003 that only hold what is meant; their names say nothing."""


def entries(
    kind: str, elements: list[Json], concepts: Mapping[str, Json], left: Counter[str]
) -> Iterator[tuple[Group, NameplateEntry]]:
    """The entries of a submodel, without the asset, with the group each belongs to.

    Collections inside become names with a slash: ``ContactInformation/Phone``. ``left`` counts what
    cannot be one line of text, by what it is.
    """
    group: Group = (
        "technical" if kind == "technical" else "maintenance" if kind == "maintenance" else "nameplate"
    )
    for names, each in _leaves(elements, (), 0):
        general = kind == "technical" and names[0] == "GeneralInformation"
        names = names[1:] if names[0] in (*DROPPED, "GeneralInformation") and len(names) > 1 else names
        value = _value(each)
        if value is None:
            left[f"elements of kind {tidy(text(each, 'modelType'), 40) or 'unknown'}"] += 1
            continue
        noted = facts(each)
        name = tidy(noted.get("name", "") or "/".join(names))
        semantic = "" if "semantic" in noted else next(reversed(keys_of(each, "semanticId")), "")
        unit = _unit(each) or _unit(concepts.get(next(reversed(keys_of(each, "semanticId")), ""), {}))
        entry = NameplateEntry(
            asset="",
            name=name,
            value=tidy(noted.get("value", "") or value),
            unit=tidy(unit),
            semantic=tidy(semantic),
        )
        yield ("nameplate" if general else group), entry


def _leaves(
    elements: list[Json], above: tuple[str, ...], depth: int
) -> Iterator[tuple[tuple[str, ...], Json]]:
    if depth > DEEPEST:
        return
    for number, each in enumerate(elements, 1):
        names = (*above, text(each, "idShort") or str(number))
        inside = INSIDE.get(text(each, "modelType"))
        if inside is None:
            yield names, each
        else:
            yield from _leaves(listed(each, inside), names, depth + 1)


def _value(of: Json) -> str | None:
    """The value as one text; None for what has none: files, operations, events."""
    kind = text(of, "modelType")
    if kind == "Property":
        return text(of, "value")
    if kind == "MultiLanguageProperty":
        return said(of, "value")
    if kind == "Range":
        return " to ".join(each for each in (text(of, "min"), text(of, "max")) if each)
    if kind == "ReferenceElement":
        return next(reversed(keys_of(of, "value")), "")
    return None


def _unit(of: Json) -> str:
    for each in listed(of, "embeddedDataSpecifications"):
        content: Any = each.get("dataSpecificationContent")
        if isinstance(content, dict) and (unit := text(content, "unit")):  # pyright: ignore[reportUnknownArgumentType]
            return unit
    return ""
