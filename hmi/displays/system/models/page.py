"""The page of models: versions and their records, and the warnings they gave."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from engine.types import Action
from hmi.displays.feed import Feed
from hmi.displays.system.models import state as models
from hmi.displays.system.models import warning_words
from hmi.displays.system.models.acts import Acts
from hmi.displays.system.models.asking import Asking
from hmi.displays.system.models.classes_tab import ClassesTab
from hmi.displays.system.models.list_tab import ListTab
from hmi.displays.system.models.warnings_tab import WarningsTab
from hmi.displays.system.state import Row
from hmi.formats import t
from hmi.model import Model
from hmi.theme import Theme
from hmi.who import NOBODY, Who
from hmi.widgets.choice import Choice
from hmi.widgets.labels import ShortWords, Words, heading

NEWS_MS = 5000


class ModelsPage(QFrame):
    """Asks only while it can be seen. ``told`` = its line beside the sources may say something else.

    ``opened`` = the asset of a warning is to be shown.
    """

    told = Signal()
    opened = Signal(str)

    def __init__(self, theme: Theme, feed: Feed, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("look", "panel")
        self._feed, self._model, self._who = feed, Model(), NOBODY
        self._is_stalled, self._is_past = False, False
        self.asking = Asking(feed, self._show)
        self.summary = ShortWords(theme, step="small", look="muted")
        self.news, self.said = Words(theme, step="small", bold=True), Words(theme, step="body")
        self.waits = Words(theme, step="body", look="muted")
        for words in (self.news, self.said, self.waits):
            words.setWordWrap(True)
        self.tabs = Choice(
            None,
            (
                ("models", t("Models"), t("Every version, its card and its record here")),
                ("warnings", t("Warnings"), t("What was warned of: the maintenance list")),
                ("classes", t("Classes"), t("What there is to learn from, class by class")),
            ),
            self,
        )
        self.list, self.warnings = ListTab(theme, self), WarningsTab(theme, self)
        self.classes = ClassesTab(theme, self)
        self.acts = Acts(theme, feed, self.asking, self, self.say, self._show_work)
        self.timer = QTimer(self)
        self.timer.setInterval(NEWS_MS)
        self._lay_out(theme)
        self._connect()
        self._show()

    def _lay_out(self, theme: Theme) -> None:
        title = QHBoxLayout()
        title.setSpacing(10)
        title.addWidget(heading(theme, t("Models")))
        title.addWidget(self.summary, 1)
        title.addWidget(self.tabs)
        self.stack = QStackedWidget(self)
        for part in (self.list, self.warnings, self.classes):
            self.stack.addWidget(part)
        box = QVBoxLayout(self)
        box.setContentsMargins(16, 8, 10, 12)
        box.setSpacing(8)
        box.addLayout(title)
        for part in (self.news, self.said, self.waits):
            box.addWidget(part)
        box.addWidget(self.stack, 1)
        box.addStretch(0)

    def _connect(self) -> None:
        self.tabs.chosen.connect(self.turn)
        self.list.acted.connect(self._act)
        self.list.stopped.connect(self.acts.job.cancel)
        self.warnings.judged.connect(self._judge)
        self.warnings.opened.connect(self.opened)
        self.classes.trained.connect(self._train)
        self.timer.timeout.connect(self._ask)

    # What the view calls

    def set_plant(self, model: Model) -> None:
        """Another plant, or another engine."""
        self._model = model
        self._forget()

    def set_who(self, known: Who) -> None:
        """Another person: what was begun was begun by somebody else."""
        before, self._who = self._who, known
        if before.session != known.session:
            self.acts.leave()
            self.say("")
        self._show()

    def set_past(self, is_past: bool) -> None:
        """In replay the models are still those of now, and nothing is changed."""
        if is_past != self._is_past:
            self._is_past = is_past
            self.acts.close()
            self._show()

    def set_stalled(self, stalled: bool) -> None:
        """True: the engine is silent; what has come stays, and is marked as not current."""
        if stalled != self._is_stalled:
            self._is_stalled = stalled
            self._ask()
            self._show()

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens; words and tables are told by the view."""
        self.list.set_theme(theme)
        self.acts.set_theme(theme)

    def row(self, is_stalled: bool) -> Row:
        """The line beside the sources."""
        return models.row(self.asking.known, self.asking.warned, is_stalled)

    def say(self, words: str) -> None:
        """What was done, or why it was not."""
        self.said.show_text(words)
        self.said.setVisible(bool(words))

    def turn(self, tab: str) -> None:
        """Another part of the page: "models", "warnings" or "classes"."""
        self.tabs.pick(tab)
        self.stack.setCurrentWidget({"warnings": self.warnings, "classes": self.classes}.get(tab, self.list))

    # Inside

    def why_not(self, action: Action = "configure") -> str:
        """Why this person cannot do that here now, "" = they can."""
        if self._is_stalled:
            return t("The engine does not answer: nothing can be changed now.")
        if self._is_past:
            return t("This is a replay: these are the models of now, and nothing is changed here.")
        return "" if self._who.is_known and self._who.is_new else self._who.why_not(action)

    def _forget(self) -> None:
        self.asking.forget()
        self.acts.leave()
        self.say("")
        self._ask()
        self._show()

    def _ask(self) -> None:
        if self.isVisible() and not self._is_stalled and not self.window().isMinimized():
            self.asking.ask()

    def _act(self, act: str, name: str, asset: str) -> None:
        model = models.model_of(self.asking.known, name)
        if self.why_not():
            return
        if act == "import":
            self.acts.ask_folder()
        elif model is not None and act == "retrain":
            self.acts.retrain(model.card.asset_class)
        elif model is not None:
            what, _, window = act.partition(" ")
            self.acts.change(what, model, asset, window)

    def _train(self, asset_class: str) -> None:
        if not self.why_not():
            self.turn("models")
            self.acts.retrain(asset_class)

    def _show_work(self, part: float | None) -> None:
        self.list.show_work(part)
        self._show()

    def _judge(self, number: int, is_right: bool) -> None:
        warned = self.asking.warned
        episode = next((e for e in warned.episodes if e.id == number), None) if warned is not None else None
        if episode is not None and not self.why_not("annotate"):
            told = warning_words.told(episode, self._feed.now_us(), self._model.plant.timezone)
            self.acts.judge(episode, is_right, told)

    def _show(self) -> None:
        known, warned = self.asking.known, self.asking.warned
        self.summary.show_text(models.summary(known, warned))
        self._show_news()
        waits = self.asking.trouble or t("Waiting for the engine to tell.")
        self.waits.show_text(waits)
        self.waits.setVisible(known is None or bool(self.asking.trouble))
        for part in (self.stack, self.tabs):
            part.setVisible(known is not None)
        if known is not None:
            plant = self._model.plant
            place = self._feed.now_us(), plant.timezone, plant.locale
            self.list.show_known(known, place, self.why_not())
            self.classes.show_known(known, self.why_not(), self.list.is_busy)
            episodes = () if warned is None else warned.episodes
            self.warnings.show_warnings(episodes, place, self.why_not("annotate"))
        self.told.emit()

    def _show_news(self) -> None:
        known, news = self.asking.known, self.why_not()
        if self._is_stalled:
            news = t("NOT CURRENT: the engine does not answer, and nothing can be changed.")
        elif news and not self._is_past:
            news = t("You see this and change nothing: {why}", why=news)
        elif known is not None and known.text:
            news = known.text
        self.news.set_bold(bool(self.why_not()))
        self.news.show_text(news)
        self.news.setVisible(bool(news) and known is not None)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.timer.start()
        self._ask()
        self._show()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.timer.stop()
