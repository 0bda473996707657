"""A figure of the plant (KPI) in words: value, target, deviation, and what stands behind it. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.types import Kpi, KpiRule
from hmi import formats, values
from hmi.formats import t
from hmi.values import Kind


@dataclass(frozen=True, slots=True)
class Figure:
    """The words of one figure. ``value`` is a dash where nothing trustworthy stands behind it.

    ``reason`` = the biggest cause of the deviation, or why there is no value; ``quality`` is empty
    while all is well.
    """

    id: str
    title: str
    value: str
    unit: str
    target: str
    deviation: str
    reason: str
    kind: Kind = "normal"
    quality: str = ""

    @property
    def spoken(self) -> str:
        """All of it, as it is read aloud."""
        parts = (f"{self.title} {self.value} {self.unit}".strip(), self.target, self.deviation, self.reason)
        return ", ".join(each for each in (*parts, self.quality) if each)


def figure_of(kpi: Kpi, locale: str) -> Figure:
    """A figure as the engine gives it. From bad inputs no number comes, whatever was counted."""
    kind = values.kind_of(kpi.status, 0.0 if kpi.age_s is None else kpi.age_s, False)
    target = "" if kpi.target is None else formats.number(kpi.target, _target_decimals(kpi), locale)
    known = kpi.value is not None and kind in ("normal", "stale", "uncertain")
    quality = "" if kind == "normal" else values.quality_text(kind, kpi.status, kpi.age_s or 0.0)
    made = Figure(
        id=kpi.id,
        title=kpi.title,
        value=formats.NO_VALUE,
        unit=kpi.unit,
        target=t("target {value}", value=target) if target else "",
        deviation="",
        reason=kpi.reason or quality or t("not known"),
        kind=kind if kpi.value is not None or kind != "normal" else "never",
        quality=quality,
    )
    if not known or kpi.value is None:
        return made
    value = formats.number(kpi.value, kpi.decimals, locale)
    return replace(made, value=value, deviation=_deviation(kpi, locale), reason=kpi.reason)


def awaited(rule: KpiRule) -> Figure:
    """A figure of kpi.toml that the engine has not worked out yet."""
    words = t("not worked out yet")
    return Figure(rule.id, rule.title or rule.id, formats.NO_VALUE, rule.unit, "", "", words, "never")


def as_silent(figure: Figure) -> Figure:
    """A figure as last known, while the engine is silent."""
    if figure.kind not in ("normal", "uncertain"):
        return figure
    return replace(figure, kind="stale", quality=t("stale · the engine is silent"))


def _deviation(kpi: Kpi, locale: str) -> str:
    if kpi.target is None or kpi.value is None:
        return ""
    away = round(kpi.value, kpi.decimals) - kpi.target
    text = formats.number(away, kpi.decimals, locale)
    return f"+{text}" if away > 0 and any(digit in text for digit in "123456789") else text


def _target_decimals(kpi: Kpi) -> int:
    """A target is a round number; it shows the digits of the value only where it has them."""
    return 0 if kpi.target is not None and float(kpi.target).is_integer() else kpi.decimals
