"""The tokens of a theme file, and what Qt makes of them: palette, fonts, one style sheet."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol, cast

import msgspec
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from engine.paths import resources
from engine.typed import convert

NAMES = ("light", "dark", "sunlight")
"""The themes in the order in which the theme key steps through them."""

AUTO = "auto"
"""Not a theme but a rule: day or night by the plant's clock."""
DAY_HOURS = (6, 20)
TIGHT_FROM_PX = 22


class Colours(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Colours as #RRGGBB; what each is for stands in resources/themes/light.toml."""

    background: str
    panel: str
    rail: str
    tile: str
    line: str
    grid: str
    control: str
    bar: str
    equipment: str
    outline: str
    text: str
    muted: str
    live: str
    setpoint: str
    prediction: str
    band: str
    hatch: str
    selected: str
    stalled: str
    stalled_text: str
    urgent: str


class Sizes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Sizes in px at 96 dpi."""

    small: int
    body: int
    title: int
    value: int
    big_value: int
    target: int
    top_bar: int
    rail: int
    alarm_line: int
    radius: int
    gap: int


class FontFace(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The type face of all text."""

    family: str


class Theme(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One look of the whole window."""

    name: str
    title: str
    dark: bool
    pens: tuple[str, ...]
    alarms: tuple[str, str, str, str]
    colour: Colours
    font: FontFace
    size: Sizes


TEXT_PAIRS: tuple[tuple[str, str], ...] = (
    *(("text", ground) for ground in ("background", "panel", "rail", "tile", "control", "selected", "bar")),
    *(("muted", ground) for ground in ("background", "panel", "rail", "tile", "control", "selected")),
    *(("live", ground) for ground in ("panel", "tile", "selected", "urgent")),
    *((ink, "urgent") for ink in ("text", "muted")),
    ("prediction", "panel"),
    *(("setpoint", ground) for ground in ("panel", "tile")),
    ("stalled_text", "stalled"),
)
"""Every text colour and what it is drawn on; a test holds each pair to a contrast of 4.5 to 1."""


_STYLED = "watchroom style"


@lru_cache(maxsize=len(NAMES))
def load_theme(name: str) -> Theme:
    """Read resources/themes/NAME.toml. Raises: FileNotFoundError, msgspec.ValidationError."""
    path = resources() / "themes" / f"{name}.toml"
    return convert(msgspec.toml.decode(path.read_bytes()), Theme)


def next_name(name: str) -> str:
    """The theme after this one, round and round."""
    return NAMES[(NAMES.index(name) + 1) % len(NAMES)]


def by_hour(hour: int) -> str:
    """The theme of an hour of the plant's day, when they follow the clock."""
    return NAMES[0] if DAY_HOURS[0] <= hour < DAY_HOURS[1] else NAMES[1]


def scaled(theme: Theme, factor: float) -> Theme:
    """The same theme with every size times ``factor`` (larger type, gloves)."""
    sizes = {name: round(getattr(theme.size, name) * factor) for name in Sizes.__struct_fields__}
    return msgspec.structs.replace(theme, size=Sizes(**sizes))


def load_fonts() -> tuple[str, ...]:
    """Register the bundled fonts and give the families found; needs a QApplication."""
    found: list[str] = []
    for path in sorted((resources() / "fonts").glob("*.otf")):
        found += QFontDatabase.applicationFontFamilies(QFontDatabase.addApplicationFont(str(path)))
    return tuple(found)


@lru_cache(maxsize=256)
def font(theme: Theme, px: int, bold: bool = False) -> QFont:
    """The face at ``px`` pixels with tabular figures, so that digits do not dance."""
    made = QFont(theme.font.family)
    made.setPixelSize(max(1, px))
    made.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    made.setFeature(QFont.Tag("tnum"), 1)
    if px >= TIGHT_FROM_PX:
        # Tabular figures stand far apart when large; the designer of Inter tightens type of this size.
        made.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 97)
    return made


@lru_cache(maxsize=256)
def colour(text: str, alpha: int = 255) -> QColor:
    """A token as QColor."""
    made = QColor(text)
    made.setAlpha(alpha)
    return made


def palette(theme: Theme) -> QPalette:
    """The tokens as a QPalette, for all that the style sheet does not reach."""
    roles, tokens = QPalette.ColorRole, theme.colour
    made = QPalette()
    for role, token in (
        (roles.Window, tokens.background),
        (roles.WindowText, tokens.text),
        (roles.Base, tokens.panel),
        (roles.AlternateBase, tokens.tile),
        (roles.Text, tokens.text),
        (roles.PlaceholderText, tokens.muted),
        (roles.Button, tokens.control),
        (roles.ButtonText, tokens.text),
        (roles.ToolTipBase, tokens.panel),
        (roles.ToolTipText, tokens.text),
        (roles.Highlight, tokens.selected),
        (roles.HighlightedText, tokens.text),
        (roles.Link, tokens.prediction),
        (roles.Mid, tokens.line),
        (roles.Dark, tokens.outline),
        (roles.Light, tokens.panel),
    ):
        made.setColor(role, QColor(token))
    return made


def apply_theme(app: QApplication, theme: Theme) -> None:
    """Give the whole application this look, at once: no window shows the old one for a frame."""
    # A style that is replaced dies under living widgets; once a style sheet is set, its name cannot be asked.
    if not app.property(_STYLED):
        app.setStyle(QStyleFactory.create("Fusion"))
        app.setProperty(_STYLED, True)
    app.setPalette(palette(theme))
    app.setFont(font(theme, theme.size.body))
    app.setStyleSheet(style_sheet(theme))


class Dressed(Protocol):
    """A window that draws with tokens of its own besides the style sheet."""

    def dress(self, theme: Theme) -> None: ...
    def setUpdatesEnabled(self, enable: bool, /) -> None: ...  # noqa: N802


def change_theme(theme: Theme, windows: Sequence[Dressed]) -> None:
    """Give the application and its open windows another look.

    With one repaint at the end: between two style sheets nothing half dressed may reach the screen.
    """
    for window in windows:
        window.setUpdatesEnabled(False)
    apply_theme(cast("QApplication", QApplication.instance()), theme)
    for window in windows:
        window.dress(theme)
        window.setUpdatesEnabled(True)


def style_sheet(theme: Theme) -> str:
    """The one style sheet. Widgets choose a rule by the dynamic property ``look``."""
    tokens = {name: getattr(theme.colour, name) for name in Colours.__struct_fields__}
    sizes = {f"px_{name}": getattr(theme.size, name) for name in Sizes.__struct_fields__}
    return _SHEET.format(**tokens, **sizes)


_SHEET = """
QMainWindow, QDialog {{ background: {background}; }}
QToolTip {{ background: {panel}; color: {text}; border: 1px solid {outline}; padding: 4px; }}
QFrame[look="panel"] {{ background: {panel}; border: 1px solid {line}; border-radius: {px_radius}px; }}
QFrame[look="popup"] {{ background: {panel}; border: 1px solid {outline}; border-radius: {px_radius}px; }}
QFrame[look="block"] {{ background: {tile}; border: 1px solid {line}; border-radius: {px_radius}px; }}
QFrame[look="to do"] {{ background: {tile}; border: 1px solid {outline}; border-radius: {px_radius}px; }}
QScrollArea[look="page"], QFrame[look="page"] {{ background: {background}; border: 0; }}
QFrame[look="list"], QScrollArea {{ background: {panel}; border: 0; }}
QFrame[look="bar"] {{ background: {rail}; border: 0; border-bottom: 1px solid {line}; }}
QFrame[look="rail"] {{ background: {rail}; border: 0; border-right: 1px solid {line}; }}
QFrame[look="drawer"] {{ background: {panel}; border: 2px solid {outline}; border-radius: {px_radius}px; }}
QFrame[look="alarm line"] {{ background: {rail}; border: 0; border-top: 1px solid {outline}; }}
QFrame[look="stalled"] {{ background: {stalled}; border: 0; }}
QFrame[look="stalled"] QLabel {{ color: {stalled_text}; }}
QFrame[look="rule"] {{ background: {line}; border: 0; }}
QLabel {{ background: transparent; }}
QLabel[look="muted"] {{ color: {muted}; }}
QLabel[look="live"] {{ color: {live}; }}
QLabel[look="setpoint"] {{ color: {setpoint}; }}
QLabel[look="prediction"] {{ color: {prediction}; }}
QLabel[look="badge"] {{ background: {control}; color: {text}; border: 1px solid {outline};
    border-radius: {px_radius}px; padding: 4px 12px; }}
QPushButton {{ background: {control}; color: {text}; border: 1px solid {outline};
    border-radius: {px_radius}px; padding: 0 12px; min-height: {px_target}px; min-width: {px_target}px;
    font-weight: 600; outline: 0; }}
QPushButton[look="close"] {{ padding: 0; }}
QPushButton[look="write"] {{ padding: 8px 12px; }}
QPushButton[look="clock"] {{ background: transparent; border: 0; padding: 0;
    min-height: 46px; min-width: 128px; }}
QPushButton:checked {{ background: {selected}; border: 2px solid {text}; }}
QPushButton:pressed {{ background: {equipment}; }}
QPushButton:disabled {{ background: transparent; color: {muted}; border: 1px solid {line}; }}
QPushButton:checked:disabled {{ background: {control}; border: 2px solid {line}; }}
QPushButton:focus, QPushButton[look="clock"]:focus, QLineEdit:focus {{ border: 2px solid {text}; }}
QLineEdit {{ background: {control}; color: {text}; border: 1px solid {outline};
    border-radius: {px_radius}px; padding: 0 10px; min-height: {px_target}px;
    selection-background-color: {selected}; selection-color: {text}; }}
QLineEdit:disabled {{ background: transparent; color: {muted}; border: 1px solid {line}; }}
QListView, QTextBrowser, QTableView {{ background: transparent; color: {text}; border: 0; outline: 0;
    selection-background-color: {selected}; selection-color: {text}; gridline-color: {grid}; }}
QTableView[look="old"] {{ color: {muted}; }}
QTableView::item {{ padding: 0 10px; }}
QListView[look="results"]::item {{ min-height: {px_target}px; padding: 0 8px; }}
QListView[look="results"]::item:selected {{ background: {selected}; color: {text}; }}
QMenu {{ background: {panel}; color: {text}; border: 1px solid {outline}; padding: 4px; }}
QMenu::item {{ min-height: {px_target}px; padding: 0 28px 0 14px; border-radius: {px_radius}px; }}
QMenu::item:selected {{ background: {selected}; color: {text}; }}
QMenu::item:disabled {{ color: {muted}; background: transparent; }}
QMenu::separator {{ height: 1px; background: {line}; margin: 4px 8px; }}
QMenu::indicator {{ width: 18px; height: 18px; margin-left: 8px; }}
QHeaderView::section {{ background: {tile}; color: {text}; border: 0; border-bottom: 1px solid {line};
    padding: 6px 13px; }}
QAbstractScrollArea::corner {{ background: transparent; border: 0; }}
QTableCornerButton::section {{ background: {tile}; border: 0; }}
QScrollBar:vertical {{ background: transparent; width: 14px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 14px; margin: 0; }}
QScrollBar::handle {{ background: {outline}; border-radius: 3px; margin: 4px;
    min-height: 36px; min-width: 36px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
"""
