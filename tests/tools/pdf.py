"""Chapters in the outline of a PDF that Qt wrote: Qt has no call for them, so they are appended."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

Chapter = tuple[str, int, int]
"""Title, page from 1, depth 0 or 1."""


def add_outline(file: Path, chapters: Sequence[Chapter]) -> None:
    """Append an incremental update (ISO 32000-1, 7.5.6) with an outline (12.3.3) to a PDF."""
    old = file.read_bytes()
    size = int(re.findall(rb"/Size (\d+)", old)[-1])
    root = int(re.findall(rb"/Root (\d+) 0 R", old)[-1])
    start = int(re.findall(rb"startxref\s+(\d+)", old)[-1])
    catalog = _object(old, root)
    pages = [int(each) for each in re.findall(rb"(\d+) 0 R", _kids(old, catalog))]
    first = size
    numbers = [first + 1 + at for at in range(len(chapters))]
    parts = [
        (root, catalog.rstrip().removesuffix(b">>") + b"\n/Outlines %d 0 R /PageMode /UseOutlines >>" % first)
    ]
    tops = [at for at, each in enumerate(chapters) if each[2] == 0]
    parts.append(
        (
            first,
            b"<< /Type /Outlines /First %d 0 R /Last %d 0 R /Count %d >>"
            % (numbers[tops[0]], numbers[tops[-1]], len(tops)),
        )
    )
    for at, (title, page, depth) in enumerate(chapters):
        end = next((o for o in range(at + 1, len(chapters)) if chapters[o][2] == 0), len(chapters))
        near = tops if depth == 0 else _family(chapters, tops, at)
        place = near.index(at)
        parent = first if depth == 0 else numbers[max(o for o in tops if o < at)]
        body = b"<< /Title %s /Parent %d 0 R /Dest [%d 0 R /XYZ null null null]" % (
            _text(title),
            parent,
            pages[page - 1],
        )
        if place:
            body += b" /Prev %d 0 R" % numbers[near[place - 1]]
        if place + 1 < len(near):
            body += b" /Next %d 0 R" % numbers[near[place + 1]]
        if depth == 0 and end > at + 1:
            body += b" /First %d 0 R /Last %d 0 R /Count -%d" % (
                numbers[at + 1],
                numbers[end - 1],
                end - at - 1,
            )
        parts.append((numbers[at], body + b" >>"))
    file.write_bytes(old + _update(len(old), parts, first + 1 + len(chapters), root, start, old))


def _family(chapters: Sequence[Chapter], tops: Sequence[int], at: int) -> list[int]:
    above = max(o for o in tops if o < at)
    end = next((o for o in tops if o > at), len(chapters))
    return list(range(above + 1, end))


def _object(pdf: bytes, number: int) -> bytes:
    found = re.search(rb"(?:^|\n)%d 0 obj\s(.*?)endobj" % number, pdf, re.DOTALL)
    assert found, f"object {number} is not there"
    return found[1]


def _kids(pdf: bytes, catalog: bytes) -> bytes:
    tree = re.search(rb"/Pages (\d+) 0 R", catalog)
    assert tree
    kids = re.search(rb"/Kids\s*\[(.*?)\]", _object(pdf, int(tree[1])), re.DOTALL)
    assert kids
    return kids[1]


def _text(title: str) -> bytes:
    return b"<FEFF" + title.encode("utf-16-be").hex().upper().encode() + b">"


def _update(
    offset: int, parts: Sequence[tuple[int, bytes]], size: int, root: int, before: int, old: bytes
) -> bytes:
    made, places = b"\n", list[tuple[int, int]]()
    for number, body in parts:
        places.append((number, offset + len(made)))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"xref\n"
    for number, at in sorted(places):
        table += b"%d 1\n%010d 00000 n \n" % (number, at)
    info = re.findall(rb"/Info (\d+) 0 R", old)
    trailer = b"trailer\n<< /Size %d /Root %d 0 R /Prev %d" % (size, root, before)
    if info:
        trailer += b" /Info %d 0 R" % int(info[-1])
    start = offset + len(made)
    return made + table + trailer + b" >>\nstartxref\n%d\n%%%%EOF\n" % start
