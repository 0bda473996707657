"""Documents of a plant in words, where they are read, and which one says what to do. No Qt."""

from __future__ import annotations

from engine.types import Document
from hmi.displays.display import DOCUMENT, Place
from hmi.formats import t
from hmi.model import Model, ancestors


def place_path(document: Document) -> str:
    """A document and the page it opens at, as the path of a place."""
    return f"{document.page}:{document.file}"


def place_of_document(document: Document) -> Place:
    """Where it is read, at its page."""
    return Place(DOCUMENT, place_path(document))


def words(document: Document) -> str:
    """``HYD-5012, page 44: seal change`` of the title ``HYD-5012: seal change``."""
    if document.page <= 1:
        return document.title
    name, _, what = document.title.partition(": ")
    told = t("{title}, page {page}", title=name, page=document.page)
    return f"{told}: {what}" if what else told


def procedure_of(model: Model, asset: str) -> Document | None:
    """What to do about an asset: its first procedure, else that of the nearest above it; None = none."""
    for path in dict.fromkeys((asset, *(ancestors(asset) if asset else ()))):
        for each in model.documents.get(path, ()):
            if each.kind == "procedure":
                return each
    return None
