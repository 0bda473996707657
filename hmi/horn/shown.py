"""What is shown of the horn, in words. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.types import Alarm
from hmi import alarms, formats
from hmi.formats import sentence, t
from hmi.model import Model


@dataclass(frozen=True, slots=True)
class Shown:
    """The horn as it is. ``trouble`` = why nothing can be heard, "" = it is well; ``volume`` in %.

    ``loud`` = unacknowledged alarms not silenced yet, ``worst`` = the worst of them; ``tested_us`` = its last
    test, UTC, 0 = not known of any; ``unheard`` = the priorities not heard then; ``is_known`` = the engine
    said when that was.
    """

    is_configured: bool = False
    trouble: str = ""
    volume: int = 100
    loud: int = 0
    silenced: int = 0
    worst: Alarm | None = None
    tested_us: int = 0
    unheard: tuple[int, ...] = ()
    is_due: bool = False
    is_known: bool = False

    @property
    def is_mute(self) -> bool:
        """Nobody hears it: it has to be seen."""
        return bool(self.trouble) or self.volume == 0

    @property
    def is_flashing(self) -> bool:
        """It should sound and cannot be heard."""
        return self.is_configured and self.is_mute and self.worst is not None


def chip(shown: Shown, model: Model) -> tuple[str, bool]:
    """The words beside the name of the chip, and whether all is well."""
    if not shown.is_configured:
        return t("none"), True
    if shown.is_flashing and shown.worst is not None:
        where = alarms.where(model, shown.worst)
        return t("{where}: {message}", where=where, message=alarms.message(shown.worst)), False
    if shown.trouble:
        return t("does not sound"), False
    if shown.volume == 0:
        return t("volume 0"), False
    if shown.unheard:
        return t("not heard at its test"), False
    if shown.loud:
        return t("sounds"), True
    if shown.silenced:
        return t("{n} silenced", n=shown.silenced), True
    return (t("test due") if shown.is_due else t("ready")), True


def lines(shown: Shown, model: Model, now_us: int) -> Sequence[str]:
    """All that is to be said of it, line by line."""
    if not shown.is_configured:
        return (t("This plant has no horn: alarms.toml says sound = false."),)
    said: list[str] = []
    if shown.trouble:
        said.append(t("It does not sound: {why}.", why=sentence(shown.trouble).rstrip(".")))
        said.append(
            t("To do: look at the loudspeaker and its cable. Until then alarms flash in the top bar.")
        )
    elif shown.volume == 0:
        said.append(t("It is turned down to 0: alarms are only shown, they flash in the top bar."))
    said.append(test_words(shown, model, now_us))
    if shown.loud:
        said.append(t("Not silenced: {n}.", n=shown.loud))
    if shown.silenced:
        said.append(t("Silenced and not acknowledged: {n}.", n=shown.silenced))
    return said


def test_words(shown: Shown, model: Model, now_us: int) -> str:
    """When it was tested, and whether that is due."""
    if not shown.is_known:
        return t("When it was last tested is not known yet.")
    when = formats.moment(shown.tested_us, now_us, model.plant.timezone)[:-3] if shown.tested_us else ""
    if shown.unheard:
        named = ", ".join(map(str, shown.unheard))
        return t("Tested {time}: priority {n} was not heard.", time=when, n=named)
    if not shown.is_due:
        return t("Tested {time}: all sounds were heard.", time=when)
    last = t("last {time}", time=when) if when else t("never so far")
    return t("Horn not tested this shift ({last}).", last=last)


def silence_words(shown: Shown) -> tuple[str, str]:
    """The word on the button, and the whole sentence for those who hear it."""
    if not shown.loud:
        return t("Silence"), t("Silence the horn: it is still")
    return t("Silence {n}", n=shown.loud), t("Silence the horn: {n} alarms not silenced", n=shown.loud)
