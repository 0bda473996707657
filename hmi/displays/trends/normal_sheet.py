"""Marking a stretch of time as normal for an asset: which one, why, and what was learned from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget

from engine.typed import convert
from hmi import formats
from hmi.author import author
from hmi.formats import t
from hmi.model import Model, ancestors, asset_of, unit_of
from hmi.pens import Pen
from hmi.theme import Theme
from hmi.widgets.choice import Choice
from hmi.widgets.labels import Words
from hmi.widgets.sheet import Sheet
from hmi.widgets.trend_selection import Stretch

SHEET_PX, MOST_ASSETS, LONGEST = 680, 3, 500
Wanted = Callable[[str, bool, str], None]
"""Path of the asset, whether to forget its normal, and why."""


class Learned(msgspec.Struct, frozen=True):
    """Result of the job ``normal`` (`engine.wire.prediction.NormalAnswer`)."""

    asset: str
    rows: int
    tags: tuple[str, ...]
    left_out: tuple[str, ...] = ()


def assets(model: Model, pen: Pen) -> tuple[str, ...]:
    """The asset of a pen and those above it up to its unit, nearest first."""
    own, unit = asset_of(model, pen.path), unit_of(model, pen.path)
    if own is None or not own.path:
        return ()
    line = [own.path, *(each for each in ancestors(own.path) if unit and each.startswith(unit.path))]
    return tuple(line if len(line) <= MOST_ASSETS else [*line[: MOST_ASSETS - 1], line[-1]])


def body(asset: str, stretch: Stretch, is_forgotten: bool, reason: str) -> dict[str, Any]:
    """What the job ``normal`` is asked; no length of time forgets."""
    start_us, end_us = stretch
    return {
        "asset": asset,
        "start_us": start_us,
        "end_us": start_us if is_forgotten else end_us,
        "by": author(),
        "reason": reason,
    }


def learned(result: Mapping[str, Any], is_forgotten: bool, locale: str) -> str:
    """What became of it."""
    try:
        found = convert(result, Learned)
    except msgspec.ValidationError:
        return t("The engine told the result in a way we do not know; is it of another version?")
    if is_forgotten:
        return t("{asset}: what was normal is forgotten. Limits watch it on.", asset=found.asset)
    count = len(found.tags)
    said = t(
        "{asset} is watched against this normal from now on: {n} rows of {tags}.",
        asset=found.asset, n=formats.number(found.rows, 0, locale),
        tags=t("1 tag") if count == 1 else t("{n} tags", n=count),
    )  # fmt: skip
    if found.left_out:
        out = ", ".join(found.left_out)
        said += "\n" + t("Left out, because they hardly moved or were away: {tags}.", tags=out)
    return said


class NormalSheet(Sheet):
    """Nothing is done without a reason: it goes on record with the name."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, t("Mark as normal"), SHEET_PX, parent)
        self._do: Wanted = lambda *_: None
        self._assets: tuple[str, ...] = ()
        self.about = Words(theme, "", "small", look="muted")
        self.said = Words(
            theme,
            t(
                "Choose a day or more in which all was well, with every usual load. The asset is told "
                "apart from it as “not as it normally is”: no claim that it will fail."
            ),
            "body",
        )
        self.said.setWordWrap(True)
        self.of = Choice(
            Words(theme, t("Of"), "body"),
            tuple((str(place), str(place), t("All measured tags below it")) for place in range(MOST_ASSETS)),
            self,
        )
        self.reason = QLineEdit(self)
        self.reason.setMaxLength(LONGEST)
        self.reason.setPlaceholderText(t("Why is it normal? It goes on record"))
        self.reason.setAccessibleName(t("Reason"))
        self.forget = QPushButton(t("Forget its normal"), self)
        self.mark = QPushButton(t("Mark as normal"), self)
        for part in (self.about, self.said, self.of, self.reason):
            self.body.addWidget(part)
        for button in (self.forget, self.mark):
            self.foot.addWidget(button)
        self.reason.textChanged.connect(self._check)
        self.reason.returnPressed.connect(self.mark.click)
        self.mark.clicked.connect(lambda: self._agree(False))
        self.forget.clicked.connect(lambda: self._agree(True))

    def ask(self, about: str, found: tuple[str, ...], do: Wanted) -> None:
        """Open for a stretch and one of these assets, by path."""
        self._do, self._assets = do, found
        self.about.show_text(t("{when} · by {author}", when=about, author=author()))
        for place, button in enumerate(self.of.buttons.values()):
            button.setVisible(place < len(found))
            if place < len(found):
                button.setText(found[place].rpartition("/")[2])
                button.setToolTip(found[place])
        self.of.pick("0")
        self.reason.clear()
        self._check()
        self.open()
        self.reason.setFocus()

    def _check(self) -> None:
        for button in (self.mark, self.forget):
            button.setEnabled(bool(self.reason.text().strip()))

    def _agree(self, is_forgotten: bool) -> None:
        reason = " ".join(self.reason.text().split())
        if reason:
            asset = self._assets[int(self.of.picked)]
            self.leave()
            self._do(asset, is_forgotten, reason)
