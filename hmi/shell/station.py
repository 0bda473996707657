"""The station: all windows of this process, what they share, and the layout that comes back after a crash."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

import msgspec
from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from engine.types import Alarm, EngineStatus, HistoryStatus, Kpi, Plant, Project, Snapshot, SourceStatus
from hmi import formats, theme
from hmi.alarm_book import AlarmBook
from hmi.control_book import ControlBook
from hmi.displays.display import Want
from hmi.displays.feed import Feed
from hmi.horn.player import Player
from hmi.model import Model, build
from hmi.outlook_book import OutlookBook
from hmi.shell import commands, layout
from hmi.shell.hands import Hands
from hmi.shell.horn import StationHorn
from hmi.shell.horn_sheet import HornSheet
from hmi.shell.layout import Kept, Layout, WindowLayout
from hmi.shell.remembered import kept, restore
from hmi.shell.window import Window
from hmi.who import Who, station_name

SETTLE_MS, LOOK_MS = 400, 5000
"""A change is kept this long after the last one; pens and cameras, which say nothing, every 5 s."""


class Station(QObject):
    """What the bridge drives: one or several windows that share values, theme and brightness.

    ``file`` = where the layout is kept, None = nowhere (a picture, a test). ``sound`` opens the sound device
    of this computer for the horn, None = this station has none.
    """

    def __init__(
        self,
        look: theme.Theme,
        feed: Feed,
        plant: Plant,
        file: Path | None = None,
        sound: Callable[[], Player] | None = None,
    ) -> None:
        super().__init__()
        self._look, self._feed, self._plant, self._file = look, feed, plant, file
        self.windows: list[Window] = []
        self._kept = Kept()
        self._theme, self._brightness = look.name, 100
        self._model: Model | None = None
        self._sources: tuple[SourceStatus, ...] = ()
        self._engine: EngineStatus | None = None
        self._alarms: tuple[Alarm, ...] | None = None
        self._book: AlarmBook | None = None
        self._who = Who()
        self._is_greeted = False
        """A demo asks once, at its start, whom one wants to be."""
        self._control: ControlBook | None = None
        self._outlooks: OutlookBook | None = None
        self._kpis: tuple[Kpi, ...] = ()
        self._history: HistoryStatus | None = None
        self._stalled: str | None = None
        self._written = b""
        self._writing: threading.Thread | None = None
        self._is_closing = False
        self.horn = StationHorn(feed, sound, station_name(), self) if sound is not None else None
        if self.horn is not None:
            self.horn.changed.connect(self._show_horn)
        self.hands = Hands(self._touched, self)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SETTLE_MS)
        self._soon.timeout.connect(self._keep)
        self._clock = QTimer(self)
        self._clock.setInterval(LOOK_MS)
        self._clock.timeout.connect(self._look_around)

    # Windows

    def open(self, wanted_theme: str | None = None) -> None:
        """Show the windows as they were when this station last ran; one over the whole screen at first."""
        found = layout.load(self._file) if self._file is not None else None
        self._kept = found or Kept()
        last = self._kept.last
        self._brightness = last.brightness
        if self.horn is not None:
            self.horn.set_volume(self._kept.volume)
        self._set_theme(wanted_theme or (last.theme if found is not None else self._theme))
        if last.windows:
            self._restore(last.windows)
        else:
            self._first()
        self._clock.start()

    def add(self) -> Window:
        """Another window, told all that is known; the caller places and shows it."""
        window = Window(self._look, self._feed, self._plant, self._command)
        self.windows.append(window)
        window.changed.connect(self._soon.start)
        window.gone.connect(lambda: self._window_gone(window))
        window.shown.connect(lambda: self.hands.watch(window.windowHandle()))
        window.dim(self._brightness)
        window.set_layouts(tuple(self._kept.named))
        if self._model is not None:
            window.set_model(self._model)
        if self._sources:
            window.set_sources(self._sources)
        if self._engine is not None:
            window.set_engine(self._engine)
        if self._alarms is not None:
            window.set_alarms(self._alarms)
        if self._book is not None:
            window.set_alarm_book(self._book)
        window.set_who(self._who)
        if self._control is not None:
            window.set_control(self._control)
        if self._outlooks is not None:
            window.set_outlooks(self._outlooks)
        window.set_kpis(self._kpis)
        if self._history is not None:
            window.set_history(self._history)
        window.set_stalled(self._stalled)
        if self.horn is not None and self._model is not None:
            window.set_horn(self.horn.shown, self._feed.now_us())
        return window

    def _first(self) -> None:
        window = self.add()
        # The whole screen, also where no window manager maximises.
        window.resize(QGuiApplication.primaryScreen().availableSize())
        window.setWindowState(Qt.WindowState.WindowMaximized)
        window.show()

    def _restore(self, windows: Sequence[WindowLayout]) -> None:
        screens = {each.name(): each.availableGeometry().getRect() for each in QGuiApplication.screens()}
        for each in windows:
            window = self.add()
            box = layout.box_on(each.box, cast("dict[str, layout.Box]", screens), each.screen)
            window.setGeometry(*box)
            restore(window, each)
            window.show()

    def _window_gone(self, window: Window) -> None:
        # The last window to close takes the station with it, and is what comes back.
        if len(self.windows) > 1 and not self._is_closing:
            self.windows.remove(window)
            window.deleteLater()
            self._soon.start()
        else:
            self._is_closing = True

    def _torn_off(self, window: Window) -> None:
        made = self.add()
        made.setGeometry(window.geometry().translated(48, 48))
        restore(made, msgspec.structs.replace(kept(window), maximised=False, full_screen=False))
        made.show()
        made.activateWindow()

    # Commands of windows

    def _command(self, window: Window, name: str) -> bool:
        verb, _, rest = name.partition(" ")
        if verb == "theme":
            self._set_theme(theme.next_name(self._look.name) if rest == "next" else rest)
        elif verb == "dimmer":
            self._dim(commands.next_step(self._brightness, rest))
        elif verb in ("horn", "silence") and self.horn is not None:
            self._command_horn(window, self.horn, verb, rest)
        elif name == "new window":
            self._torn_off(window)
        elif name == "close window":
            # The last one stays: a room without any display is not what a slip of the hand may do.
            if len(self.windows) > 1:
                window.close()
        elif name == "quit":
            self.close()
            QApplication.quit()
            return True
        elif not self._command_layout(name):
            return False
        self._soon.start()
        return True

    def _command_layout(self, name: str) -> bool:
        verb, _, rest = name.partition(" ")
        if name.startswith("save layout "):
            self._name({**self._kept.named, name.removeprefix("save layout "): self.layout()})
        elif name.startswith("forget layout "):
            gone = name.removeprefix("forget layout ")
            self._name({key: each for key, each in self._kept.named.items() if key != gone})
        elif verb == "layout" and rest in self._kept.named:
            self._switch(self._kept.named[rest])
        else:
            return False
        return True

    def _command_horn(self, window: Window, horn: StationHorn, verb: str, rest: str) -> None:
        if verb == "silence":
            horn.silence()
        elif rest.isdecimal():
            horn.set_volume(int(rest))
            self._kept = msgspec.structs.replace(self._kept, volume=int(rest))
        elif not any(each.isVisible() for each in window.findChildren(HornSheet)):
            sheet = HornSheet(self._look, horn, window.faceplate.parentWidget() or window)
            sheet.volume.connect(lambda percent: window.command(f"horn {percent}"))
            sheet.open()

    def _show_horn(self) -> None:
        if self.horn is not None:
            for window in self.windows:
                window.set_horn(self.horn.shown, self._feed.now_us())

    def _name(self, named: dict[str, Layout]) -> None:
        self._kept = msgspec.structs.replace(self._kept, named=named)
        for window in self.windows:
            window.set_layouts(tuple(named))

    def _switch(self, wanted: Layout) -> None:
        before, self.windows = self.windows, []
        self._restore(wanted.windows)
        if not self.windows:
            self._first()
        self._dim(wanted.brightness)
        self._set_theme(wanted.theme)
        # The new ones first: with none left Qt would end the application.
        for window in before:
            window.gone.disconnect()
            window.close()
            window.deleteLater()

    def _dim(self, percent: int) -> None:
        self._brightness = percent
        for window in self.windows:
            window.dim(percent)

    def _set_theme(self, name: str) -> None:
        self._theme = name
        wanted = theme.load_theme(self._theme_now() if name == theme.AUTO else name)
        if wanted == self._look and self.windows:
            return
        self._look = wanted
        theme.change_theme(wanted, self.windows)
        for window in self.windows:
            for sheet in window.findChildren(HornSheet):
                sheet.set_theme(wanted)

    def _theme_now(self) -> str:
        plant = self._model.plant if self._model is not None else self._plant
        return theme.by_hour(formats.local(self._feed.now_us(), plant.timezone).hour)

    # The layout

    def layout(self) -> Layout:
        """All windows as they are now."""
        windows = tuple(kept(window) for window in self.windows)
        return Layout(windows, self._theme, self._brightness)

    def _look_around(self) -> None:
        if self._theme == theme.AUTO:
            self._set_theme(theme.AUTO)
        if any(window.is_seen for window in self.windows):
            self._keep()

    def _keep(self) -> None:
        """Write the layout if it differs, in a thread: a slow disk must not be felt."""
        if self._file is None or not self.windows:
            return
        if self._writing is not None and self._writing.is_alive():
            self._soon.start()
            return
        self._kept = msgspec.structs.replace(self._kept, last=self.layout())
        content = msgspec.json.encode(self._kept)
        if content != self._written:
            self._written = content
            self._writing = threading.Thread(target=layout.save, args=(self._file, content), name="layout")
            self._writing.start()

    def close(self) -> None:
        """Keep the layout as it is and end; every window is closed, and comes back at the next start."""
        self._soon.stop()
        self._clock.stop()
        if self.horn is not None:
            self.horn.close()
        self._is_closing = True
        for keep in (False, True):
            if keep:
                self._keep()
            if self._writing is not None:
                self._writing.join()
        for window in self.windows:
            window.close()
            window.deleteLater()
        self.windows = []

    # What the bridge calls

    def set_plant(self, project: Project) -> None:
        """A new list of live tags; its model is made once for all windows."""
        self._model = build(project)
        for window in self.windows:
            window.set_model(self._model)
        if self.horn is not None:
            self.horn.set_model(self._model)
            self._show_horn()
        if self._theme == theme.AUTO:
            self._set_theme(theme.AUTO)

    def set_sources(self, sources: Sequence[SourceStatus]) -> None:
        """The state of the links."""
        self._sources = tuple(sources)
        for window in self.windows:
            window.set_sources(sources)

    def set_engine(self, status: EngineStatus) -> None:
        """The engine's own figures."""
        self._engine = status
        for window in self.windows:
            window.set_engine(status)

    def set_alarms(self, alarms: Sequence[Alarm]) -> None:
        """Active and lately returned alarms."""
        self._alarms = tuple(alarms)
        for window in self.windows:
            window.set_alarms(alarms)

    def set_alarm_book(self, book: AlarmBook) -> None:
        """Every alarm that is not normal; one book for all windows."""
        self._book = book
        if self.horn is not None:
            self.horn.set_book(book)
        for window in self.windows:
            window.set_alarm_book(book)

    def set_who(self, known: Who) -> None:
        """The person of this station: windows show another name, and that is all that happens to them."""
        before, self._who = self._who.session, known
        if known.session is not None and (before is None or before.id != known.session.id):
            self.hands.forget()
        for window in self.windows:
            window.set_who(known)
        if not self._is_greeted and known.is_known and self.windows:
            self._is_greeted = not known.is_new
            if known.session is None and any(face.is_demo for face in known.faces):
                self.windows[0].command("log in")

    def set_control(self, book: ControlBook) -> None:
        """Stage, writes and work in progress; one book for all windows."""
        self._control = book
        for window in self.windows:
            window.set_control(book)

    def set_outlooks(self, book: OutlookBook) -> None:
        """What is foreseen; one book for all windows."""
        self._outlooks = book
        for window in self.windows:
            window.set_outlooks(book)

    def _touched(self) -> None:
        if self._who.session is not None and not self._who.is_locked and self._stalled is None:
            self._feed.submit("touch", {}, lambda _: None, lambda _: None)

    def set_kpis(self, kpis: Sequence[Kpi]) -> None:
        """The plant's figures."""
        self._kpis = tuple(kpis)
        for window in self.windows:
            window.set_kpis(kpis)

    def set_history(self, status: HistoryStatus) -> None:
        """How the stored past does."""
        self._history = status
        for window in self.windows:
            window.set_history(status)

    def set_stalled(self, text: str | None) -> None:
        """Why the engine is silent; None = it answers."""
        self._stalled = text
        for window in self.windows:
            window.set_stalled(text)

    def on_numbers(self, snapshot: Snapshot) -> None:
        """One snapshot for all windows."""
        for window in self.windows:
            window.on_numbers(snapshot)

    def on_trends(self, now_us: int) -> None:
        """One frame of the trends of all windows."""
        for window in self.windows:
            window.on_trends(now_us)

    def wants(self) -> set[Want]:
        """What any window can show now."""
        return set().union(*(window.wants() for window in self.windows))
