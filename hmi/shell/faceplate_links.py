"""What an asset has to do with others, what there is to read about it, and its nameplate. No Qt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.types import Document, NameplateEntry, Reached, Relation, RelationKind, downstream, upstream
from hmi.displays.display import Place
from hmi.document_words import place_of_document, words
from hmi.formats import t
from hmi.model import Model, ancestors, short_name, unit_of

FOLDED, MOST_NAMES, STEPS = 3, 60, 2
"""Names on a row before it is folded, at all, and how far a row follows what flows."""
MOST_DOCUMENTS = 3
_DIRECT: tuple[tuple[RelationKind, bool, str], ...] = (
    ("cools", False, "Cooled by"),
    ("cools", True, "Cools"),
    ("drives", False, "Driven by"),
    ("drives", True, "Drives"),
    ("measured by", True, "Measured by"),
    ("measured by", False, "Measures"),
    ("part of", True, "Part of"),
)
"""Kind, whether the asset is its subject, and what the row is called."""
_KINDS = {
    "manual": "Manual",
    "drawing": "Drawing",
    "procedure": "Procedure",
    "datasheet": "Data sheet",
    "certificate": "Certificate",
    "picture": "Picture",
    "other": "Document",
}


@dataclass(frozen=True, slots=True)
class Name:
    """One name that can be tapped. ``path`` = whose alarms stand beside it, "" = nobody's; ``lead`` parts it
    from the one before.
    """

    text: str
    place: Place
    path: str = ""
    lead: str = ""
    told: str = ""


@dataclass(frozen=True, slots=True)
class LinkRow:
    """``title`` and its names; from `FOLDED` on they are folded."""

    title: str
    names: tuple[Name, ...]


def link_rows(model: Model, asset: str) -> tuple[LinkRow, ...]:
    """What an asset has to do with others, then its documents; only what is known."""
    rows = [
        LinkRow(t("Feeds"), tuple(_flow(model, asset, downstream(model.graph, asset, MOST_NAMES), True))),
        LinkRow(t("Fed by"), tuple(_flow(model, asset, upstream(model.graph, asset, MOST_NAMES), False))),
    ]
    for kind, is_subject, title in _DIRECT:
        rows.append(LinkRow(t(title), tuple(_direct(model, asset, kind, is_subject))))
    return (*(each for each in rows if each.names), *document_rows(model, asset))


def document_rows(model: Model, asset: str) -> tuple[LinkRow, ...]:
    """The first documents of the asset itself, a row each."""
    rows: list[LinkRow] = []
    before = ""
    for each in model.documents.get(asset, ())[:MOST_DOCUMENTS]:
        kind = kind_words(each)
        rows.append(LinkRow("" if kind == before else kind, (_name(each),)))
        before = kind
    return tuple(rows)


def kind_words(document: Document) -> str:
    """Manual, drawing … in words."""
    return t(_KINDS[document.kind])


def _name(document: Document) -> Name:
    return Name(words(document), place_of_document(document), told=document.file)


def document_of(model: Model, file: str, page: int) -> Document | None:
    """What is said of a page of a file, else of the file; None = nothing."""
    of_file = [each for of in model.documents.values() for each in of if each.file == file]
    return next((each for each in of_file if each.page == page), of_file[0] if of_file else None)


def all_documents(model: Model, asset: str) -> tuple[tuple[str, tuple[Document, ...]], ...]:
    """Those of the asset and of each asset above it, nearest first, with its name; every page once."""
    found: list[tuple[str, tuple[Document, ...]]] = []
    seen: set[tuple[str, int]] = set()
    for path in dict.fromkeys((asset, *(ancestors(asset) if asset else ()), "")):
        fresh = [each for each in model.documents.get(path, ()) if (each.file, each.page) not in seen]
        seen.update((each.file, each.page) for each in fresh)
        if fresh:
            found.append((path.rpartition("/")[2] or model.plant.name, tuple(fresh)))
    return tuple(found)


def nameplate(model: Model, asset: str) -> tuple[NameplateEntry, ...]:
    """Maker, product, serial number …, in the order of nameplate.csv; empty ones are left out."""
    return tuple(each for each in model.nameplates.get(asset, ()) if each.value.strip())


def plate_value(entry: NameplateEntry) -> str:
    """Value and unit."""
    return f"{entry.value} {entry.unit}".strip()


def nameplate_text(asset: str, entries: Iterable[NameplateEntry]) -> str:
    """The nameplate as lines for the clipboard: the asset, then name, tabulator, value."""
    return "\n".join(
        [asset.replace("/", " \u203a "), *(f"{each.name}\t{plate_value(each)}" for each in entries)]
    )


def _flow(model: Model, asset: str, reached: Iterable[Reached], is_down: bool) -> Iterator[Name]:
    """By feeding alone, near ones first; what comes through the one before stands behind an arrow."""
    before: tuple[Relation, ...] = ()
    for each in reached:
        if each.steps > STEPS or any(step.kind != "feeds" for step in each.way):
            continue
        is_chain = is_down and bool(before) and each.way[:-1] == before
        lead = "" if not before else " \u2192 " if is_chain else ", "
        before = each.way
        medium = each.way[-1].medium
        yield _asset_name(model, asset, each.path, lead, medium)


def _direct(model: Model, asset: str, kind: RelationKind, is_subject: bool) -> Iterator[Name]:
    ends = model.graph.by_subject if is_subject else model.graph.by_object
    others = [
        (each.object if is_subject else each.subject, each.medium)
        for each in ends.get(asset, ())
        if each.kind == kind
    ]
    for at, (path, medium) in enumerate(dict(others[:MOST_NAMES]).items()):
        yield _asset_name(model, asset, path, ", " if at else "", medium)


def _asset_name(model: Model, asset: str, path: str, lead: str, medium: str) -> Name:
    told = path.replace("/", " \u203a ")
    return Name(
        near_name(model, asset, path),
        Place("", path) if path in model.assets or path in model.index else Place(),
        path,
        lead,
        t("{path} ({medium})", path=told, medium=medium) if medium else told,
    )


def near_name(model: Model, asset: str, path: str) -> str:
    """How a neighbour is called: by its name alone within one unit, else with its unit's number."""
    found, here, there = model.assets.get(path), unit_of(model, asset), unit_of(model, path)
    name = (found.title if found is not None else "") or path.rpartition("/")[2]
    if there is None or there.path == path or (here is not None and here.path == there.path):
        return name
    short, rest = short_name(there.name)
    return f"{short} {name}" if rest else name
