"""One window: top bar, rail, a display with its faceplate, alarm banner; and the states over all of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent
from PySide6.QtGui import QResizeEvent

from engine.types import Alarm, EngineStatus, HistoryStatus, Kpi, Plant, Project, Snapshot, SourceStatus, Tag
from hmi import alarms as alarm_words
from hmi import links
from hmi.alarm_book import AlarmBook
from hmi.alarm_desk import AlarmDesk
from hmi.control_book import ControlBook
from hmi.displays import DISPLAYS, system
from hmi.displays import alarms as alarms_display
from hmi.displays.display import DOCUMENT, REPLAY, Place, Want
from hmi.displays.feed import Feed
from hmi.displays.stalled import as_stalled
from hmi.formats import t
from hmi.horn.shown import Shown, lines
from hmi.model import Model, build
from hmi.outlook_book import OutlookBook
from hmi.replay import Past
from hmi.shell import crumbs
from hmi.shell.area import WorkArea, framed
from hmi.shell.banner import Banner
from hmi.shell.commands import commands
from hmi.shell.control_sheets import ControlSheets
from hmi.shell.deck import BY_ID, Deck
from hmi.shell.dimmer import Dimmer
from hmi.shell.entries import Catalogue, Entry, place_of
from hmi.shell.faceplate import Faceplate
from hmi.shell.foreseen import Foreseen
from hmi.shell.help import Help
from hmi.shell.keys import bind_keys
from hmi.shell.own_commands import own_commands, place_of_worst
from hmi.shell.palette import Palette
from hmi.shell.person_desk import PersonDesk
from hmi.shell.placed_window import PlacedWindow
from hmi.shell.rail import Rail
from hmi.shell.replay_bar import ReplayBar, ReplayFrame
from hmi.shell.replayer import Replayer
from hmi.shell.stall_bar import StallBar, StallFrame
from hmi.shell.top_bar import TopBar
from hmi.theme import Theme, change_theme, load_theme, next_name
from hmi.who import Who

LEAST_PX = (960, 540)
"""A full HD screen whose type is set to twice the size."""
ALL_TAGS = 1  # the page of the unit display that lists every tag
Run = Callable[["Window", str], bool]
"""Takes a command of a window that is not its own affair; True = done."""


class Window(PlacedWindow):
    """One HMI window. The frame clock calls `on_numbers` and `on_trends` for what `wants` says.

    ``place`` = where it is, ``deck`` = its displays, ``documents`` = what is read over them, ``faceplate`` =
    the panel beside them, hidden while closed. ``people`` = the person at it. ``sources`` and ``snapshot`` as
    last told; ``stalled`` = why the engine is silent, in words, None while it answers.
    """

    def __init__(self, theme: Theme, feed: Feed, plant: Plant, run: Run = lambda *_: False) -> None:
        super().__init__()
        self.theme, self._feed, self._model, self._run = theme, feed, Model(plant), run
        self._has_plant, self._wants_face = False, True
        self.sources: tuple[SourceStatus, ...] = ()
        self._alarms: tuple[Alarm, ...] = ()
        self.snapshot: Snapshot | None = None
        self.stalled: str | None = None
        self._snapshot_us, self._layouts = 0, tuple[str, ...]()
        self._wanted: tuple[Place, str] | None = None
        self.place = Place(DISPLAYS[0].id)
        self._top = TopBar(theme, self.go, self)
        self._rail = Rail(theme, DISPLAYS, self)
        self.desk = AlarmDesk(feed)
        self._banner = Banner(theme, self.go, self.desk, self)
        self._stall_bar, self._area = StallBar(theme, self), WorkArea(theme, self)
        self.deck = Deck(theme, feed, self.go, self.desk, self._area)
        self.faceplate = Faceplate(theme, self.go, self._area)
        self._area.fill(self.deck, self.faceplate)
        self.documents = self._area.viewer
        self.people = PersonDesk(theme, feed, self._area, self._top)
        self.deck.set_writes(writes := self.people.writes)
        self.faceplate.set_control(ControlSheets(theme, writes, feed, self._area))
        parts = (self.deck, self.faceplate, self._top, self.go, self, lambda: self.snapshot)
        self.foreseen = Foreseen(feed, writes, *parts)
        bar, frame = ReplayBar(theme, self), ReplayFrame(theme, self._area)
        self.replayer = self.deck.feed.replaying = Replayer(theme, feed, bar, frame, self._show_past, self)
        column = (self._stall_bar, bar, self.people.bar, self._area, self._banner)
        self.setCentralWidget(framed(self, self._top, self._rail, column))
        self._stall_frame, self._dimmer = StallFrame(theme, self._area), Dimmer(self)
        self._palette, self._help = Palette(theme, self._area), Help(theme, self._area)
        mine = own_commands(self, self._help, self.faceplate, self.replayer, self.deck, self.desk)
        self._own = {**mine, **self.people.commands()}
        self._connect()
        self.setMinimumSize(*LEAST_PX)
        self.setWindowTitle(t("{plant} \u2013 Watchroom", plant=plant.name))
        self.show_display(DISPLAYS[0].id)
        self._second()

    def _connect(self) -> None:
        self.second.connect(self._second)
        self._rail.chosen.connect(self.show_display)
        self._rail.search.connect(self._palette.open)
        self._rail.theme.connect(lambda: self.command("theme next"))
        self._rail.help.connect(self._help.toggle)
        self._palette.chosen.connect(self._chosen)
        self.faceplate.closed.connect(self._face_closed)
        self.faceplate.tags.connect(self._all_tags)
        self._top.source.connect(self.show_source)
        self._top.clock.connect(lambda: self.command("live" if self.deck.is_past else "replay"))
        self._top.command.connect(self.command)
        self._top.alarm.connect(lambda path: self.go(place_of_worst(self._model, self.desk, path)))
        bind_keys(self, self._palette.open, self.command, self.show_display)

    # What the bridge or the station calls, always in the GUI thread

    def set_plant(self, project: Project) -> None:
        """A new list of live tags: at first attach, and when the engine starts again."""
        self.set_model(build(project))

    def set_model(self, model: Model) -> None:
        """The same, for windows that share one model."""
        self._model, self.snapshot, self._has_plant = model, None, True
        self.setWindowTitle(t("{plant} \u2013 Watchroom", plant=model.plant.name))
        self._top.show_plant(model)
        self._banner.set_model(model)
        self.replayer.set_model(model)
        self.deck.set_model(model)
        self._area.set_model(model)
        self.people.set_model(model)
        self._make_catalogue()
        self._take_up()

    def set_sources(self, sources: Sequence[SourceStatus]) -> None:
        """The state of the links."""
        self.sources = tuple(sources)
        self._top.show_sources(sources)
        self._rail.show_count(system.DISPLAY.id, sum(links.needs_look(each) for each in sources))
        self.deck.set_sources(sources)

    def set_engine(self, status: EngineStatus) -> None:
        """The engine's own figures."""
        self._top.show_engine(status)
        self.deck.set_engine(status)

    def set_alarms(self, alarms: Sequence[Alarm]) -> None:
        """Active and lately returned alarms, worst first."""
        self._alarms = tuple(alarms)
        self._catalogue.show_alarms(alarms)
        self.deck.set_alarms(alarms)
        self.faceplate.show_alarms(self.deck.alarms, self._feed.now_us())

    def set_alarm_book(self, book: AlarmBook) -> None:
        """Every alarm that is not normal, with what people did: for the banner and the Alarms display."""
        self.desk.take(book)
        counts = alarm_words.tally(book.alarms.values())
        self._top.show_alarms(book.alarms, counts)
        waiting = sum(each for each, _ in counts)
        self._rail.show_count(alarms_display.DISPLAY.id, waiting, t("not acknowledged"))

    def set_who(self, known: Who) -> None:
        """The person of the station; nothing of the window moves, opens or closes with another one."""
        self.people.set_who(known)
        self.deck.set_who(known)

    def set_control(self, book: ControlBook) -> None:
        """The stage of the project, writes to the plant and work in progress."""
        self.people.set_control(book)

    def set_outlooks(self, book: OutlookBook) -> None:
        """What is foreseen of assets."""
        self.foreseen.desk.take(book)

    def set_horn(self, shown: Shown, now_us: int) -> None:
        """The horn of the station."""
        self._top.show_horn(shown, self._model, now_us)
        self.deck.set_horn(" ".join(lines(shown, self._model, now_us)))

    def set_kpis(self, kpis: Sequence[Kpi]) -> None:
        """The plant's figures."""
        self.deck.set_kpis(kpis)

    def set_history(self, status: HistoryStatus) -> None:
        """How the stored past does."""
        self._top.show_history(status)
        self.deck.set_history(status)

    def on_numbers(self, snapshot: Snapshot) -> None:
        """All live values of this instant. Ignored while stalled: nothing may look current then."""
        if snapshot.value.size != len(self._model.tags) or self.stalled is not None:
            return
        self.snapshot, self._snapshot_us = snapshot, self._feed.now_us()
        if self.is_seen:
            self._show_numbers(snapshot)

    def on_trends(self, now_us: int) -> None:
        """One frame of the trends on show."""
        if self.is_seen and not self.deck.is_covered:
            self.deck.view.on_trends(self.deck.feed.now_us() if self.deck.is_past else now_us)

    def set_stalled(self, text: str | None) -> None:
        """Words = the engine is silent: bar, frame, and every value stale. None = it is back."""
        if text == self.stalled:
            return
        began_or_ended = (text is None) != (self.stalled is None)
        self.stalled, is_stalled = text, text is not None
        self._stall_bar.show_stalled(text, self._has_plant)
        self._stall_frame.setVisible(is_stalled)
        self._stall_frame.setGeometry(self._area.rect())
        self._stall_frame.raise_()
        if began_or_ended:
            for part in (self.desk, self.people, self.deck):
                part.set_stalled(is_stalled)
            self._top.show_stalled(is_stalled)
            self._show_last_numbers()

    def wants(self) -> set[Want]:
        """What can be seen now, so that hidden displays cost nothing."""
        if not self.is_seen:
            return set()
        shell = self._banner.wants_numbers or not self.faceplate.isHidden()
        return {*self.deck.wants(), *(("numbers",) if shell else ())}

    # Going somewhere

    def show_display(self, name: str) -> None:
        """Bring a display to the front, loaded on first use. Raises: KeyError for an unknown id."""
        self.go(Place(name))

    def go(self, place: Place) -> None:
        """Show a place: a display, and on it a tag, an asset or a source; or only the faceplate on a path."""
        if place.display == REPLAY:
            return self.replayer.begin(int(place.path))
        if place.display == DOCUMENT:
            return self._area.read(place.path)
        display = BY_ID[place.display] if place.display else self.deck.current
        if not display.faceplate and not place.display:
            # Where there is no room for a faceplate, the unit is where a value is looked at.
            display, place = BY_ID["unit"], Place("unit", place.path)
        if place.display:
            self.deck.open(place.display)
            path = self.deck.view.show_place(place.path)
            self.place = Place(place.display, path)
            if place.at_us:
                self.deck.show_moment(place.at_us)
            self._rail.show_current(place.display)
        else:
            self._wants_face = True
        has_face = display.faceplate and not self.deck.is_alone()
        self._area.show_face(self._model, place, has_face, self._wants_face)
        self.people.raise_sheet()
        self._show_where()
        self._show_last_numbers()
        self.changed.emit()

    def show_source(self, source_id: str) -> None:
        """Open System at the page of one source."""
        self.go(Place(system.DISPLAY.id, source_id))

    def _face_closed(self) -> None:
        self._wants_face = False
        self._area.arrange()
        self.deck.view_widget.setFocus()
        self.changed.emit()

    def _all_tags(self, path: str) -> None:
        self.go(Place("unit", path))
        self.deck.show_page(ALL_TAGS)

    def _chosen(self, entry: Entry) -> None:
        self.command(entry.target) if entry.kind == "command" else self.go(place_of(self._model, entry))

    # Commands

    def command(self, name: str) -> None:
        """Do what a key or the command palette says; see `hmi.shell.commands`."""
        own = self._own.get(name)
        if own is not None:
            own()
        elif name == "save layout":
            asked = t("Name of this layout; Enter keeps it")
            self._palette.ask(asked, lambda given: self.command(f"save layout {given}"))
        elif not self._run(self, name) and name.startswith("theme "):
            self.set_theme(name.removeprefix("theme "))

    def set_layouts(self, names: Sequence[str]) -> None:
        """The layouts kept by name, for the command palette."""
        self._layouts = tuple(names)
        self._make_catalogue()

    def set_theme(self, name: str) -> None:
        """Change the look of the application. Raises: FileNotFoundError for an unknown theme."""
        change_theme(load_theme(next_name(self.theme.name) if name == "next" else name), (self,))

    def dress(self, theme: Theme) -> None:
        """Draw with other tokens; the application wears them already."""
        self.theme = theme
        parts = (self._top, self._rail, self._banner, self._stall_bar, self._stall_frame, self._help)
        for part in (*parts, self._palette, self._area, self.deck, self.replayer, self.people):
            part.set_theme(theme)

    def dim(self, percent: int) -> None:
        """Brightness of the whole window, 20 to 100 %."""
        self._dimmer.show_brightness(percent)

    def stand(self, place: Place, faceplate: str) -> None:
        """Go to a place with the faceplate on a path ("" = closed); without a plant yet, once it is there."""
        self._wanted = place, faceplate
        if self._has_plant:
            self._take_up()
        else:
            self.show_display(place.display)

    @property
    def standing(self) -> tuple[Place, str]:
        """Where the window is, or will be once its plant is there, and the path of its faceplate."""
        return self._wanted or (self.place, self.faceplate.path)

    def _take_up(self) -> None:
        wanted, self._wanted = self._wanted, None
        if wanted is None:
            return self._show_where()
        place, faceplate = wanted
        # Set before going: what was closed by hand stays closed.
        self._wants_face = bool(faceplate) or place.display != "unit"
        self.go(place)
        if self.deck.current.faceplate and not (faceplate and self.faceplate.open(faceplate)):
            self.faceplate.hide()
        self._area.arrange()

    # What tests and the station ask

    @property
    def tags(self) -> tuple[Tag, ...]:
        """The tags on show, in live order."""
        return self._model.tags

    @property
    def is_seen(self) -> bool:
        """Somebody can see its values."""
        return self.isVisible() and not self.isMinimized() and not self._help.isVisible()

    # Inside

    def _make_catalogue(self) -> None:
        self._catalogue = Catalogue(self._model, DISPLAYS, commands(self._layouts))
        self._catalogue.show_alarms(self._alarms)
        self._palette.set_catalogue(self._catalogue)

    def _show_where(self) -> None:
        display, path = self.deck.current, self.place.path
        way = crumbs.crumbs(self._model, display, path)
        self._top.show_place(way, crumbs.level(self._model, display, path))
        self._top.show_time(self._feed.now_us())

    def _show_numbers(self, snapshot: Snapshot) -> None:
        self._banner.on_numbers(snapshot)
        if not self.deck.is_past:
            self.deck.on_numbers(snapshot)
            self.faceplate.on_numbers(snapshot)

    def _show_past(self, past: Past | None) -> None:
        self.people.set_past(past is not None)
        self._banner.set_past(past is not None)
        shown = self.deck.show_past(past)
        self.faceplate.show_alarms(self.deck.alarms, self.deck.feed.now_us())
        if shown is not None:
            self.faceplate.on_numbers(shown)
        elif past is None:
            self._show_last_numbers()

    def _show_last_numbers(self) -> None:
        self.deck.show_past_numbers()
        if self.snapshot is None:
            return
        silent_us = self._feed.now_us() - self._snapshot_us
        shown = self.snapshot if self.stalled is None else as_stalled(self.snapshot, silent_us)
        self._show_numbers(shown)

    def _second(self) -> None:
        self._top.show_time(self._feed.now_us())
        if self.stalled is not None and self.is_seen:
            self._show_last_numbers()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._palette.hide()
        self._banner.show_room(self.height())

    def event(self, event: QEvent) -> bool:
        handled = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self._stall_frame.setGeometry(self._area.rect())
            self.replayer.frame.setGeometry(self._area.rect())
            self.replayer.frame.raise_()
        return handled
