"""What a person does with models: each act is told before, needs a reason, and is refused in words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFileDialog, QWidget

from engine.types import Episode, ModelState
from hmi.author import author
from hmi.displays.feed import Feed
from hmi.displays.job import Job
from hmi.displays.system.ledger.sheets import ReasonSheet
from hmi.displays.system.models import state as models
from hmi.displays.system.models.asking import Asking
from hmi.displays.system.models.state import Known, Trained
from hmi.formats import sentence, t
from hmi.shell.verdict_sheet import VerdictSheet, open_verdict
from hmi.theme import Theme

TRIAL = "trial"
"""The reason of a trial: nothing of it goes on record."""
WHAT = {
    "promote": (
        "Promote {model}",
        "{model} becomes champion for {place}: from then on it alone warns. A champion that there is now "
        "retires, and comes back by Roll back. Nothing speaks against it.",
        "Promote",
    ),
    "shadow": (
        "Put {model} into shadow",
        "{model} runs on and is recorded, and warns nobody. Where it was champion, nothing warns of {place} "
        "until another one is promoted.",
        "Into shadow",
    ),
    "retire": (
        "Retire {model}",
        "{model} does not run any more. Its record stays. Where it was champion, nothing warns of {place} "
        "until another one is promoted.",
        "Retire",
    ),
    "rollback": (
        "Roll back for {place}",
        "The champion before the last promotion comes back for {place}; the one of now goes on in shadow.",
        "Roll back",
    ),
    "baseline": (
        "Take the baseline of {asset} back",
        "Its inputs are held against the model's own normal again, not against what was learned of the last "
        "days at {asset}.",
        "Take back",
    ),
    "follow": (
        "Follow the normal of {asset} over {window}",
        "Its inputs are held against what was normal at {asset} over the last {window}, learned while all is "
        "well there. The shorter it is, the sooner a slow change counts as normal.",
        "Follow",
    ),
}
SPANS = {"": "", "14d": "14 days", "72h": "72 h"}


class Acts:
    """``said`` gets words of what became of it; ``progress`` how far a training is, None = none."""

    def __init__(
        self,
        theme: Theme,
        feed: Feed,
        asking: Asking,
        page: QWidget,
        said: Callable[[str], None],
        progress: Callable[[float | None], None],
    ) -> None:
        self._theme, self._feed = theme, feed
        self._asking, self._page, self._said, self._progress = asking, page, said, progress
        self.sheet = ReasonSheet(theme, page)
        self.verdict: VerdictSheet | None = None
        self.job = Job(feed, page)

    def leave(self) -> None:
        """Another engine or person: nobody waits for what was begun."""
        self.job.drop()
        self._progress(None)
        self.close()

    def close(self) -> None:
        """Close what is open: nothing is changed now."""
        # One that is behind another page is not visible, and would come back with it.
        self.sheet.hide()
        self.sheet.shade.hide()
        if self.verdict is not None:
            self.verdict.hide()
            self.verdict.left.emit()

    def set_theme(self, theme: Theme) -> None:
        """Draw with other tokens."""
        self._theme = theme
        self.sheet.set_theme(theme)
        if self.verdict is not None:
            self.verdict.set_theme(theme)

    # The registry

    def change(self, what: str, model: ModelState, asset: str = "", window: str = "") -> None:
        """Have an act on a version tried; ask for the reason where it can be done, then have it done.

        ``window`` = how far back "follow" looks: "14d" or "72h".
        """
        title, told, act = WHAT[what]
        names = {"model": models.key(model), "place": model.card.asset_class, "asset": asset}
        names["window"] = t(SPANS[window])
        body = {
            "what": "baseline" if what == "follow" else what,
            "id": model.card.id,
            "version": model.card.version,
        }
        body |= {"asset": asset, "window": window}

        def tried(after: Known) -> None:
            lines = t(told, **names), sentence(after.text)
            self._ask(t(title, **names), "\n".join(line for line in lines if line), t(act), body)

        def refused(why: str) -> None:
            if what == "promote":
                self._against_the_rule(model, body, why)
            else:
                self._refused(why)

        self._try(body, tried, refused)

    def _against_the_rule(self, model: ModelState, body: dict[str, Any], why: str) -> None:
        """A promotion that the rule refuses can be overridden, if nothing else is in its way."""
        body = {**body, "is_override": True}

        def tried(_: Known) -> None:
            told = t("What speaks against it goes on record with your reason.")
            title = t("Promote {model} against the rule", model=models.key(model))
            self._ask(title, f"{sentence(why)}\n{told}", t("Promote against the rule"), body)

        self._try(body, tried, lambda _: self._refused(why))

    def _try(
        self, body: dict[str, Any], tried: Callable[[Known], None], refused: Callable[[str], None]
    ) -> None:
        self._asking.change({**body, "reason": TRIAL, "is_trial": True}, tried, refused)

    def ask_folder(self) -> None:
        """Which package."""
        asking = QFileDialog(self._page, t("Import a model"), str(Path.home()))
        asking.setFileMode(QFileDialog.FileMode.Directory)
        asking.setOption(QFileDialog.Option.ShowDirsOnly)
        # Our own look: a native one would be white at night.
        asking.setOption(QFileDialog.Option.DontUseNativeDialog)
        asking.fileSelected.connect(lambda chosen: self.bring_in(Path(chosen)))
        asking.finished.connect(asking.deleteLater)
        asking.open()

    def bring_in(self, folder: Path) -> None:
        """Have a package tried; what it would do is shown, or why it cannot be used."""
        before = self._asking.known
        if before is None:
            return
        body = {"what": "import", "id": "", "folder": str(folder)}
        self._said(t("Checking {folder}…", folder=folder.name))

        def tried(after: Known) -> None:
            self._said("")
            lines = (sentence(after.text), *models.changed(before, after))
            told = "\n".join(line for line in lines if line)
            told = told or t("The package passes every check.")
            self._ask(t("Import {folder}", folder=folder.name), told, t("Import"), body)

        self._try(body, tried, self._refused)

    def _ask(self, title: str, told: str, act: str, body: dict[str, Any]) -> None:
        before = self._asking.known

        def do(reason: str) -> None:
            self._asking.change({**body, "reason": reason}, done, self.sheet.refuse)

        def done(after: Known) -> None:
            self.sheet.leave()
            moved = () if before is None else models.changed(before, after)
            self._said(" ".join((*moved, t("Done, and on record."))))

        self.sheet.ask(title, told, act, do)

    def _refused(self, why: str) -> None:
        self._said(t("Nothing was changed. {why}", why=sentence(why)))

    # Retraining

    def retrain(self, place: str) -> None:
        """Make a challenger for a class of assets from the plant's own history."""
        self._said(t("A model for {place} is trained from this plant's own history…", place=place))
        self._progress(0.0)

        def done(result: Any) -> None:
            self._progress(None)
            made = models.read(result, Trained)
            if made is None:
                self._said(t("The engine told the result in a way we do not know; is it of another version?"))
            else:
                words = t(
                    "{model} is here, from {n} failures.", model=f"{made.id} {made.version}", n=made.failures
                )
                self._said(f"{words} {sentence(made.text)}")
            self._asking.ask()

        def ended(why: str) -> None:
            self._progress(None)
            self._said(t("Nothing was trained. {why}", why=why))

        self.job.start("retrain", {"asset_class": place, "by": author()}, self._progress, done, ended)

    # Warnings

    def judge(self, episode: Episode, is_right: bool, told: str) -> None:
        """Ask why a warning was right or wrong, then put it on record."""

        def done(found: Episode) -> None:
            self._said(t("On record."))
            self._asking.judged(found)

        def left() -> None:
            self.verdict = None

        self.verdict = open_verdict(self._theme, self._feed, episode.id, told, is_right, done, self._page)
        self.verdict.left.connect(left)
