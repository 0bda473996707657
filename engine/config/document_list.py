"""documents.csv to one ``Document`` a row, and what the name of its file must be, with lines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import cast, get_args

from engine.config.cells import attempt, path_of, required, text_of, word
from engine.config.findings import Findings, listed, shown
from engine.config.names import Names, why_not
from engine.config.table import Row, read_table
from engine.types import Document, DocumentKind, Severity

REQUIRED = ("asset", "title", "file")
COLUMNS = (*REQUIRED, "page", "kind")
KINDS: tuple[str, ...] = get_args(DocumentKind)
READABLE = (".pdf", ".png", ".jpg", ".jpeg")
FOLDER = "documents"
LONGEST_TITLE = 120
MOST_PAGES = 100_000


def read_documents(text: str, folder: Path, names: Names, findings: Findings) -> list[Document]:
    """The documents of a documents.csv, in file order; those of unknown assets are left out.

    ``folder`` = the project's, whose ``documents`` holds the files.
    """
    found: list[Document] = []
    for row in read_table(text, COLUMNS, REQUIRED, findings) or []:
        document = _document(row, findings)
        for severity, message in wrong_file(document.file, folder, FOLDER, READABLE):
            findings.error(row.line, message) if severity == "error" else findings.warning(row.line, message)
        if not document.asset:
            continue
        if names.tags and not names.is_asset(document.asset):
            why = why_not(document.asset, names, findings)
            findings.warning(
                row.line, f"asset {shown(document.asset)} is no asset, so this row is ignored: {why}"
            )
            continue
        found.append(document)
    return found


def _document(row: Row, findings: Findings) -> Document:
    required(row, "title", "what people read, as in Seal change", findings)
    return Document(
        asset=path_of(row, "asset", "the path of the asset that it is about", findings),
        title=text_of(row, "title", LONGEST_TITLE, findings),
        file=required(row, "file", f"the name of a file in {FOLDER}/", findings),
        page=_page(row, findings),
        kind=cast(DocumentKind, word(row, "kind", KINDS, "manual", findings)),
    )


def _page(row: Row, findings: Findings) -> int:
    cell = row.cells.get("page", "")
    page = attempt(int, cell) if cell and cell.isascii() and cell.isdigit() and len(cell) < 9 else None
    if page is not None and 1 <= page <= MOST_PAGES:
        return page
    if cell:
        findings.error(
            row.line,
            f"page {shown(cell)} cannot be used: write the number of the page that opens, 1 to {MOST_PAGES}",
        )
    return 1


def wrong_page(page: int) -> str:
    """What is wrong with the number of a page, "" = nothing."""
    return "" if 1 <= page <= MOST_PAGES else f"page {page} cannot be used: write 1 to {MOST_PAGES}"


def wrong_file(
    file: str, folder: Path, inside: str, readable: tuple[str, ...]
) -> Iterator[tuple[Severity, str]]:
    """What is wrong with the name of a file that must lie in a folder of the project.

    A name that leads out of it is an error; one that is not there, or of a kind that is not shown, a warning.
    """
    if not file:
        return
    if leads_out(file):
        yield (
            "error",
            f"file {shown(file)} leads out of {inside}/: write its name in that folder, with / between parts",
        )
        return
    if PurePosixPath(file).suffix.lower() not in readable:
        yield "warning", f"file {shown(file)} cannot be shown: use {listed(readable)}"
    at = folder / inside / file
    try:
        if not at.is_file():
            yield "warning", f"file {shown(file)} is not in {inside}/: put it there"
        elif not at.resolve().is_relative_to((folder / inside).resolve()):
            yield (
                "error",
                f"file {shown(file)} is a link that leads out of {inside}/: put the file itself there",
            )
    except (OSError, RuntimeError, ValueError) as problem:
        yield "warning", f"file {shown(file)} cannot be looked at ({problem}): check who may read it"


def leads_out(file: str) -> bool:
    """Whether a name is anything but one inside its folder, on any system."""
    windows = PureWindowsPath(file)
    return (
        "\\" in file
        or PurePosixPath(file).is_absolute()
        or bool(windows.drive or windows.root)
        or ".." in PurePosixPath(file).parts
    )
