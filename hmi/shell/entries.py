"""What the command palette finds: alarms, displays, assets, documents, tags, commands, in groups. No Qt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from engine.types import Alarm, Document
from hmi import alarms as alarm_words
from hmi.alarms import Badge
from hmi.displays.display import DOCUMENT, Display, Place
from hmi.document_words import place_path, words
from hmi.formats import t
from hmi.model import Asset, Model, unit_of
from hmi.shell.commands import Command
from hmi.shell.faceplate_links import kind_words
from hmi.shell.fuzzy import Index, score

EntryKind = Literal["alarm", "display", "asset", "document", "tag", "command"]
MOST: Mapping[EntryKind, int] = {"alarm": 5, "display": 5, "asset": 6, "document": 4, "tag": 12, "command": 6}
_TITLES = {
    "alarm": "Alarms",
    "display": "Displays",
    "asset": "Assets",
    "document": "Documents",
    "tag": "Tags",
    "command": "Commands",
}
_LEVELS = {"area": "area", "unit": "unit", "utility": "utility", "equipment": "equipment"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to go to or to do. ``target`` is a path, or the id of a display or of a command."""

    kind: EntryKind
    target: str
    title: str
    detail: str
    badge: Badge | None = None


def place_of(model: Model, entry: Entry) -> Place:
    """Where a display, an asset, a document, a tag or an alarm is looked at; a command is no place."""
    if entry.kind == "document":
        return Place(DOCUMENT, entry.target)
    if entry.kind == "display":
        return Place(entry.target)
    is_area = entry.kind == "asset" and unit_of(model, entry.target) is None
    return Place("overview" if is_area else "unit", entry.target)


@dataclass(frozen=True, slots=True)
class Group:
    """Entries of one kind under their title."""

    title: str
    entries: tuple[Entry, ...]


class Catalogue:
    """Everything that can be found. Tags and assets are indexed once a plant, the rest is short."""

    def __init__(self, model: Model, displays: Sequence[Display], commands: Sequence[Command]) -> None:
        self._model = model
        self._assets = tuple(asset for asset in model.assets.values() if asset.path)
        self._asset_index = Index([asset.path for asset in self._assets])
        self._documents = tuple(
            {(place_path(each), words(each)): each for each in _documents(model)}.values()
        )
        self._document_index = Index([words(each) for each in self._documents])
        self._tag_index = Index([tag.path for tag in model.tags])
        self._displays = [(display, t(display.title)) for display in displays if display.rail]
        self.commands = tuple(commands)
        self._alarms: tuple[Alarm, ...] = ()
        self._badges: Mapping[str, Badge] = {}

    def show_alarms(self, alarms: Sequence[Alarm]) -> None:
        """The alarms now, for their own group and for the badges of the others."""
        self._alarms = alarm_words.worst_first(alarms)
        self._badges = alarm_words.badges(alarms)

    def find(self, wanted: str) -> tuple[Group, ...]:
        """The best of every kind, the kind with the best hit first; for nothing, what may be wanted."""
        wanted = wanted.strip()
        found = [
            self._short(
                "alarm", wanted, [(self._alarm_text(each), self._alarm(each)) for each in self._alarms]
            ),
            self._short("display", wanted, [(title, self._display(each)) for each, title in self._displays]),
            self._long("asset", wanted),
            self._read(wanted),
            self._long("tag", wanted),
            self._short("command", wanted, [(each.title, self._command(each)) for each in self.commands]),
        ]
        ranked = [each for each in found if each[1]]
        if wanted:
            ranked.sort(key=lambda each: -each[0])
        return tuple(Group(t(_TITLES[entries[0].kind]), entries) for _, entries in ranked)

    def _short(
        self, kind: EntryKind, wanted: str, texts: Sequence[tuple[str, Entry]]
    ) -> tuple[int, tuple[Entry, ...]]:
        if not wanted:
            return 0, tuple(entry for _, entry in texts[: MOST[kind]])
        scored = [(score(wanted, text), entry) for text, entry in texts]
        best = sorted((each for each in scored if each[0] > 0), key=lambda each: -each[0])[: MOST[kind]]
        return (best[0][0] if best else 0), tuple(entry for _, entry in best)

    def _long(self, kind: EntryKind, wanted: str) -> tuple[int, tuple[Entry, ...]]:
        if not wanted:
            return 0, ()
        is_tag = kind == "tag"
        at = (self._tag_index if is_tag else self._asset_index).best(wanted, MOST[kind])
        if not at:
            return 0, ()
        if is_tag:
            return score(wanted, self._model.tags[at[0]].path), tuple(
                self._tag(self._model.tags[each].path) for each in at
            )
        return score(wanted, self._assets[at[0]].path) + 2, tuple(
            self._asset(self._assets[each]) for each in at
        )

    def _read(self, wanted: str) -> tuple[int, tuple[Entry, ...]]:
        best = self._document_index.best(wanted, MOST["document"]) if wanted else []
        found = [self._documents[at] for at in best]
        return (score(wanted, words(found[0])) if found else 0), tuple(self._document(each) for each in found)

    def _document(self, document: Document) -> Entry:
        asset = document.asset.replace("/", " › ")
        detail = " · ".join(each for each in (asset, kind_words(document)) if each)
        return Entry("document", place_path(document), words(document), detail)

    def _alarm_text(self, alarm: Alarm) -> str:
        return f"{alarm_words.where(self._model, alarm)}/{alarm_words.message(alarm)}"

    def _alarm(self, alarm: Alarm) -> Entry:
        state = alarm_words.state_words(alarm, self._model.plant.timezone)
        detail = f"{alarm_words.where(self._model, alarm)} · {state}"
        return Entry(
            "alarm",
            alarm.path,
            alarm_words.message(alarm),
            detail,
            Badge(alarm.priority, 1, is_over=not alarm_words.is_active(alarm)),
        )

    def _display(self, display: Display) -> Entry:
        return Entry("display", display.id, t(display.title), t("display"))

    def _asset(self, asset: Asset) -> Entry:
        above = asset.path.rpartition("/")[0].replace("/", " › ")
        kind = asset.type.title or t(_LEVELS[asset.level])
        detail = " · ".join(each for each in (above, kind) if each)
        return Entry("asset", asset.path, asset.name, detail, self._badges.get(asset.path))

    def _tag(self, path: str) -> Entry:
        above, _, name = path.rpartition("/")
        return Entry("tag", path, name, above.replace("/", " › "), self._badges.get(path))

    def _command(self, command: Command) -> Entry:
        return Entry("command", command.id, command.title, command.keys)


def _documents(model: Model) -> Iterator[Document]:
    """Those of all assets; one that many assets share is found once."""
    for each in model.documents.values():
        yield from each
