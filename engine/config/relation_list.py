"""relations.csv to one ``Relation`` a row, every mistake with its line; and what holds for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import cast, get_args

from engine.config.cells import path_of, text_of, word
from engine.config.findings import Findings, listed, shown
from engine.config.names import Names, why_not
from engine.config.table import Row, read_table
from engine.types import Relation, RelationKind

REQUIRED = ("subject", "relation", "object")
COLUMNS = (*REQUIRED, "medium")
KINDS: tuple[str, ...] = get_args(RelationKind)
LONGEST_MEDIUM = 40


def read_relations(text: str, names: Names, findings: Findings) -> list[tuple[int, Relation]]:
    """The relations of a relations.csv with their lines, in file order; those of unknown assets are left out.

    Where tags.csv names no tags, ends are not looked up.
    """
    found: list[tuple[int, Relation]] = []
    lines: dict[tuple[str, str, str], int] = {}
    for row in read_table(text, COLUMNS, REQUIRED, findings) or []:
        relation = _relation(row, findings)
        if relation is None:
            continue
        first = lines.setdefault(key_of(relation), row.line)
        if first != row.line:
            findings.error(
                row.line, f"{sentence(relation)} is on line {first} already: keep one of the two rows"
            )
        elif _ends_known(relation, row.line, names, findings):
            found.append((row.line, relation))
    return found


def key_of(relation: Relation) -> tuple[str, str, str]:
    """What makes two relations the same."""
    return relation.subject, relation.kind, relation.object


def sentence(relation: Relation) -> str:
    """A relation as it is read: "A" feeds "B"."""
    return f"{shown(relation.subject)} {relation.kind} {shown(relation.object)}"


def _relation(row: Row, findings: Findings) -> Relation | None:
    subject = path_of(
        row, "subject", "the path of the asset that feeds, drives, cools or is a part", findings
    )
    if not row.cells.get("relation"):
        findings.error(row.line, f"relation is empty: use {listed(KINDS)}")
    kind = word(row, "relation", KINDS, "", findings)
    target = path_of(row, "object", "the path of the asset that is fed, driven or cooled", findings)
    medium = text_of(row, "medium", LONGEST_MEDIUM, findings)
    if not (subject and kind and target):
        return None
    if subject == target:
        findings.error(row.line, f"{shown(subject)} {kind} itself: name two different assets")
        return None
    return Relation(subject, cast(RelationKind, kind), target, medium)


def _ends_known(relation: Relation, line: int, names: Names, findings: Findings) -> bool:
    if not names.tags:
        return True
    wrong = list(strangers(relation, names))
    for end, path in wrong:
        why = why_strange(path, names, findings)
        findings.warning(line, f"{end} {shown(path)} is no asset, so this row is ignored: {why}")
    return not wrong


def strangers(relation: Relation, names: Names) -> Iterator[tuple[str, str]]:
    """The ends that are not there: which, and its path."""
    if not names.is_asset(relation.subject):
        yield "subject", relation.subject
    is_tag = relation.kind == "measured by" and relation.object in names.tags
    if not is_tag and not names.is_asset(relation.object):
        yield "object", relation.object


def why_strange(path: str, names: Names, findings: Findings) -> str:
    """Why a path is no end of a relation."""
    if path in names.tags:
        above = path.rpartition("/")[0]
        return f"it is a tag; name its asset {shown(above)}" if above else "it is a tag without an asset"
    return (
        "each row names two assets, no pattern" if set("*?") & set(path) else why_not(path, names, findings)
    )


def circles(relations: Iterable[Relation]) -> Iterator[tuple[Relation, tuple[str, ...]]]:
    """Each "part of" that makes an asset a part of itself, and the way round; paths count as parts too.

    A circle is told once, at the last of its relations. What feeds, drives or cools may go in a circle.
    """
    wholes: dict[str, list[str]] = {}
    for relation in relations:
        if relation.kind != "part of":
            continue
        way = _way_up(relation.object, relation.subject, wholes)
        if way:
            yield relation, (relation.subject, *way)
        else:
            wholes.setdefault(relation.subject, []).append(relation.object)


def _way_up(start: str, end: str, wholes: Mapping[str, list[str]]) -> tuple[str, ...]:
    """From an asset up through what it is a part of, by rows and by its path, to another; () = none."""
    came: dict[str, str] = {start: ""}
    waiting = [start]
    while waiting:
        at = waiting.pop()
        if at == end:
            way = [at]
            while came[way[-1]]:
                way.append(came[way[-1]])
            return tuple(reversed(way))
        for whole in (*wholes.get(at, ()), at.rpartition("/")[0]):
            if whole and whole not in came:
                came[whole] = at
                waiting.append(whole)
    return ()
