"""How wide the columns of an alarm list are, and which give way where the room is small."""

from __future__ import annotations

from collections.abc import Sequence

from hmi.formats import t
from hmi.theme import Theme
from hmi.widgets.text_paint import width_of

LEAST_PX = {"where": 120, "message": 200, "now": 130, "state": 130, "why": 110, "who": 80}
SHARE = {"where": 2, "message": 5, "now": 2, "state": 4, "why": 3, "who": 1}
PAD_PX, NARROW_MESSAGE_PX = 20, 90


def widths(columns: Sequence[str], room_px: int, theme: Theme) -> dict[str, int]:
    """Width of every column that there is room for, by its name.

    What gives way: the long words of a shelf, the value at the alarm, the long words of a state, who, and in
    the lists of what was set aside the state itself, then the place. The detail shows all of it all the same.
    """
    shown, fixed = list(columns), _fixed(theme)
    until = _wide(theme, t("3 h 20 min, to 14:14"))
    for way in (
        "",
        "until",
        "at",
        "words",
        "who",
        "state" if "why" in shown else "",
        "where",
        "message",
        "state",
    ):
        if way == "until":
            fixed["until"] = until
        elif way == "words":
            del fixed["state"]
        elif way == "message":
            fixed["message"] = NARROW_MESSAGE_PX
        elif way in shown:
            shown.remove(way)
        taken = sum(fixed.get(each, 0) or LEAST_PX[each] for each in shown)
        if taken <= room_px:
            break
    rest = max(0, room_px - taken)
    total = sum(SHARE[each] for each in shown if each not in fixed)
    made = {
        each: fixed.get(each, 0) or LEAST_PX[each] + rest * SHARE[each] // max(1, total) for each in shown
    }
    made["message"] += max(0, room_px - sum(made.values()))
    return made


def _fixed(theme: Theme) -> dict[str, int]:
    return {
        "badge": 48,
        "time": _wide(theme, "22 Nov 22:22"),
        "until": _wide(theme, t("14 h 14 min, to Wed 22 Nov 14:14")),
        "at": _wide(theme, "1 999.99 mm/s"),
        "state": _wide(theme, t("returned 22:22, not acknowledged")),
        "act": round(width_of(theme, t("Acknowledge"), theme.size.body, True)) + 30,
        "menu": theme.size.target + 6,
    }


def _wide(theme: Theme, text: str) -> int:
    return round(width_of(theme, text, theme.size.body)) + PAD_PX
