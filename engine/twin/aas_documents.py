"""The documents of a handover documentation: rows of documents.csv, and the files they name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import get_args

from engine.config.document_list import MOST_PAGES, READABLE
from engine.twin import aas_terms as terms
from engine.twin.aas_elements import Json, facts, listed, said, text
from engine.twin.aas_read import Shells
from engine.twin.import_rows import file_name, tidy
from engine.types import Document, DocumentKind

DEEPEST = 20
KINDS: tuple[str, ...] = get_args(DocumentKind)
OF_CLASS: dict[str, DocumentKind] = {
    **{number: kind for kind, (number, _) in reversed(terms.VDI_CLASSES.items())},
    **{"03-01": "procedure", "03-03": "procedure", "03-05": "procedure", "03-06": "procedure"},
}


class Documents:
    """Rows and files found so far. Files are told apart by their content, not by their name."""

    def __init__(self, shells: Shells) -> None:
        self.rows: list[Document] = []
        self.files: dict[str, bytes] = {}
        self._open = shells.open
        self._names: dict[str, str] = {}
        """Where each part of the package went."""
        self._left: Counter[str] = Counter()

    def notes(self) -> list[str]:
        """What was left out, in words."""
        return [f"left out: {count} {what}" for what, count in self._left.items()]

    def add(self, asset: str, elements: list[Json]) -> None:
        """Take in the documents of one submodel."""
        for each in elements:
            if text(each, "modelType") == "SubmodelElementList":
                self.add(asset, listed(each, "value"))
            elif text(each, "modelType") == "SubmodelElementCollection":
                self._document(asset, each)

    def _document(self, asset: str, of: Json) -> None:
        inside = list(_walk(of, 0))
        named = [each for each in inside if text(each, "modelType") == "File" and text(each, "value")]
        named = [each for each in named if "preview" not in text(each, "idShort").lower()]
        if not named:
            self._left["documents without a file"] += 1
            return
        noted = facts(of)
        title = noted.get("title", "") or next(
            (said(e, "value") for e in inside if text(e, "idShort") == "Title"), ""
        )
        vdi = next(
            (
                text(each, "value")
                for each in inside
                if text(each, "idShort") in ("ClassId", "DocumentClassId")
            ),
            "",
        )
        kind = noted.get("kind", "") if noted.get("kind") in KINDS else OF_CLASS.get(vdi[:5], "other")
        page = noted.get("page", "")
        at = int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1
        for each in named:
            place = self._file(text(each, "value"), noted.get("file", ""))
            if place:
                row = Document(
                    asset=asset,
                    title=tidy(title) or place.rpartition("/")[2],
                    file=place,
                    page=min(max(at, 1), MOST_PAGES),
                    kind=kind,  # pyright: ignore[reportArgumentType]
                )
                if row not in self.rows:
                    self.rows.append(row)

    def _file(self, part: str, wanted: str) -> str:
        """Where a part of the package goes, below documents/; "" where it cannot be taken."""
        if part in self._names:
            return self._names[part]
        name = file_name(wanted or part.rpartition("/")[2])
        if not name.lower().endswith(READABLE):
            self._left["files that are neither PDF nor picture"] += 1
            return ""
        content = self._open(part)
        if content is None:
            self._left["documents that lie elsewhere, not in the file"] += 1
            return ""
        stem, _, ending = name.rpartition(".")
        number, place = 1, name
        while self.files.get(place, content) != content or _differs_by_case(place, self.files):
            number += 1
            place = f"{stem} ({number}).{ending}"
        self.files[place] = content
        self._names[part] = place
        return place


def _differs_by_case(name: str, others: dict[str, bytes]) -> bool:
    """Whether another is the same on disks that know no case."""
    return name not in others and any(name.lower() == each.lower() for each in others)


def _walk(of: Json, depth: int) -> Iterator[Json]:
    if depth > DEEPEST:
        return
    for each in listed(of, "value"):
        yield each
        yield from _walk(each, depth + 1)
