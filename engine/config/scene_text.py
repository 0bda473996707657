"""Parts, saved views and the plan written into a file of scene/: what was not touched stays as it was typed.

A section that says the same as before keeps its very text, one that changed is changed key by key with its
comments in place, a new one is written plainly. A comment above a section that is gone stays: it often speaks
of all that follows. Numbers that changed are written in centimetres and tenths of a degree.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, cast

import msgspec
import tomlkit
from tomlkit.items import AoT, Array, InlineTable, Item, Table

from engine.config.scene_plain import Said, plain, read_as, tidy
from engine.config.scene_sections import NAMES, Pieces, Section, comments_of, listed, pieces_of
from engine.types import Part, Plan, SavedView

VIEWS = "views.toml"
LONGEST = 90
"""A list that would be longer on one line is written on several, a table as a section of its own."""
T = TypeVar("T", InlineTable, Table)
_KEY = re.compile(r"^((\w+)\s*=\s*)([^#]*?)(\s*#.*)?$")
"""A key with its value on one line, and the comment behind it."""
_Placed = tuple[Section | None, str]
"""A section as it will be: which of the old ones it was, and its text."""


def write_parts(text: str, parts: Sequence[Part]) -> str:
    """The text of a file with these parts in place of its own, in this order.

    Raises:
        ValueError: the text is no TOML.
    """
    return _written(text, {"parts": [plain(each) for each in parts]})


def write_views(text: str, views: Sequence[SavedView], plan: Plan | None) -> str:
    """The text of views.toml with these views and this plan in place of its own. Raises: ValueError."""
    wanted = {"views": [plain(each) for each in views], "plan": [] if plan is None else [plain(plan)]}
    return _written(text, wanted)


def _written(text: str, wanted: Mapping[str, Sequence[Said]]) -> str:
    ends = "\r\n" if "\r\n" in text else "\n"
    unix = text.replace("\r\n", "\n")
    found = pieces_of(unix) or _anew(unix)
    placed = {
        name: _placed(name, found.of(name), wanted[name])
        if name in wanted
        else [(each, each.text) for each in found.of(name)]
        for name in NAMES
    }
    return _joined(found, placed).replace("\n", ends)


def _anew(text: str) -> Pieces:
    """A file in a way of its own (lists within lists): its comments first, then every section plainly."""
    whole = tomllib.loads(text)
    rest = {key: each for key, each in whole.items() if key not in NAMES}
    top = "\n".join(each for each in (comments_of(text), tomlkit.dumps(rest) if rest else "") if each)
    sections = [
        Section(name, "", _fresh(name, dict(said)), said)
        for name in NAMES
        for said in listed(whole.get(name))
    ]
    return Pieces(f"{top.rstrip()}\n\n" if top.strip() else "", tuple(sections))


def _joined(found: Pieces, placed: Mapping[str, Sequence[_Placed]]) -> str:
    """All pieces again: the names in the order in which they first stood, every one with what stood above."""
    stood = list(dict.fromkeys(each.name for each in found.sections))
    order = [*stood, *(name for name in ("plan", "views", "parts") if name not in stood)]
    kept = {id(each) for name in order for each, _ in placed[name] if each is not None}
    above, waiting = dict[int, str](), ""
    for each in found.sections:
        waiting = _gapped(waiting, each.lead)
        if id(each) in kept:
            above[id(each)], waiting = waiting, ""
    made = found.top
    for name in order:
        for each, text in placed[name]:
            made = _gapped(made, (above[id(each)] if each is not None else "") + text)
    made = _gapped(made, waiting + found.end)
    return f"{made.rstrip()}\n" if made.strip() else ""


def _gapped(before: str, after: str) -> str:
    """Two texts with an empty line between, unless the second brings none of its own."""
    if not before or not after:
        return before + after
    ended = before if before.endswith("\n") else f"{before}\n"
    return f"{ended}\n{after}" if not ended.endswith("\n\n") else ended + after


# Which new section is which old one


def _placed(name: str, old: Sequence[Section], wanted: Sequence[Said]) -> list[_Placed]:
    before = [read_as(name, each.said) for each in old]
    made = list[_Placed]()
    for said, at in zip(wanted, _matched(before, wanted), strict=True):
        if at is None:
            made.append((None, _fresh(name, tidy(said, {}))))
        elif before[at] == said:
            made.append((old[at], old[at].text))
        else:
            made.append((old[at], _changed(name, old[at], before[at], tidy(said, before[at]))))
    return made


def _matched(old: Sequence[Said], wanted: Sequence[Said]) -> list[int | None]:
    """The old section of each new one: the same, else the likeliest; each old one once."""
    found: list[int | None] = [None] * len(wanted)
    left = dict.fromkeys(range(len(old)))
    for key in (_all, _unmoved, _who, _where, _kind):
        waiting: defaultdict[str, deque[int]] = defaultdict(deque)
        for place in left:
            waiting[key(old[place])].append(place)
        for place, said in enumerate(wanted):
            wants = "" if found[place] is not None else key(said)
            if wants and waiting[wants]:
                found[place] = waiting[wants].popleft()
                del left[cast(int, found[place])]
    return found


def _all(said: Said) -> str:
    return _key(said)


def _unmoved(said: Said) -> str:
    return _key({name: each for name, each in said.items() if name not in ("at", "turn")})


def _who(said: Said) -> str:
    named = said.get("asset") or said.get("node") or said.get("name")
    return _key([said.get("shape"), named, said.get("node")]) if named else ""


def _where(said: Said) -> str:
    return _key(said["at"]) if "at" in said else ""


def _kind(said: Said) -> str:
    return _key([said.get("shape"), said.get("file")])


def _key(said: object) -> str:
    return msgspec.json.encode(said, order="deterministic").decode()


# The text of one section


def _fresh(name: str, said: Said) -> str:
    """A new section, plainly."""
    table, document = tomlkit.table(), tomlkit.document()
    _fill(table, said)
    if name == "plan":
        document.append(name, table)
    else:
        document.append(name, tomlkit.aot())
        document[name].append(table)
    return f"{tomlkit.dumps(document).strip()}\n"


def _changed(name: str, section: Section, before: Said, said: Said) -> str:
    """The section with what differs changed, its comments in place; plainly where that cannot be done."""
    differs = {key: each for key, each in said.items() if before.get(key) != each}
    gone = [key for key in before if key not in said]
    for change in (_by_lines, _by_keys):  # a thousand moved parts are a matter of lines
        text = change(name, section.text, differs, gone)
        if _reads_as(name, text) == said:
            return text
    return comments_of(section.text) + _fresh(name, said)


def _by_lines(name: str, text: str, differs: Said, gone: Sequence[str]) -> str:
    """Where every key stands on a line of its own, as nearly always; else what comes out reads otherwise."""
    lines, last, waiting = text.split("\n"), 0, dict(differs)
    made = list[str]()
    for place, line in enumerate(lines):
        found = _KEY.match(line)
        if place and line.lstrip().startswith("["):
            made += lines[place:]
            break
        key = found[2] if found is not None else ""
        if found is not None and key in gone:
            continue
        if found is not None and key in waiting and _is_simple(key, waiting[key]):
            line = f"{found[1]}{_item(key, waiting.pop(key)).as_string()}{found[4] or ''}"
        made.append(line)
        last = len(made) if found is not None or not place else last
    new = [
        f"{key} = {_item(key, each).as_string()}" for key, each in waiting.items() if _is_simple(key, each)
    ]
    return "\n".join([*made[:last], *new, *made[last:]])


def _by_keys(name: str, text: str, differs: Said, gone: Sequence[str]) -> str:
    document = tomlkit.parse(text)
    table = cast(Table, document[name] if name == "plan" else cast(AoT, document[name])[0])
    for key in gone:
        table.remove(key)
    for key, each in differs.items():
        if key in table and _is_simple(key, each):
            table[key] = _kept_words(table[key], _item(key, each))
        elif key in table:
            table.remove(key)
    _fill(table, {key: each for key, each in differs.items() if key not in table})
    return tomlkit.dumps(document)


def _reads_as(name: str, text: str) -> Said:
    try:
        return read_as(name, listed(tomllib.loads(text).get(name))[0])
    except (ValueError, IndexError):
        return {"cut through": text}


def _kept_words(old: Item | Any, new: Item) -> Item:
    """The comment behind a value stays behind it."""
    if isinstance(old, Item) and old.trivia.comment:
        new.trivia.comment, new.trivia.comment_ws = old.trivia.comment, old.trivia.comment_ws
    return new


def _fill(table: Table, said: Said) -> None:
    """Keys first, sections within after them."""
    for is_simple in (True, False):
        for key, each in said.items():
            if _is_simple(key, each) == is_simple:
                table.append(key, _item(key, each))


def _is_simple(key: str, said: Any) -> bool:
    """Whether it is written behind its key, not as a section of its own."""
    if key == "motions":
        return False
    return not isinstance(said, dict) or len(_inline(cast(Said, said)).as_string()) <= LONGEST


def _item(key: str, said: Any) -> Item:
    if key == "motions":
        made: Any = tomlkit.aot()
        for each in cast("list[Said]", said):
            inner = tomlkit.table()
            _fill(inner, each)
            made.append(inner)
        return made
    if isinstance(said, dict):
        return _inline(cast(Said, said)) if _is_simple(key, said) else _table(cast(Said, said))
    return _array(cast("list[Any]", said)) if isinstance(said, list) else cast(Item, tomlkit.item(said))


def _array(said: Sequence[Any]) -> Array:
    made: Any = tomlkit.array()
    for each in said:
        made.append(_array(cast("list[Any]", each)) if isinstance(each, list) else each)
    made.multiline(len(made.as_string()) > LONGEST)
    return cast(Array, made)


def _inline(said: Said) -> InlineTable:
    return _with(tomlkit.inline_table(), said)


def _table(said: Said) -> Table:
    return _with(tomlkit.table(), said)


def _with(made: T, said: Said) -> T:
    for key, each in said.items():
        cast(Any, made).append(key, tomlkit.item(each))
    return made
